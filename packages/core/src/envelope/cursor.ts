// A writing position in bytes that were allocated large enough beforehand: the fast writer of the formats sealed on every call.
import { VaultError, type VaultErrorCode } from '../errors/index.ts'

/** Where the next field goes, and the error code for a field that has no encoding. */
export interface Cursor {
  readonly bytes: Buffer
  at: number
  readonly refusal: VaultErrorCode
}

const maxTextBytes = 0xffff

/** The most bytes that `putText` writes for this text. */
export function textCapacity(text: string): number {
  return 2 + 3 * Math.min(text.length, maxTextBytes)
}

export function putU8(cursor: Cursor, value: number): void {
  cursor.bytes[cursor.at++] = value
}

export function putU16(cursor: Cursor, value: number): void {
  cursor.at = cursor.bytes.writeUInt16BE(value, cursor.at)
}

export function putU32(cursor: Cursor, value: number): void {
  cursor.at = cursor.bytes.writeUInt32BE(value, cursor.at)
}

/** A non-negative safe integer as 8 bytes. */
export function putU64(cursor: Cursor, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new VaultError(cursor.refusal, { detail: 'A number is not a non-negative safe integer.' })
  }
  putU32(cursor, Math.floor(value / 0x1_0000_0000))
  putU32(cursor, value % 0x1_0000_0000)
}

export function putBytes(cursor: Cursor, value: Uint8Array): void {
  cursor.bytes.set(value, cursor.at)
  cursor.at += value.length
}

const shortTextUnits = 64
const loneSurrogate = /\p{Surrogate}/u

/** u16 length, then UTF-8. Refuses a lone surrogate: all of them have the same UTF-8, so two names would collide. */
export function putText(cursor: Cursor, text: string): void {
  if (text.length > maxTextBytes) throw refusedText(cursor)
  const { bytes } = cursor
  const start = cursor.at + 2
  const size = putShortAscii(cursor, text) ? text.length : bytes.write(text, start, 'utf8')
  if (size > maxTextBytes || (size > text.length && loneSurrogate.test(text))) throw refusedText(cursor)
  bytes.writeUInt16BE(size, cursor.at)
  cursor.at = start + size
}

// A call into native code costs more than a short loop, and nearly every name is short and ASCII.
function putShortAscii({ bytes, at }: Cursor, text: string): boolean {
  if (text.length > shortTextUnits) return false
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) return false
    bytes[at + 2 + index] = unit
  }
  return true
}

function refusedText(cursor: Cursor): VaultError {
  return new VaultError(cursor.refusal, {
    detail: 'A text is not well-formed Unicode, or is longer than 65,535 bytes.',
  })
}
