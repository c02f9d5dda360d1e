// A writing position in bytes that were allocated large enough beforehand, for the encoding of records.
import type { VaultErrorCode } from '../errors/index.ts'
import { maxTextBytes, textField, u64Field } from './fields.ts'

/** Where the next field goes, and the error code for a field that has no encoding. */
export interface Cursor {
  readonly bytes: Buffer
  at: number
  readonly refusal: VaultErrorCode
}

/** The maximum number of bytes that `putText` writes for this text. */
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
  putBytes(cursor, u64Field(value, cursor.refusal))
}

export function putBytes(cursor: Cursor, value: Uint8Array): void {
  cursor.bytes.set(value, cursor.at)
  cursor.at += value.length
}

/** u16 length, then UTF-8. */
export function putText(cursor: Cursor, text: string): void {
  putBytes(cursor, textField(text, cursor.refusal))
}
