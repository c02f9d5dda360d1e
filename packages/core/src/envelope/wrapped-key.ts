// Encodes and parses the record of one wrapped data key: the MCK1 format.
import { encodeHex, utf8Text, view } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { formatKeyId, isKeyId } from './key-id.ts'

/** Who wrapped: a key in this process's memory, or AWS KMS. */
export type WrapType = 'local' | 'aws-kms'

/** The fields of a wrapped key. */
export interface WrappedKeyParts {
  readonly wrapType: WrapType
  /** 16 bytes. */
  readonly dekId: Uint8Array
  /** 16 bytes. */
  readonly keyCheckValue: Uint8Array
  readonly kekId: string
  /** From 1 for a local key; 0 for AWS KMS. */
  readonly kekVersion: number
  /** 112 bytes for a local key; 1 to 6,144 bytes for AWS KMS. */
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
  /** `kekId#version`, or the bare KEK id of AWS KMS. */
  readonly keyId: string
  readonly wrapped: Buffer
  /** Where the wrapped bytes begin in the record. */
  readonly wrappedAt: number
}

/** The length of what a local key wraps: salt, commitment, ciphertext and tag. */
export const localWrapBytes = 112
const maxWrappedBytes = 6144
const magicAndVersion = 0x4d434b01
const kekIdAt = 45
const wrapTypes = Object.freeze(['local', 'aws-kms'] as const)

/** The record of a wrapped key. Throws `VAULT_ENVELOPE_INVALID` when a field is out of bounds. */
export function encodeWrappedKey(parts: WrappedKeyParts): Buffer {
  const { wrapType, dekId, keyCheckValue, kekId, kekVersion, wrapped } = parts
  if (dekId.length !== 16 || keyCheckValue.length !== 16) throw invalid()
  if (!fieldsAgree({ wrapType, kekId, kekVersion, wrappedBytes: wrapped.length })) throw invalid()
  const wrappedAt = kekIdAt + kekId.length + 2
  const record = Buffer.alloc(wrappedAt + wrapped.length)
  record.writeUInt32BE(magicAndVersion, 0)
  record.writeUInt8(wrapTypes.indexOf(wrapType) + 1, 4)
  record.set(dekId, 8)
  record.set(keyCheckValue, 24)
  record.writeUInt32BE(kekVersion, 40)
  record.writeUInt8(kekId.length, 44)
  record.write(kekId, kekIdAt, 'latin1')
  record.writeUInt16BE(wrapped.length, wrappedAt - 2)
  record.set(wrapped, wrappedAt)
  return record
}

/** Parses a record, strictly. Throws `VAULT_ENVELOPE_INVALID` and `VAULT_ENVELOPE_UNSUPPORTED`. */
export function parseWrappedKey(bytes: Uint8Array): ParsedWrappedKey {
  const record = view(bytes)
  const wrapType = parseHeader(record)
  const wrappedAt = kekIdAt + record.readUInt8(44) + 2
  if (record.length < wrappedAt) throw invalid()
  const wrappedBytes = record.readUInt16BE(wrappedAt - 2)
  const kekId = utf8Text(record.subarray(kekIdAt, wrappedAt - 2)) ?? ''
  const kekVersion = record.readUInt32BE(40)
  if (record.length !== wrappedAt + wrappedBytes) throw invalid()
  if (!fieldsAgree({ wrapType, kekId, kekVersion, wrappedBytes })) throw invalid()
  return {
    wrapType,
    dekId: encodeHex(record.subarray(8, 24)),
    dekIdBytes: Buffer.from(record.subarray(8, 24)),
    keyCheckValue: Buffer.from(record.subarray(24, 40)),
    kekId,
    kekVersion,
    keyId: formatKeyId({ kekId, version: kekVersion }),
    wrapped: Buffer.from(record.subarray(wrappedAt)),
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

interface DependentFields {
  readonly wrapType: WrapType
  readonly kekId: string
  readonly kekVersion: number
  readonly wrappedBytes: number
}

function fieldsAgree({ wrapType, kekId, kekVersion, wrappedBytes }: DependentFields): boolean {
  if (!isKeyId({ kekId, version: kekVersion })) return false
  if (wrapType === 'local') return kekVersion >= 1 && wrappedBytes === localWrapBytes
  return kekVersion === 0 && wrappedBytes >= 1 && wrappedBytes <= maxWrappedBytes
}

function invalid(): VaultError {
  return new VaultError('VAULT_ENVELOPE_INVALID')
}
