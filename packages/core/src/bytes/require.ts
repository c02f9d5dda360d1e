// What plain JavaScript may pass to functions of the public entries: a wrong type throws TypeError and names the field.
import { types } from 'node:util'

/** Throws unless the value is a Uint8Array, of whatever realm. */
export function requireBytes(value: unknown, field: string): asserts value is Uint8Array {
  if (!types.isUint8Array(value)) throw new TypeError(`${field} must be a Uint8Array`)
}

export function requireText(value: unknown, field: string): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${field} must be a string`)
}

/** Any safe integer; ranges are the caller's. */
export function requireInteger(value: unknown, field: string): asserts value is number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${field} must be an integer`)
}

/** A Date that holds an instant. */
export function requireDate(value: unknown, field: string): asserts value is Date {
  if (!types.isDate(value) || Number.isNaN(value.getTime())) throw new TypeError(`${field} must be a valid Date`)
}

export function requireArray(value: unknown, field: string): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${field} must be an array`)
}

export function requireObject(value: unknown, field: string): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${field} must be an object`)
}

/** Whether a value is an object that has these functions, its own or inherited. */
export function hasFunctions<T extends object>(value: unknown, names: readonly (keyof T & string)[]): value is T {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}
