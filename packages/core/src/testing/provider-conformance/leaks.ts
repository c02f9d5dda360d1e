// Looks for the bytes of a key in all that a logger would show of an error or an object.
import { KeyObject } from 'node:crypto'

/** So many values are looked at; an error has far fewer. */
const maxValues = 20_000

/** Whether a text, bytes or a key among the properties of a value hold any of the secrets, in a usual form. */
export function holdsBytes(value: unknown, secrets: readonly Uint8Array[]): boolean {
  const needles = secrets.map((secret) => Buffer.from(secret))
  const seen = new Set<unknown>()
  const waiting: unknown[] = [value]
  while (waiting.length > 0 && seen.size < maxValues) {
    const next = waiting.pop()
    if (seen.has(next)) continue
    seen.add(next)
    if (needles.some((needle) => isHolder(next, needle))) return true
    if (typeof next === 'object' && next !== null && !ArrayBuffer.isView(next)) waiting.push(...partsOf(next))
  }
  return false
}

function isHolder(value: unknown, secret: Buffer): boolean {
  if (typeof value === 'string') return formsOf(secret).some((form) => value.includes(form)) || hasHex(value, secret)
  if (value instanceof Uint8Array) return Buffer.from(value).includes(secret)
  if (value instanceof KeyObject) return value.type === 'secret' && value.export().includes(secret)
  return Array.isArray(value) && value.slice(0, maxValues).join(',').includes(secret.join(','))
}

function hasHex(text: string, secret: Buffer): boolean {
  return text.toLowerCase().includes(secret.toString('hex'))
}

/** A base64 text without its last character, which depends on what follows. */
function formsOf(secret: Buffer): readonly string[] {
  const [base64, base64url] = [secret.toString('base64'), secret.toString('base64url')]
  return [base64.slice(0, 42), base64url.slice(0, 42), secret.toString('latin1'), secret.join(','), secret.join(', ')]
}

/** The message, stack and cause of an error, what a collection holds, and properties that are no getters. */
function partsOf(value: object): readonly unknown[] {
  const named = value instanceof Error ? [value.message, value.stack, value.cause] : []
  const items = value instanceof Map || value instanceof Set ? [...value.entries()] : []
  const own = Object.values(Object.getOwnPropertyDescriptors(value)).filter(({ enumerable }) => enumerable === true)
  return [...named, ...items, ...own.map((property): unknown => property.value)]
}
