// Tells keys and passphrases that somebody could guess from random ones.

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

/**
 * Whether 32 bytes are not random: fewer than 16 distinct values (chance for a random key below 2^-51), printable ASCII
 * throughout (2^-45), or one constant step from each byte to the next (2^-240).
 */
export function isWeakKey(bytes: Uint8Array): boolean {
  if (new Set(bytes).size < minDistinctBytes) return true
  return bytes.every((byte) => byte >= 0x20 && byte <= 0x7e) || hasConstantStep(bytes)
}

function hasConstantStep(bytes: Uint8Array): boolean {
  const steps = new Set<number>()
  let previous: number | undefined
  for (const byte of bytes) {
    if (previous !== undefined) steps.add((byte - previous) & 0xff)
    previous = byte
  }
  return steps.size === 1
}

const minPassphraseUnits = 12
const minDistinctUnits = 6

/** Whether a passphrase is shorter than 12 characters, has fewer than 6 different ones, or is a known default. */
export function isWeakPassphrase(passphrase: string): boolean {
  if (passphrase.length < minPassphraseUnits || new Set(passphrase).size < minDistinctUnits) return true
  return isKnownDefault(passphrase)
}
