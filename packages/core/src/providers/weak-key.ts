// Tells keys and passphrases that somebody could guess from random ones.
import { hasOrder, isRepeated } from './order.ts'

const knownDefaults = new Set([
  'secret',
  'secrets',
  'default',
  'default-key',
  'defaultkey',
  'changeme',
  'password',
  'passphrase',
  'master-key',
  'masterkey',
  'encryption-key',
  'your-secret-key',
  'your-encryption-key',
  'test',
  'example',
])
const knownPrefixes = ['change-me', 'change_me', 'changeme', 'development', 'default-', 'your-', 'example-', 'insert-']

/** Whether a text is, or begins as, a placeholder that documentation and sample files use. */
export function isKnownDefault(text: string): boolean {
  const folded = text.toLowerCase()
  return knownDefaults.has(folded) || knownPrefixes.some((prefix) => folded.startsWith(prefix))
}

const minDistinctBytes = 16
const minDistinctNibbles = 8

/**
 * Whether 32 bytes are not random. The chance that it takes a random key for one is below 2^-42 in all: fewer than 16
 * distinct bytes (2^-54) or 8 distinct nibbles (2^-62), typed text as bytes (2^-44), as hex (2^-43) or as base64url
 * (2^-50), and order among bytes or words (2^-50, in `order.ts`).
 */
export function isWeakKey(bytes: Uint8Array): boolean {
  if (new Set(bytes).size < minDistinctBytes) return true
  if (new Set(nibblesOf(bytes)).size < minDistinctNibbles) return true
  return isTyped(bytes) || hasOrder(bytes)
}

function nibblesOf(bytes: Uint8Array): readonly number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15])
}

/**
 * Printable ASCII with line ends, such as base64 that was encoded once more; decimal digits that were read as hex; words
 * in letters of one case, or digits, that were read as base64url.
 */
function isTyped(bytes: Uint8Array): boolean {
  const isText = bytes.every((byte) => (byte >= 0x20 && byte <= 0x7e) || byte === 9 || byte === 10 || byte === 13)
  if (isText || nibblesOf(bytes).every((nibble) => nibble < 10)) return true
  const sextets = sextetsOf(bytes)
  return base64urlRanges.some(([from, to]) =>
    sextets.every((sextet) => sextet >= 62 || (sextet >= from && sextet <= to)),
  )
}

/** The values of A to Z, a to z and 0 to 9; 62 and 63 are - and _. */
const base64urlRanges = [
  [0, 25],
  [26, 51],
  [52, 61],
] as const

/** The values of the characters of base64url, without making a text that nobody can wipe. */
function sextetsOf(bytes: Uint8Array): readonly number[] {
  return Array.from({ length: Math.ceil((bytes.length * 8) / 6) }, (_, index) => {
    const at = Math.floor((index * 6) / 8)
    const pair = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
    return (pair >> (10 - ((index * 6) % 8))) & 63
  })
}

const minPassphraseUnits = 12
const minDistinctUnits = 6

/**
 * Whether a passphrase is shorter than 12 characters, has fewer than 6 different ones, is a known default, a shorter text
 * again and again, or characters in a row, such as `abcdefghijkl` and `123456789012`.
 */
export function isWeakPassphrase(passphrase: string): boolean {
  if (passphrase.length < minPassphraseUnits || new Set(passphrase).size < minDistinctUnits) return true
  const units = Array.from({ length: passphrase.length }, (_, index) => passphrase.charCodeAt(index))
  for (let period = 1; period <= units.length / 2; period++) if (isRepeated(units, period)) return true
  return isKnownDefault(passphrase) || isRow(units)
}

function isRow(units: readonly number[]): boolean {
  const isDigits = units.every((unit) => unit >= 0x30 && unit <= 0x39)
  const modulus = isDigits ? 10 : 0x1_0000
  const steps = units.slice(1).map((unit, index) => (unit - (units[index] ?? 0) + modulus) % modulus)
  return new Set(steps).size === 1
}
