// A data key under a key of 32 bytes: salt, commitment, ciphertext and tag, the part that local and recovery wraps share.
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { cipherKey, hmacKey, type KeyForm, wipe } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { kdf, labels } from './kdf.ts'
import type { ParsedWrappedKey } from './wrapped-key.ts'

const saltBytes = 32
const ivAt = 20
const commitmentEnd = 64
const ciphertextEnd = 96
const gcmOptions = Object.freeze({ authTagLength: 16 })

/** A data key on its way into a body. */
export interface SealBodyRequest {
  readonly kek: KeyObject
  /** 32 bytes. */
  readonly dek: Uint8Array
  /** What the body is bound to, beside its own salt. */
  readonly binding: Uint8Array
  /** 32 bytes. */
  readonly salt: Uint8Array
}

/** A body, and the record that it is of. */
export interface OpenBodyRequest extends Pick<SealBodyRequest, 'kek' | 'binding'> {
  /** 112 bytes. */
  readonly body: Uint8Array
  readonly parsed: Pick<ParsedWrappedKey, 'dekIdBytes' | 'keyCheckValue'>
}

/**
 * 16 bytes that tell one data key from another without showing it; the same after every rewrap. It stands in each wrap.
 *
 * @example
 * const check = keyCheckValue(dek, dekId)
 */
export function keyCheckValue(dek: KeyForm, dekId: Uint8Array): Buffer {
  return kdf(dek instanceof Uint8Array ? hmacKey(dek) : dek, labels.keyCheck, dekId).subarray(0, 16)
}

/** A fresh salt. */
export function wrapSalt(): Buffer {
  return randomBytes(saltBytes)
}

/** The 112 bytes that hold the data key. */
export function sealWrapBody({ kek, dek, binding, salt }: SealBodyRequest): Buffer {
  const additionalData = Buffer.concat([binding, salt])
  const derived = kdf(kek, labels.wrap, additionalData)
  try {
    const key = cipherKey(derived.subarray(0, 32))
    const cipher = createCipheriv('aes-256-gcm', key, salt.subarray(ivAt), gcmOptions)
    cipher.setAAD(additionalData)
    const ciphertext = cipher.update(dek)
    cipher.final()
    return Buffer.concat([salt, derived.subarray(32), ciphertext, cipher.getAuthTag()])
  } finally {
    wipe(derived)
  }
}

/** The data key: 32 bytes in memory of their own, which the caller wipes. Throws `VAULT_OPEN_FAILED`. */
export function openWrapBody({ kek, binding, body, parsed }: OpenBodyRequest): Buffer {
  const salt = body.subarray(0, saltBytes)
  const additionalData = Buffer.concat([binding, salt])
  const derived = kdf(kek, labels.wrap, additionalData)
  try {
    if (!timingSafeEqual(derived.subarray(32), body.subarray(saltBytes, commitmentEnd))) throw openFailed()
    const key = cipherKey(derived.subarray(0, 32))
    const decipher = createDecipheriv('aes-256-gcm', key, salt.subarray(ivAt), gcmOptions)
    decipher.setAAD(additionalData)
    decipher.setAuthTag(body.subarray(ciphertextEnd))
    const dek = decipher.update(body.subarray(commitmentEnd, ciphertextEnd))
    try {
      decipher.final()
      // The check value is authenticated too; this compares it with the key that came out, in case the wrapper was wrong.
      if (!timingSafeEqual(keyCheckValue(dek, parsed.dekIdBytes), parsed.keyCheckValue)) throw openFailed()
    } catch {
      wipe(dek)
      throw openFailed()
    }
    return dek
  } finally {
    wipe(derived)
  }
}

/** The one error of every failure after the record was parsed. */
export function openFailed(): VaultError {
  return new VaultError('VAULT_OPEN_FAILED')
}
