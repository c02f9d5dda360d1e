// The fields of the canonical encodings: numbers of a fixed length, and text behind its length. None of them is secret.
import { VaultError, type VaultErrorCode } from '../errors/index.ts'

/** The longest text of an encoding, in bytes of UTF-8. */
export const maxTextBytes = 0xffff
const loneSurrogate = /\p{Surrogate}/u

/** A non-negative safe integer as 8 bytes. Throws `refusal` for any other number. */
export function u64Field(value: number, refusal: VaultErrorCode): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new VaultError(refusal, { detail: 'A number is not a non-negative safe integer.' })
  }
  const field = Buffer.alloc(8)
  field.writeUInt32BE(Math.floor(value / 0x1_0000_0000))
  field.writeUInt32BE(value % 0x1_0000_0000, 4)
  return field
}

/**
 * u16 length, then UTF-8. Throws `refusal` for a text that is too long, and for a lone surrogate: all of them have the
 * same UTF-8, so two names would collide.
 */
export function textField(text: string, refusal: VaultErrorCode): Buffer {
  const field = Buffer.from(`\0\0${text}`)
  const size = field.length - 2
  if (size > maxTextBytes || (size > text.length && loneSurrogate.test(text))) {
    throw new VaultError(refusal, {
      detail: 'A text is not well-formed Unicode, or is longer than 65,535 bytes.',
    })
  }
  field.writeUInt16BE(size)
  return field
}

/** A vault id, which is of one length in every format: another length would shift the fields after it. */
export function vaultIdField(vaultId: Uint8Array, refusal: VaultErrorCode): Uint8Array {
  if (vaultId.length !== 16) throw new VaultError(refusal, { field: 'vaultId', detail: 'must be 16 bytes.' })
  return vaultId
}
