// Checks of JavaScript shapes at the border: wrong types are programmer mistakes and throw TypeError.
import { types } from 'node:util'
import { ownOptions } from '../../contracts/index.ts'
import { isPromiseLike } from '../../time/index.ts'

/** The own properties of the argument, which must be an object. What stands on a prototype is not read. */
export function parseObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return ownOptions(value)
  if (isPromiseLike(value)) throw new TypeError(`${field} must be an object, not a promise of one: await it`)
  throw new TypeError(`${field} must be an object`)
}

/** The same; absent is empty. */
export function parseOptional(value: unknown, field: string): Readonly<Record<string, unknown>> {
  return parseObject(value === undefined ? {} : value, field)
}

/**
 * Whether a value holds what it holds in its own keys. A promise, a Map, a Set, a Date or an array does not: read as
 * options they would count as none given.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return !isPromiseLike(value)
  return !(isPromiseLike(value) || Symbol.iterator in value || types.isDate(value) || types.isRegExp(value))
}

export function parseString(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new TypeError(`${field} must be a string`)
  return value
}

export function parseBoolean(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${field} must be a boolean`)
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

/** More than any list may have; some have a limit of their own. */
const maxEntries = 10_000

/** An array of strings, copied. */
export function parseStrings(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`${field} must be an array of strings`)
  if (value.length > maxEntries) throw new TypeError(`${field} must have at most 10,000 entries`)
  // Unlike map, this also looks at the holes of an array, which are no strings.
  return Array.from(value, (entry: unknown) => parseString(entry, field))
}

/** A safe integer of any size; ranges are the caller's. */
export function parseInteger(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new TypeError(`${field} must be an integer`)
  return value
}
