// Checks of JavaScript shapes at the border: wrong types are programmer mistakes and throw TypeError.
import { ownOptions } from '../../contracts/index.ts'

/** The own properties of the argument, which must be an object. What stands on a prototype is not read. */
export function parseObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (!isPlainObject(value)) throw new TypeError(`${field} must be an object`)
  return ownOptions(value)
}

/** The same; absent is empty. */
export function parseOptional(value: unknown, field: string): Readonly<Record<string, unknown>> {
  return parseObject(value === undefined ? {} : value, field)
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parseString(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new TypeError(`${field} must be a string`)
  return value
}

/** An AbortSignal, or undefined. */
export function parseSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined
  if (!(value instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal')
  return value
}

/** A Date that holds an instant, copied. */
export function parseDate(value: unknown, field: string): Date {
  if (!(value instanceof Date)) throw new TypeError(`${field} must be a Date`)
  const at = new Date(value.getTime())
  if (Number.isNaN(at.getTime())) throw new TypeError(`${field} must be a valid Date`)
  return at
}

/** An array of strings, copied. */
export function parseStrings(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`${field} must be an array of strings`)
  return value.map((entry: unknown) => parseString(entry, field))
}

/** A safe integer of any size; ranges are the caller's. */
export function parseInteger(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new TypeError(`${field} must be an integer`)
  return value
}
