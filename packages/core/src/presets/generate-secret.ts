// Strong random values, from the generator that browsers and Node share.

/** Options of `generateSecret`. */
export interface GenerateOptions {
  /** How much randomness: 16 to 1,024 bytes, default 32. */
  readonly bytes?: number
  /** The characters to use, 2 to 256 different ones; default those of base64url. */
  readonly alphabet?: string
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * A random value: as many characters as it takes for `bytes` bytes of randomness, each drawn evenly from the alphabet.
 * Throws TypeError for a wrong option.
 *
 * @example
 * console.log(generateSecret().length) // 43
 * console.log(generateSecret({ bytes: 16, alphabet: '0123456789abcdef' }).length) // 32
 */
export function generateSecret({ bytes = 32, alphabet = base64url }: GenerateOptions = {}): string {
  if (!Number.isSafeInteger(bytes) || bytes < 16 || bytes > 1_024)
    throw new TypeError('bytes must be an integer from 16 to 1,024')
  if (typeof alphabet !== 'string' || !alphabet.isWellFormed()) throw new TypeError('alphabet must be well-formed text')
  const characters = [...alphabet]
  if (characters.length < 2 || characters.length > 256) throw new TypeError('alphabet must have 2 to 256 characters')
  if (new Set(characters).size !== characters.length) throw new TypeError('alphabet must have each character once')
  const length = Math.ceil((bytes * 8) / Math.log2(characters.length))
  return drawn(characters, length)
}

/** Bytes at or above the last whole multiple of the alphabet are thrown away: a remainder would favor its beginning. */
function drawn(characters: readonly string[], length: number): string {
  const limit = 256 - (256 % characters.length)
  const random = new Uint8Array(1_024)
  const text: string[] = []
  while (text.length < length) {
    crypto.getRandomValues(random)
    for (const byte of random) {
      if (byte < limit && text.length < length) text.push(characters[byte % characters.length] ?? '')
    }
  }
  random.fill(0)
  return text.join('')
}
