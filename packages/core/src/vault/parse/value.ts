// Values to store: text, bytes, or a map of named strings, each turned into the plaintext of an envelope.
import { utf8Bytes } from '../../bytes/index.ts'
import type { ValueEncoding } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { isPlainObject } from './shapes.ts'

/** What a caller may store. */
export type SecretInput = string | Uint8Array | Readonly<Record<string, string>>

/** A value ready to seal. The bytes are the vault's own copy, wiped after use. */
export interface ParsedValue {
  readonly encoding: ValueEncoding
  readonly plaintext: Buffer
}

const maxFields = 100

/** Checks and copies a value. Wrong types throw TypeError; wrong sizes and texts `VAULT_VALUE_INVALID`. */
export function parseValue(value: unknown, maxBytes: number): ParsedValue {
  if (typeof value === 'string') return bounded({ encoding: 'text', plaintext: textBytes(value, maxBytes) }, maxBytes)
  if (value instanceof Uint8Array) {
    if (value.length > maxBytes) throw tooLarge()
    const plaintext = Buffer.alloc(value.length)
    plaintext.set(value)
    return bounded({ encoding: 'bytes', plaintext }, maxBytes)
  }
  if (!isPlainObject(value)) throw new TypeError('value must be a string, a Uint8Array, or an object of strings')
  return fieldsValue(parseFields(value), maxBytes)
}

/** The plaintext of named strings: a JSON object in canonical form (RFC 8785). */
export function fieldsValue(fields: ReadonlyMap<string, string>, maxBytes: number): ParsedValue {
  if (fields.size === 0) throw invalid('must have at least one field.')
  if (fields.size > maxFields) throw invalid('must have at most 100 fields.')
  // Sorted by UTF-16 code units, as RFC 8785 wants; JSON.stringify of a whole object would put number-like names first.
  const members = [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)
  return bounded({ encoding: 'fields', plaintext: textBytes(`{${members.join(',')}}`, maxBytes) }, maxBytes)
}

/** Field names and values as given to `patch`, where null removes a field. */
export function parsePatch(value: unknown): ReadonlyMap<string, string | null> {
  if (!isPlainObject(value)) throw new TypeError('fields must be an object of strings or nulls')
  const removed = Object.keys(value).filter((name) => value[name] === null)
  const kept = Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
  for (const name of removed) checkFieldName(name)
  const changes = new Map<string, string | null>([
    ...parseFields(kept),
    ...removed.map((name) => [name, null] as const),
  ])
  if (changes.size === 0) throw invalid('must name at least one field.', 'fields')
  return changes
}

function parseFields(value: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, field] of Object.entries(value)) {
    checkFieldName(name)
    if (typeof field !== 'string') throw new TypeError('each field of a value must be a string')
    if (field === '') throw invalid('must have no empty field.')
    if (!field.isWellFormed()) throw invalid('must have only fields of well-formed text, without lone surrogates.')
    fields.set(name, field)
  }
  return fields
}

function checkFieldName(name: string): void {
  if (name === '' || name.length > 256) throw invalid('must have only field names of 1 to 256 characters.')
  if (!name.isWellFormed()) throw invalid('must have only field names of well-formed text.')
}

function textBytes(text: string, maxBytes: number): Buffer {
  if (text.length > maxBytes) throw tooLarge()
  if (!text.isWellFormed())
    throw invalid('must be well-formed text, without lone surrogates; store other data as bytes.')
  return utf8Bytes(text)
}

function bounded(value: ParsedValue, maxBytes: number): ParsedValue {
  if (value.plaintext.length === 0) throw invalid('must not be empty.')
  if (value.plaintext.length > maxBytes) throw tooLarge()
  return value
}

function tooLarge(): VaultError {
  return invalid('must be at most as large as limits.valueBytes allows (65,536 bytes by default).')
}

function invalid(detail: string, field = 'value'): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', { detail, field })
}
