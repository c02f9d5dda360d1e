// The texts that a live value is looked for as: itself, its base64 at each alignment, and its hex.
import { isUtf8 } from 'node:buffer'
import { type EdgeBits, letterCases, urlSafe } from './base64.ts'

/** A text that gives a live value away. */
export interface Form<Owner> {
  readonly owner: Owner
  readonly text: string
  /** What base64 says of the value in the letters beside `text`, which are shared with its neighbours. */
  readonly before?: EdgeBits
  readonly after?: EdgeBits
}

/** The bytes and the text of a value, without blanks around it: those are no secret, and what uses a value trims them. */
export interface Plain {
  readonly bytes: Buffer
  /** Absent for bytes that are no UTF-8. */
  readonly text: string | undefined
}

export function plainOf(value: string | Uint8Array): Plain {
  if (typeof value === 'string') return plainText(value.trim())
  // A copy: the caller wipes its own bytes.
  const bytes = Buffer.from(value)
  return isUtf8(bytes) ? plainText(bytes.toString('utf8').trim()) : { bytes, text: undefined }
}

function plainText(text: string): Plain {
  return { bytes: Buffer.from(text, 'utf8'), text }
}

/** All forms of a value, no text twice. Escaped forms are not among them: the views of a text undo escapes. */
export function formsOf<Owner>({ bytes, text }: Plain, owner: Owner): readonly Form<Owner>[] {
  const forms: Form<Owner>[] = []
  // What `btoa` and older programs make of a text, where it differs from UTF-8.
  const latin1 = text !== undefined && /^[\0-\xff]*[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1') : undefined
  // Bytes are searched as Latin-1, so the bytes of a text are a text to look for as well.
  for (const each of new Set([text ?? '', bytes.toString('latin1')])) if (each !== '') forms.push({ owner, text: each })
  for (const each of latin1 === undefined ? [bytes] : [bytes, latin1]) {
    for (const hex of letterCases(each.toString('hex'))) forms.push({ owner, text: hex })
    for (const alignment of [0, 1, 2] as const) forms.push(...base64Forms(each, { owner, alignment }))
  }
  return forms
}

/** The letters of base64 that stand for the value alone, when so many bytes (modulo 3) come before it. */
function base64Forms<Owner>(
  bytes: Buffer,
  { owner, alignment }: { readonly owner: Owner; readonly alignment: 0 | 1 | 2 },
): readonly Form<Owner>[] {
  const encoded = Buffer.concat([Buffer.alloc(alignment), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const bits = (alignment + bytes.length) * 8
  const start = Math.ceil((alignment * 8) / 6)
  const end = Math.floor(bits / 6)
  const text = encoded.slice(start, end)
  const before =
    alignment === 0 ? {} : { before: { letter: encoded.charAt(start - 1), bits: alignment === 1 ? 4 : 2, high: false } }
  const after = bits % 6 === 0 ? {} : { after: { letter: encoded.charAt(end), bits: bits % 6, high: true } }
  return [...new Set([text, urlSafe(text)])].map((each) => ({ owner, text: each, ...before, ...after }))
}
