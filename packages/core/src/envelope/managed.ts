// What a vault manages for a secret, as canonical bytes: a map from short names to bytes, under the record seal.
import { types } from 'node:util'
import { requireBytes, requireText, view } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'

const formatVersion = 1
const maxEntries = 32
const maxValueBytes = 0xffff
const namePattern = /^[a-z][a-z0-9.-]{0,31}$/

/**
 * The canonical bytes of a map: no bytes for an empty one; else the format version (01), the number of entries, and each
 * entry in ascending order of its name: u8 length and name, u16 length and value. Throws `VAULT_VALUE_INVALID` for more
 * than 32 entries, a name that is not 1 to 32 of `a-z 0-9 . -` with a letter first, and a value above 65,535 bytes.
 *
 * @example
 * const managed = encodeManaged(new Map([['hosts', new TextEncoder().encode('api.example.com')]]))
 */
export function encodeManaged(entries: ReadonlyMap<string, Uint8Array>): Buffer {
  if (!types.isMap(entries)) throw new TypeError('entries must be a Map')
  if (entries.size === 0) return Buffer.alloc(0)
  if (entries.size > maxEntries) throw unencodable('must have at most 32 entries.')
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([
    Uint8Array.of(formatVersion, entries.size),
    ...sorted.flatMap(([name, value]) => [...encodeName(name), ...encodeValue(value)]),
  ])
}

/**
 * The map of canonical bytes; its values are copies. Throws `VAULT_ENVELOPE_UNSUPPORTED` for another format version and
 * `VAULT_ENVELOPE_INVALID` for any bytes that `encodeManaged` would not write.
 *
 * @example
 * const hosts = decodeManaged(managed).get('hosts')
 */
export function decodeManaged(bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  requireBytes(bytes, 'bytes')
  const entries = new Map<string, Buffer>()
  if (bytes.length === 0) return entries
  const source = view(bytes)
  if (source.readUInt8(0) !== formatVersion) throw new VaultError('VAULT_ENVELOPE_UNSUPPORTED')
  const count = source[1] ?? 0
  if (count < 1 || count > maxEntries) throw invalid()
  let at = 2
  let before = ''
  for (let entry = 0; entry < count; entry++) {
    const { name, value, end } = decodeEntry(source, at)
    if (name <= before) throw invalid()
    entries.set(name, value)
    before = name
    at = end
  }
  if (at !== source.length) throw invalid()
  return entries
}

function encodeName(name: string): readonly Uint8Array[] {
  requireText(name, 'entries')
  if (!namePattern.test(name)) throw unencodable('must have names of 1 to 32 of a-z, 0-9, . and -, a letter first.')
  return [Uint8Array.of(name.length), Buffer.from(name)]
}

function encodeValue(value: Uint8Array): readonly Uint8Array[] {
  requireBytes(value, 'entries')
  if (value.length > maxValueBytes) throw unencodable('must have values of at most 65,535 bytes.')
  return [Uint8Array.of(value.length >> 8, value.length & 0xff), value]
}

/** The end of a value that is cut short lies beyond the bytes, where no map ends. */
function decodeEntry(source: Buffer, start: number): { name: string; value: Buffer; end: number } {
  const nameAt = start + 1
  const valueAt = nameAt + (source[start] ?? 0) + 2
  if (source.length < valueAt) throw invalid()
  const name = source.toString('latin1', nameAt, valueAt - 2)
  const end = valueAt + source.readUInt16BE(valueAt - 2)
  if (!namePattern.test(name)) throw invalid()
  return { name, value: Buffer.from(source.subarray(valueAt, end)), end }
}

function unencodable(detail: string): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', { field: 'managed', detail })
}

function invalid(): VaultError {
  return new VaultError('VAULT_ENVELOPE_INVALID')
}
