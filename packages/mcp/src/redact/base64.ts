// Letters of base64 and hex: the bits of a letter that two neighbours share, and the variants of an alphabet.

/** Some bits of a letter of base64: its upper ones, or its lower ones. */
export interface EdgeBits {
  readonly letter: string
  readonly bits: number
  readonly high: boolean
}

/** Whether the letter at a place has these bits. Undefined when no letter of base64 stands there. */
export function hasBits(text: string, at: number, { letter, bits, high }: EdgeBits): boolean | undefined {
  const found = sixBits(text.charCodeAt(at))
  if (found === undefined) return undefined
  const different = found ^ (sixBits(letter.charCodeAt(0)) ?? 0)
  return (high ? different >> (6 - bits) : different & ((1 << bits) - 1)) === 0
}

/** Whether a letter of either alphabet stands at a place. */
export function isBase64Letter(text: string, at: number): boolean {
  return sixBits(text.charCodeAt(at)) !== undefined
}

/** The value of a letter in either alphabet. */
function sixBits(code: number): number | undefined {
  if (code >= 65 && code <= 90) return code - 65
  if (code >= 97 && code <= 122) return code - 71
  if (code >= 48 && code <= 57) return code + 4
  if (code === 43 || code === 45) return 62
  return code === 47 || code === 95 ? 63 : undefined
}

/** A text of base64 in the alphabet for URLs and file names. */
export function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

/** Hex in small and in capital letters. */
export function letterCases(hex: string): readonly string[] {
  const upper = hex.toUpperCase()
  return upper === hex ? [hex] : [hex, upper]
}

/** The bytes of canonical base64 with padding; undefined for any other text. */
export function base64Bytes(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}
