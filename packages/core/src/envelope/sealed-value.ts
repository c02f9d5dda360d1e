// Seals and opens one value: the MCV1 format.
import { createCipheriv, createDecipheriv, type KeyObject, timingSafeEqual } from 'node:crypto'
import { encodeHex, view, wipe } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { cipherKey } from './cipher-key.ts'
import { contextCapacity, putContext, type ValueContext } from './context.ts'
import { beginKdfMessage, finishKdf, kdfContextStart, labels } from './kdf.ts'
import { putSalt } from './salt.ts'

/** The largest plaintext, in bytes, unless a vault says otherwise. */
export const defaultMaxValueBytes = 65_536
/** The largest plaintext, in bytes, that the format takes. */
export const formatMaxValueBytes = 1_048_576
/** How many bytes longer an envelope is than its plaintext. */
export const envelopeOverheadBytes = 104

const magicAndVersion = 0x4d435601
const suiteAndReserved = 0x01000000
const saltAt = 24
const ivAt = 44
const headerBytes = 56
const bodyAt = 88
const messageHeaderAt = kdfContextStart(labels.payload)

// Sealing and opening are synchronous, so one set of buffers serves all calls: each view of a larger buffer made for a
// call into native code costs a quarter of a microsecond, and a call would make six. The key is wiped after each use.
const encryptionKey = Buffer.allocUnsafeSlow(32)
const commitment = Buffer.allocUnsafeSlow(32)
const storedCommitment = Buffer.allocUnsafeSlow(32)
const iv = Buffer.allocUnsafeSlow(12)
const tag = Buffer.allocUnsafeSlow(16)
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
  return sealWith(request, putSalt)
}

/** `sealValue` with the salt's source as an argument, for known answers; not for use by other folders. */
export function sealWith(
  { dek, dekId, context, plaintext, maxValueBytes }: SealRequest,
  writeSalt: (target: Uint8Array, at: number) => void,
): Buffer {
  if (plaintext.length > valueLimit(maxValueBytes)) throw new VaultError('VAULT_VALUE_INVALID', { field: 'value' })
  if (dekId.length !== 16) throw new TypeError('dekId must be 16 bytes')
  const envelope = Buffer.allocUnsafeSlow(envelopeOverheadBytes + plaintext.length)
  envelope.writeUInt32BE(magicAndVersion, 0)
  envelope.writeUInt32BE(suiteAndReserved, 4)
  envelope.set(dekId, 8)
  writeSalt(envelope, saltAt)
  const additionalData = derivePayloadKeys({ dek, context, envelope })
  try {
    envelope.set(commitment, headerBytes)
    const cipher = createCipheriv('aes-256-gcm', cipherKey(encryptionKey), iv, gcmOptions)
    cipher.setAAD(additionalData)
    envelope.set(cipher.update(plaintext), bodyAt)
    cipher.final()
    envelope.set(cipher.getAuthTag(), bodyAt + plaintext.length)
    return envelope
  } finally {
    wipe(encryptionKey)
  }
}

/**
 * Opens an envelope: the plaintext in memory of its own, which the caller wipes. Throws `VAULT_ENVELOPE_INVALID` and
 * `VAULT_ENVELOPE_UNSUPPORTED` for bytes that are no envelope, and `VAULT_OPEN_FAILED` for every other reason.
 */
export function openValue({ dek, context, envelope, maxValueBytes }: OpenRequest): Buffer {
  checkStructure(envelope, valueLimit(maxValueBytes))
  const additionalData = derivePayloadKeys({ dek, context, envelope })
  try {
    copyFrom(storedCommitment, { source: envelope, at: headerBytes })
    if (!timingSafeEqual(commitment, storedCommitment)) throw openFailed()
    const tagAt = envelope.length - 16
    copyFrom(tag, { source: envelope, at: tagAt })
    const decipher = createDecipheriv('aes-256-gcm', cipherKey(encryptionKey), iv, gcmOptions)
    decipher.setAAD(additionalData)
    decipher.setAuthTag(tag)
    const plaintext = decipher.update(envelope.subarray(bodyAt, tagAt))
    try {
      decipher.final()
    } catch {
      wipe(plaintext)
      throw openFailed()
    }
    return plaintext
  } finally {
    wipe(encryptionKey)
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
  const header = view(envelope)
  if (header.readUInt32BE(0) !== magicAndVersion || header.readUInt32BE(4) !== suiteAndReserved) throw badHeader(header)
}

function badHeader(header: Buffer): VaultError {
  const isSealedValue = header.readUIntBE(0, 3) === magicAndVersion >>> 8
  const isSupported = header.readUInt8(3) === 1 && header.readUInt8(4) === 1
  return new VaultError(isSealedValue && !isSupported ? 'VAULT_ENVELOPE_UNSUPPORTED' : 'VAULT_ENVELOPE_INVALID')
}

interface PayloadRequest {
  readonly dek: KeyObject
  readonly context: ValueContext
  /** Its header is complete. */
  readonly envelope: Uint8Array
}

// The header and the context go into the derivation and, as the same bytes, into the additional data of GCM. Fills
// `encryptionKey`, `commitment` and `iv`, and returns the additional data.
function derivePayloadKeys({ dek, context, envelope }: PayloadRequest): Buffer {
  const bytes = beginKdfMessage(labels.payload, headerBytes + contextCapacity(context))
  for (let index = 0; index < headerBytes; index++) bytes[messageHeaderAt + index] = envelope[index] ?? 0
  const cursor = { bytes, at: messageHeaderAt + headerBytes, refusal: 'VAULT_REF_INVALID' } as const
  putContext(cursor, context)
  const derived = finishKdf(dek, { message: bytes, contextEnd: cursor.at })
  copyFrom(encryptionKey, { source: derived, at: 0 })
  copyFrom(commitment, { source: derived, at: 32 })
  copyFrom(iv, { source: envelope, at: ivAt })
  wipe(derived)
  return bytes.subarray(messageHeaderAt, cursor.at)
}

function copyFrom(target: Uint8Array, { source, at }: { readonly source: Uint8Array; readonly at: number }): void {
  for (let index = 0; index < target.length; index++) target[index] = source[at + index] ?? 0
}

function valueLimit(maxValueBytes = defaultMaxValueBytes): number {
  return Math.min(maxValueBytes, formatMaxValueBytes)
}

function openFailed(): VaultError {
  return new VaultError('VAULT_OPEN_FAILED')
}
