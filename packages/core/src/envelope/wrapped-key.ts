// Encodes and parses the record of one wrapped data key: the MCK1 format.
import {
  decodeBase64url,
  encodeHex,
  requireBytes,
  requireInteger,
  requireObject,
  requireText,
  view,
} from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { formatKeyId, isKeyId } from './key-id.ts'

/**
 * Who wrapped: a key in this process's memory, AWS KMS, the transit engine of OpenBao or HashiCorp Vault, or the public
 * half of a recovery key.
 */
export type WrapType = 'local' | 'aws-kms' | 'transit' | 'recovery'

/** The fields of a wrapped key. */
export interface WrappedKeyParts {
  readonly wrapType: WrapType
  /** 16 bytes. */
  readonly dekId: Uint8Array
  /** 16 bytes. */
  readonly keyCheckValue: Uint8Array
  /** Of AWS KMS the key ARN, of a transit engine `mount/key`, of a recovery key `r-` and 11 characters of base64url. */
  readonly kekId: string
  /** From 1 for a local key; 0 for AWS KMS; N of `vault:vN:` for a transit engine; 1 for a recovery key. */
  readonly kekVersion: number
  /**
   * 112 bytes for a local key, 144 for a recovery key, else 1 to 6,144: the CiphertextBlob of AWS KMS, or the text
   * (`vault:vN:...`) that the transit engine returned.
   */
  readonly wrapped: Uint8Array
}

/** A parsed record. Its byte fields are copies. */
export interface ParsedWrappedKey {
  readonly wrapType: WrapType
  /** 32 hex digits. */
  readonly dekId: string
  readonly dekIdBytes: Buffer
  readonly keyCheckValue: Buffer
  readonly kekId: string
  readonly kekVersion: number
  /** `kekId#version`, or the bare ARN of AWS KMS. */
  readonly keyId: string
  readonly wrapped: Buffer
  /** Where the wrapped bytes begin in the record. */
  readonly wrappedAt: number
}

/** The length of what a local key wraps: salt, commitment, ciphertext and tag. */
export const localWrapBytes = 112
/** The length of what is wrapped to a recovery key: an ephemeral public key, and then the same. */
export const recoveryWrapBytes = 32 + localWrapBytes
const maxWrappedBytes = 6144
const magicAndVersion = 0x4d434b01
const kekIdAt = 45
const wrapTypes = Object.freeze(['local', 'aws-kms', 'transit', 'recovery'] as const)

/**
 * The record of a wrapped key. Throws `VAULT_ENVELOPE_INVALID` when a field is out of bounds.
 *
 * @example
 * const record = encodeWrappedKey({ wrapType: 'aws-kms', dekId, keyCheckValue, kekId: keyArn, kekVersion: 0, wrapped })
 */
export function encodeWrappedKey(parts: WrappedKeyParts): Buffer {
  requireObject(parts, 'parts')
  const { wrapType, dekId, keyCheckValue, kekId, kekVersion, wrapped } = parts
  requireBytes(dekId, 'dekId')
  requireBytes(keyCheckValue, 'keyCheckValue')
  requireText(kekId, 'kekId')
  requireInteger(kekVersion, 'kekVersion')
  requireBytes(wrapped, 'wrapped')
  if (dekId.length !== 16 || keyCheckValue.length !== 16) throw invalid()
  if (!fieldsAgree({ wrapType, kekId, kekVersion, wrapped })) throw invalid()
  const wrappedAt = kekIdAt + kekId.length + 2
  const record = Buffer.alloc(wrappedAt + wrapped.length)
  record.writeUInt32BE(magicAndVersion, 0)
  record.writeUInt8(wrapTypes.indexOf(wrapType) + 1, 4)
  record.set(dekId, 8)
  record.set(keyCheckValue, 24)
  record.writeUInt32BE(kekVersion, 40)
  record.writeUInt8(kekId.length, 44)
  record.write(kekId, kekIdAt)
  record.writeUInt16BE(wrapped.length, wrappedAt - 2)
  record.set(wrapped, wrappedAt)
  return record
}

/**
 * Parses a record, strictly. Throws `VAULT_ENVELOPE_INVALID` and `VAULT_ENVELOPE_UNSUPPORTED`.
 *
 * @example
 * const { wrapType, keyId } = parseWrappedKey(record) // 'local', 'main#1'
 */
export function parseWrappedKey(bytes: Uint8Array): ParsedWrappedKey {
  requireBytes(bytes, 'bytes')
  const record = view(bytes)
  const wrapType = parseHeader(record)
  const wrappedAt = kekIdAt + record.readUInt8(44) + 2
  if (record.length < wrappedAt) throw invalid()
  const wrappedBytes = record.readUInt16BE(wrappedAt - 2)
  const kekId = record.subarray(kekIdAt, wrappedAt - 2).toString()
  const kekVersion = record.readUInt32BE(40)
  const wrapped = Buffer.from(record.subarray(wrappedAt))
  if (wrapped.length !== wrappedBytes) throw invalid()
  if (!fieldsAgree({ wrapType, kekId, kekVersion, wrapped })) throw invalid()
  return {
    wrapType,
    dekId: encodeHex(record.subarray(8, 24)),
    dekIdBytes: Buffer.from(record.subarray(8, 24)),
    keyCheckValue: Buffer.from(record.subarray(24, 40)),
    kekId,
    kekVersion,
    keyId: formatKeyId({ kekId, version: kekVersion }),
    wrapped,
    wrappedAt,
  }
}

function parseHeader(record: Buffer): WrapType {
  if (record.length < kekIdAt || record.readUIntBE(0, 3) !== magicAndVersion >>> 8) throw invalid()
  const wrapType = wrapTypes[record.readUInt8(4) - 1]
  if (record.readUInt8(3) !== 1 || wrapType === undefined) throw new VaultError('VAULT_ENVELOPE_UNSUPPORTED')
  if (record.readUIntBE(5, 3) !== 0) throw invalid()
  return wrapType
}

type DependentFields = Pick<WrappedKeyParts, 'wrapType' | 'kekId' | 'kekVersion' | 'wrapped'>

function fieldsAgree({ wrapType, kekId, kekVersion, wrapped }: DependentFields): boolean {
  if (!isKeyId({ kekId, version: kekVersion })) return false
  switch (wrapType) {
    case 'local':
      return kekVersion >= 1 && wrapped.length === localWrapBytes
    case 'aws-kms':
      return kekVersion === 0 && wrapped.length >= 1 && wrapped.length <= maxWrappedBytes
    case 'transit':
      return wrapped.length <= maxWrappedBytes && isMountedKey(kekId) && kekVersion === transitVersion(wrapped)
    case 'recovery':
      return isRecoveryId(kekId) && kekVersion === 1 && wrapped.length === recoveryWrapBytes
  }
}

/** `mount/key`, where the mount may be a path. */
function isMountedKey(kekId: string): boolean {
  return /^[^/]+(?:\/[^/]+)+$/.test(kekId)
}

/** The N of `vault:vN:` before the engine's base64; NaN, which is no version, for any other text. */
function transitVersion(wrapped: Uint8Array): number {
  return Number(/^vault:v([1-9][0-9]{0,9}):[A-Za-z0-9+/]+={0,2}$/.exec(view(wrapped).toString())?.[1])
}

/** `r-` and the 8 bytes of a fingerprint, in the one base64url of them. */
function isRecoveryId(kekId: string): boolean {
  return kekId.startsWith('r-') && kekId.length === 13 && decodeBase64url(kekId.slice(2)) !== undefined
}

function invalid(): VaultError {
  return new VaultError('VAULT_ENVELOPE_INVALID')
}
