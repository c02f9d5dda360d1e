// One share as text: base32 in groups of four characters, with all that tells whether it is whole and belongs to others.
import { createHash } from 'node:crypto'
import { VaultError } from '@mcpvault/core'

/** What one share says. */
export interface Share {
  /** The first bytes of the hash of the public half: shares of one key have the same. */
  readonly set: Uint8Array
  /** How many shares give the key. */
  readonly needed: number
  /** The share of the secret: 33 bytes. */
  readonly bytes: Uint8Array
}

export const setBytes = 4
const shareBytes = 33
const checkBytes = 4
const formatVersion = 1
const bodyBytes = 2 + setBytes + shareBytes
const totalBytes = bodyBytes + checkBytes
/** Crockford's base32: without I, L, O and U, which are easily misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const label = 'mcpvault/1/share'

/** The text of a share. */
export function formatShare({ set, needed, bytes }: Share): string {
  const body = Buffer.concat([Uint8Array.of(formatVersion, needed), set, bytes])
  return encodeBase32(Buffer.concat([body, checkOf(body)])).replace(/.{4}(?=.)/g, '$&-')
}

/** Reads a share. `place` is where it stands among those that were given, from 1. Throws `VAULT_CONFIG_INVALID`. */
export function parseShare(text: unknown, place: number): Share {
  if (typeof text !== 'string') throw invalidShares('must be texts.')
  const bytes = decodeBase32(text.toUpperCase().replace(/[\s-]/g, ''))
  if (bytes?.length !== totalBytes) throw invalidShares(`must be whole shares; share ${place} is not.`)
  const body = bytes.subarray(0, bodyBytes)
  if (!checkOf(body).equals(bytes.subarray(bodyBytes)))
    throw invalidShares(`must be as they were printed; share ${place} has a wrong character.`)
  const [version, needed = 0] = body
  if (version !== formatVersion) throw invalidShares(`must be of format 1; share ${place} is of another.`)
  return { set: body.subarray(2, 2 + setBytes), needed, bytes: new Uint8Array(body.subarray(2 + setBytes)) }
}

export function invalidShares(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'shares', detail })
}

function checkOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(label).update(body).digest().subarray(0, checkBytes)
}

function encodeBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => alphabet.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('')
}

/** Undefined for another character, and for a text that is not the encoding of its bytes. */
function decodeBase32(text: string): Buffer | undefined {
  // As Crockford says, these are read as what they look like.
  const plain = text.replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  const digits = [...plain].map((character) => alphabet.indexOf(character))
  if (digits.includes(-1)) return undefined
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return encodeBase32(bytes) === plain ? bytes : undefined
}
