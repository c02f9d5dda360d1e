// Seals and opens one value: the MCV1 format.
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { cipherKey, copyBytes, encodeHex, view, wipe } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { encodeContext, type ValueContext } from './context.ts'
import { kdf, labels } from './kdf.ts'

/** The largest plaintext, in bytes, unless a vault says otherwise. */
export const defaultMaxValueBytes = 65_536
/** The largest plaintext, in bytes, that the format takes. */
export const formatMaxValueBytes = 1_048_576
/** How many bytes longer an envelope is than its plaintext. */
export const envelopeOverheadBytes = 104

/** Magic, format version, suite, flags and reserved bytes. */
const formatHeader = Buffer.from('4d43560101000000', 'hex')
const saltAt = 24
const saltBytes = 32
const ivAt = 44
const headerBytes = 56
const bodyAt = 88
const gcmOptions = Object.freeze({ authTagLength: 16 })

/** One value on its way into an envelope. */
export interface SealRequest {
  /** 32 bytes of key. */
  readonly dek: KeyObject
  /** 16 bytes. */
  readonly dekId: Uint8Array
  readonly context: ValueContext
  readonly plaintext: Uint8Array
  /** Default 65,536; at most 1 MiB. */
  readonly maxValueBytes?: number
}

/** One envelope, and the context that the caller expects it to be of. */
export interface OpenRequest {
  /** The key whose id is in the envelope. */
  readonly dek: KeyObject
  readonly context: ValueContext
  readonly envelope: Uint8Array
  /** Default 65,536; at most 1 MiB. */
  readonly maxValueBytes?: number
}

/** Seals a value under a fresh salt. Throws `VAULT_VALUE_INVALID` when it is too long. */
export function sealValue(request: SealRequest): Buffer {
  return sealWith(request, randomBytes(saltBytes))
}

/** `sealValue` with the salt as an argument, for known answers; not for use by other folders. */
export function sealWith({ dek, dekId, context, plaintext, maxValueBytes }: SealRequest, salt: Uint8Array): Buffer {
  if (plaintext.length > valueLimit(maxValueBytes))
    throw new VaultError('VAULT_VALUE_INVALID', {
      field: 'value',
      detail: 'must be at most as large as limits.valueBytes allows.',
    })
  if (dekId.length !== 16) throw new TypeError('dekId must be 16 bytes')
  const header = Buffer.concat([formatHeader, dekId, salt])
  const { derived, additionalData } = derivePayloadKeys({ dek, context, header })
  try {
    const key = cipherKey(derived.subarray(0, 32))
    const cipher = createCipheriv('aes-256-gcm', key, header.subarray(ivAt), gcmOptions)
    cipher.setAAD(additionalData)
    const ciphertext = cipher.update(plaintext)
    cipher.final()
    return copyBytes(Buffer.concat([header, derived.subarray(32), ciphertext, cipher.getAuthTag()]))
  } finally {
    wipe(derived)
  }
}

/**
 * Opens an envelope: the plaintext in memory of its own, which the caller wipes. Throws `VAULT_ENVELOPE_INVALID` and
 * `VAULT_ENVELOPE_UNSUPPORTED` for bytes that are no envelope, and `VAULT_OPEN_FAILED` for every other reason.
 */
export function openValue({ dek, context, envelope, maxValueBytes }: OpenRequest): Buffer {
  checkStructure(envelope, valueLimit(maxValueBytes))
  const header = envelope.subarray(0, headerBytes)
  const { derived, additionalData } = derivePayloadKeys({ dek, context, header })
  try {
    if (!timingSafeEqual(derived.subarray(32), envelope.subarray(headerBytes, bodyAt))) throw openFailed()
    const key = cipherKey(derived.subarray(0, 32))
    const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(ivAt), gcmOptions)
    const tagAt = envelope.length - 16
    decipher.setAAD(additionalData)
    decipher.setAuthTag(envelope.subarray(tagAt))
    const plaintext = decipher.update(envelope.subarray(bodyAt, tagAt))
    try {
      decipher.final()
    } catch {
      wipe(plaintext)
      throw openFailed()
    }
    return plaintext
  } finally {
    wipe(derived)
  }
}

/** What an envelope says without being opened. */
export interface ParsedSealedValue {
  /** 32 hex digits. */
  readonly dekId: string
  /** 32 bytes, which tell this sealing from every other. */
  readonly commitment: Buffer
}

/** Checks bounds and header. Throws `VAULT_ENVELOPE_INVALID` and `VAULT_ENVELOPE_UNSUPPORTED`. */
export function parseSealedValue(envelope: Uint8Array): ParsedSealedValue {
  checkStructure(envelope, formatMaxValueBytes)
  return {
    dekId: encodeHex(envelope.subarray(8, saltAt)),
    commitment: Buffer.from(envelope.subarray(headerBytes, bodyAt)),
  }
}

/** Whether an envelope is this very sealing under this key. Says nothing of its header; `openValue` checks that. */
export function isSealing(
  envelope: Uint8Array,
  { dekId, commitment }: { readonly dekId: Uint8Array; readonly commitment: Uint8Array },
): boolean {
  return (
    envelope.length >= envelopeOverheadBytes &&
    view(envelope).compare(dekId, 0, 16, 8, saltAt) === 0 &&
    view(envelope).compare(commitment, 0, 32, headerBytes, bodyAt) === 0
  )
}

function checkStructure(envelope: Uint8Array, maxValueBytes: number): void {
  const plaintextBytes = envelope.length - envelopeOverheadBytes
  if (plaintextBytes < 0 || plaintextBytes > maxValueBytes) throw new VaultError('VAULT_ENVELOPE_INVALID')
  const header = view(envelope).subarray(0, formatHeader.length)
  if (!header.equals(formatHeader)) throw badHeader(header)
}

function badHeader(header: Buffer): VaultError {
  const isSealedValue = header.subarray(0, 3).equals(formatHeader.subarray(0, 3))
  const isSupported = header.readUInt8(3) === 1 && header.readUInt8(4) === 1
  return new VaultError(isSealedValue && !isSupported ? 'VAULT_ENVELOPE_UNSUPPORTED' : 'VAULT_ENVELOPE_INVALID')
}

interface PayloadRequest {
  readonly dek: KeyObject
  readonly context: ValueContext
  /** The first 56 bytes of the envelope. */
  readonly header: Uint8Array
}

/** The encryption key (32 bytes) and the commitment (32 bytes), which the caller wipes, and the additional data of GCM. */
function derivePayloadKeys({ dek, context, header }: PayloadRequest): { derived: Buffer; additionalData: Buffer } {
  const additionalData = Buffer.concat([header, encodeContext(context)])
  return { derived: kdf(dek, labels.payload, additionalData), additionalData }
}

function valueLimit(maxValueBytes = defaultMaxValueBytes): number {
  return Math.min(maxValueBytes, formatMaxValueBytes)
}

function openFailed(): VaultError {
  return new VaultError('VAULT_OPEN_FAILED')
}
