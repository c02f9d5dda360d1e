// The private half of a recovery key, split: any k of n shares give it, and fewer say nothing of it.
import { createHash } from 'node:crypto'
import { recoveryPublicKey, VaultError } from '@mcpvault/core'
import { combine, split } from 'shamir-secret-sharing'
import { privateKeyBytes, privateKeyText } from './private-key.ts'
import { formatShare, invalidShares, parseShare, type Share, setBytes } from './share-text.ts'

/** How a key is split. */
export interface SplitOptions {
  /** How many shares to make: 2 to 255. */
  readonly shares: number
  /** How many of them give the key: 2 to `shares`. */
  readonly needed: number
}

const maxShares = 255

/**
 * Splits a private half into shares, to be given to different people. Each is 69 characters in groups of four, and has a
 * checksum. Throws `VAULT_CONFIG_INVALID` for a text that is no private half, and for numbers that cannot be.
 *
 * @example
 * const shares = await splitRecoveryKey(privateKey, { shares: 5, needed: 3 })
 */
export async function splitRecoveryKey(
  privateKey: string,
  { shares, needed }: SplitOptions,
): Promise<readonly string[]> {
  checkCount('shares', shares, maxShares)
  checkCount('needed', needed, shares)
  const set = setOf(privateKey)
  const secret = privateKeyBytes(privateKey)
  try {
    return (await split(secret, shares, needed)).map((bytes) => formatShare({ set, needed, bytes }))
  } finally {
    secret.fill(0)
  }
}

/**
 * The private half from enough of its shares, in any order; more than enough are fine. Blanks, dashes and capitals do not
 * matter. Throws `VAULT_CONFIG_INVALID` and says which share is mistyped, is of another key or is given twice, and how
 * many are missing.
 *
 * @example
 * const privateKey = await combineRecoveryShares([first, second, third])
 */
export async function combineRecoveryShares(shares: readonly string[]): Promise<string> {
  if (!Array.isArray(shares) || shares.length === 0 || shares.length > maxShares)
    throw invalidShares('must be 1 to 255 shares.')
  const parsed = Array.from<unknown, Share>(shares, (text, index) => parseShare(text, index + 1))
  const [first] = parsed
  if (first === undefined) throw invalidShares('must be 1 to 255 shares.')
  checkSet(parsed, first)
  if (parsed.length < first.needed) throw invalidShares(`must be ${first.needed}, and are ${parsed.length}.`)
  const privateKey = privateKeyText(await combine(parsed.map(({ bytes }) => bytes)))
  for (const { bytes } of parsed) bytes.fill(0)
  if (!setOf(privateKey).equals(first.set))
    throw invalidShares('must be of one splitting of a key; one of them is of another, such as an earlier one.')
  return privateKey
}

function checkSet(parsed: readonly Share[], first: Share): void {
  const places = new Map<number | undefined, { readonly number: number; readonly bytes: Uint8Array }>()
  for (const [index, { set, needed, bytes }] of parsed.entries()) {
    if (needed !== first.needed || !Buffer.from(set).equals(first.set))
      throw invalidShares(`must be of one key; share ${index + 1} is of another than share 1.`)
    // The last byte of a share is its place on the curve.
    const place = bytes.at(-1)
    const other = places.get(place)
    if (other !== undefined && !Buffer.from(bytes).equals(other.bytes))
      throw invalidShares(
        `must be of one splitting of a key; share ${index + 1} is of another than share ${other.number}.`,
      )
    if (other !== undefined)
      throw invalidShares(`must be different; share ${index + 1} is share ${other.number} again.`)
    places.set(place, { number: index + 1, bytes })
  }
}

function setOf(privateKey: string): Buffer {
  return createHash('sha256').update(recoveryPublicKey(privateKey)).digest().subarray(0, setBytes)
}

function checkCount(field: string, count: number, max: number): void {
  if (Number.isSafeInteger(count) && count >= 2 && count <= max) return
  throw new VaultError('VAULT_CONFIG_INVALID', { field, detail: `must be an integer from 2 to ${max}.` })
}
