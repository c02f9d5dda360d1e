// The canonical encodings, field by field: numbers of a fixed length, and text behind its length. None of them is secret.
import { VaultError, type VaultErrorCode } from '../errors/index.ts'

/** An encoding while it is written. */
export interface Encoding {
  bytes: Buffer
  /** Where the next field goes. */
  at: number
  /** The code of the error for what has no encoding. */
  readonly refusal: VaultErrorCode
}

/** The longest text of an encoding, in bytes of UTF-8. */
const maxTextBytes = 0xffff
const vaultIdBytes = 16
const loneSurrogate = /\p{Surrogate}/u

/** Begins an encoding. It grows as needed; as long as expected, it is never copied. */
export function startEncoding(refusal: VaultErrorCode, expectedBytes: number): Encoding {
  return { bytes: Buffer.allocUnsafe(expectedBytes), at: 0, refusal }
}

/** What was written. */
export function encoded({ bytes, at }: Encoding): Buffer {
  return bytes.subarray(0, at)
}

export function putU8(to: Encoding, value: number): void {
  reserve(to, 1)
  to.at = to.bytes.writeUInt8(value, to.at)
}

export function putU16(to: Encoding, value: number): void {
  reserve(to, 2)
  to.at = to.bytes.writeUInt16BE(value, to.at)
}

export function putU32(to: Encoding, value: number): void {
  reserve(to, 4)
  to.at = to.bytes.writeUInt32BE(value, to.at)
}

/** A non-negative safe integer as 8 bytes. Throws the refusal for any other number. */
export function putU64(to: Encoding, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new VaultError(to.refusal, { detail: 'A number is not a non-negative safe integer.' })
  }
  reserve(to, 8)
  to.bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), to.at)
  to.at = to.bytes.writeUInt32BE(value % 0x1_0000_0000, to.at + 4)
}

/**
 * u16 length, then UTF-8. Throws the refusal for a text that is too long, and for a lone surrogate: all of them have the
 * same UTF-8, so two names would collide.
 */
export function putText(to: Encoding, text: string): void {
  // A store may return anything for a text of a record.
  const size = typeof text === 'string' ? Buffer.byteLength(text) : Number.POSITIVE_INFINITY
  if (size > maxTextBytes || (size > text.length && loneSurrogate.test(text))) {
    throw new VaultError(to.refusal, {
      detail: 'A text is not well-formed Unicode, or is longer than 65,535 bytes.',
    })
  }
  reserve(to, 2 + size)
  const start = to.bytes.writeUInt16BE(size, to.at)
  to.at = start + to.bytes.write(text, start)
}

export function putBytes(to: Encoding, value: Uint8Array): void {
  reserve(to, value.length)
  to.bytes.set(value, to.at)
  to.at += value.length
}

/** A vault id, which is of one length in every format: another length would shift the fields after it. */
export function putVaultId(to: Encoding, vaultId: Uint8Array): void {
  if (vaultId.length !== vaultIdBytes) {
    throw new VaultError(to.refusal, { field: 'vaultId', detail: 'must be 16 bytes.' })
  }
  putBytes(to, vaultId)
}

function reserve(to: Encoding, bytes: number): void {
  const needed = to.at + bytes
  if (needed > to.bytes.length) to.bytes = Buffer.concat([to.bytes], Math.max(needed, 2 * to.bytes.length))
}
