// Wraps and unwraps data keys under a key-encryption key that is in this process's memory.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { wipe } from '../bytes/index.ts'
import type { KeyScope, WrapRequest } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { cipherKey } from './cipher-key.ts'
import { encodeKeyScope } from './context.ts'
import { kdf, labels } from './kdf.ts'
import { parseKeyId } from './key-id.ts'
import { encodeWrappedKey, localWrapBytes, parseWrappedKey } from './wrapped-key.ts'

const saltBytes = 32
const commitmentEnd = 64
const ciphertextEnd = 96

/** A data key and what to wrap it under. */
export interface LocalWrapRequest {
  readonly kek: KeyObject
  /** `kekId#version`. */
  readonly keyId: string
  readonly request: WrapRequest
}

/** One wrapped key, and the scope that the caller expects it to be of. */
export interface LocalUnwrapRequest {
  readonly kek: KeyObject
  readonly record: Uint8Array
  readonly scope: KeyScope
}

/** 16 bytes that tell one data key from another without showing it; the same after every rewrap. */
export function keyCheckValue(dek: KeyObject, dekId: Uint8Array): Buffer {
  return kdf(dek, labels.keyCheck, dekId).subarray(0, 16)
}

/** The MCK1 record of a data key under a local key, with a fresh salt. Throws `VAULT_CONFIG_INVALID` for a bad key id. */
export function wrapLocal(request: LocalWrapRequest): Buffer {
  return wrapLocalWith(request, randomBytes(saltBytes))
}

/** `wrapLocal` with the salt as an argument, for known answers; not for use by other folders. */
export function wrapLocalWith({ kek, keyId, request }: LocalWrapRequest, salt: Uint8Array): Buffer {
  const { dek, dekId, scope } = request
  if (dek.length !== 32) throw new TypeError('dek must be 32 bytes')
  const { kekId, version } = parseKeyId(keyId)
  const record = encodeWrappedKey({
    wrapType: 'local',
    dekId,
    keyCheckValue: keyCheckValue(createSecretKey(dek), dekId),
    kekId,
    kekVersion: version,
    wrapped: new Uint8Array(localWrapBytes),
  })
  const wrapped = record.subarray(record.length - localWrapBytes)
  wrapped.set(salt)
  const { derived, additionalData } = deriveWrapKeys({ kek, record, scope })
  try {
    wrapped.set(derived.subarray(32), saltBytes)
    const iv = wrapped.subarray(20, saltBytes)
    const cipher = createCipheriv('aes-256-gcm', cipherKey(derived.subarray(0, 32)), iv, { authTagLength: 16 })
    cipher.setAAD(additionalData)
    wrapped.set(cipher.update(dek), commitmentEnd)
    cipher.final()
    wrapped.set(cipher.getAuthTag(), ciphertextEnd)
    return record
  } finally {
    wipe(derived)
  }
}

/**
 * The data key of a record: 32 bytes in memory of their own, which the caller wipes. Throws `VAULT_ENVELOPE_INVALID`
 * and `VAULT_ENVELOPE_UNSUPPORTED` for bytes that are no record, and `VAULT_OPEN_FAILED` for every other reason.
 */
export function unwrapLocal({ kek, record, scope }: LocalUnwrapRequest): Buffer {
  const parsed = parseWrappedKey(record)
  const { wrapped } = parsed
  if (parsed.wrapType !== 'local') throw openFailed()
  const { derived, additionalData } = deriveWrapKeys({ kek, record, scope })
  try {
    if (!timingSafeEqual(derived.subarray(32), wrapped.subarray(saltBytes, commitmentEnd))) throw openFailed()
    const iv = wrapped.subarray(20, saltBytes)
    const decipher = createDecipheriv('aes-256-gcm', cipherKey(derived.subarray(0, 32)), iv, { authTagLength: 16 })
    decipher.setAAD(additionalData)
    decipher.setAuthTag(wrapped.subarray(ciphertextEnd))
    const dek = decipher.update(wrapped.subarray(commitmentEnd, ciphertextEnd))
    try {
      decipher.final()
      // The check value is authenticated too; this compares it with the key that came out, in case the wrapper was wrong.
      if (!timingSafeEqual(keyCheckValue(createSecretKey(dek), parsed.dekIdBytes), parsed.keyCheckValue))
        throw openFailed()
    } catch {
      wipe(dek)
      throw openFailed()
    }
    return dek
  } finally {
    wipe(derived)
  }
}

interface WrapKeysRequest {
  readonly kek: KeyObject
  /** Complete up to the end of the salt. */
  readonly record: Uint8Array
  readonly scope: KeyScope
}

function deriveWrapKeys({ kek, record, scope }: WrapKeysRequest): { derived: Buffer; additionalData: Buffer } {
  const wrappedAt = record.length - localWrapBytes
  const additionalData = Buffer.concat([
    record.subarray(0, wrappedAt),
    encodeKeyScope(scope),
    record.subarray(wrappedAt, wrappedAt + saltBytes),
  ])
  return { derived: kdf(kek, labels.wrap, additionalData), additionalData }
}

function openFailed(): VaultError {
  return new VaultError('VAULT_OPEN_FAILED')
}
