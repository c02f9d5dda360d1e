// Finds a secret in bytes, in every encoding that it may be written in.

/** An encoding of a value. */
export type Writing = 'raw' | 'hex' | 'HEX' | 'base64' | 'base64url' | 'utf16le' | 'utf16be' | 'json'

/** The encoding in which `haystack` contains `value`, or undefined. The value must have eight bytes or more. */
export function writingIn(haystack: Uint8Array | string, value: Uint8Array): Writing | undefined {
  const bytes = typeof haystack === 'string' ? Buffer.from(haystack, 'utf8') : Buffer.from(haystack)
  for (const [writing, needle] of needlesOf(value)) if (bytes.includes(needle)) return writing
  return undefined
}

function needlesOf(value: Uint8Array): readonly (readonly [Writing, Buffer])[] {
  const bytes = Buffer.from(value)
  const text = bytes.toString('utf8')
  const hex = bytes.toString('hex')
  const utf16 = Buffer.from(text, 'utf16le')
  return [
    ['raw', bytes],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ...wholeDigits(bytes).flatMap(
      (digits) =>
        [
          ['base64', Buffer.from(digits)],
          ['base64url', Buffer.from(digits.replaceAll('+', '-').replaceAll('/', '_'))],
        ] as const,
    ),
    ['utf16le', utf16],
    ['utf16be', Buffer.from(utf16).swap16()],
    ['json', Buffer.from(JSON.stringify(text).slice(1, -1))],
  ]
}

/** The base64 digits that the value alone decides, for each place that it can have among other bytes. */
function wholeDigits(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const end = bytes.length - ((shift + bytes.length) % 3)
    const digits = Buffer.concat([Buffer.alloc(shift), bytes.subarray(0, end)]).toString('base64')
    return digits.slice(shift === 0 ? 0 : shift + 1)
  })
}
