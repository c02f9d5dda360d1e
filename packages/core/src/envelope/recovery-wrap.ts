// Wraps data keys to the public half of a recovery key (X25519), and unwraps them with the private half.
import {
  createHash,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { encodeBase64url, wipe } from '../bytes/index.ts'
import type { KeyScope, WrapRequest } from '../contracts/index.ts'
import { encodeKeyScope } from './context.ts'
import { kdf, labels } from './kdf.ts'
import { keyCheckValue, openFailed, openWrapBody, sealWrapBody, wrapSalt } from './wrap-body.ts'
import { encodeWrappedKey, parseWrappedKey, recoveryWrapBytes } from './wrapped-key.ts'

const publicKeyBytes = 32
/** The DER of an X25519 public key (RFC 8410) before its 32 bytes. */
const publicKeyHeader = Buffer.from('302a300506032b656e032100', 'hex')

/** A data key and the recovery key to wrap it to. */
export interface RecoveryWrapRequest {
  /** 32 bytes. */
  readonly recipient: Uint8Array
  readonly request: WrapRequest
}

/** One wrapped key, the private half of the recovery key, and the scope that the caller expects it to be of. */
export interface RecoveryUnwrapRequest {
  /** Of X25519. */
  readonly privateKey: KeyObject
  readonly record: Uint8Array
  readonly scope: KeyScope
}

/** The randomness of one wrap. */
export interface RecoveryRandomness {
  /** The private half of a pair that serves one wrap. */
  readonly ephemeral: KeyObject
  /** 32 bytes. */
  readonly salt: Uint8Array
}

/** The KEK id of a recovery key: `r-` and 8 bytes of the hash of its public half. */
export function recoveryKekId(recipient: Uint8Array): string {
  return `r-${encodeBase64url(createHash('sha256').update(recipient).digest().subarray(0, 8))}`
}

/** The 32 bytes of the public half of an X25519 key. */
export function publicKeyBytesOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-publicKeyBytes)
}

/**
 * The MCK1 record of a data key that only the private half of the recovery key opens. Throws `VAULT_OPEN_FAILED` for a
 * recipient that is no X25519 public key, or one of small order.
 *
 * @example
 * const record = wrapToRecovery({ recipient, request: { dek, dekId, scope } })
 */
export function wrapToRecovery(request: RecoveryWrapRequest): Buffer {
  return wrapToRecoveryWith(request, { ephemeral: generateKeyPairSync('x25519').privateKey, salt: wrapSalt() })
}

/** `wrapToRecovery` with its randomness as an argument, for known answers; not for use by other folders. */
export function wrapToRecoveryWith(
  { recipient, request }: RecoveryWrapRequest,
  { ephemeral, salt }: RecoveryRandomness,
): Buffer {
  const { dek, dekId, scope } = request
  if (dek.length !== 32) throw new TypeError('dek must be 32 bytes')
  if (recipient.length !== publicKeyBytes) throw new TypeError('recipient must be 32 bytes')
  const ephemeralPublic = publicKeyBytesOf(ephemeral)
  const record = encodeWrappedKey({
    wrapType: 'recovery',
    dekId,
    keyCheckValue: keyCheckValue(dek, dekId),
    kekId: recoveryKekId(recipient),
    kekVersion: 1,
    wrapped: new Uint8Array(recoveryWrapBytes),
  })
  const wrappedAt = record.length - recoveryWrapBytes
  const binding = Buffer.concat([record.subarray(0, wrappedAt), encodeKeyScope(scope), ephemeralPublic])
  const kek = agree({ privateKey: ephemeral, publicKey: recipient, ephemeralPublic, recipient })
  record.set(Buffer.concat([ephemeralPublic, sealWrapBody({ kek, dek, binding, salt })]), wrappedAt)
  return record
}

/**
 * The data key of a record: 32 bytes in memory of their own, which the caller wipes. Throws `VAULT_ENVELOPE_INVALID`
 * and `VAULT_ENVELOPE_UNSUPPORTED` for bytes that are no record, and `VAULT_OPEN_FAILED` for every other reason, another
 * recovery key among them.
 */
export function unwrapFromRecovery({ privateKey, record, scope }: RecoveryUnwrapRequest): Buffer {
  const parsed = parseWrappedKey(record)
  const recipient = publicKeyBytesOf(privateKey)
  if (parsed.wrapType !== 'recovery' || parsed.kekId !== recoveryKekId(recipient)) throw openFailed()
  const ephemeralPublic = parsed.wrapped.subarray(0, publicKeyBytes)
  const binding = Buffer.concat([record.subarray(0, parsed.wrappedAt), encodeKeyScope(scope), ephemeralPublic])
  const kek = agree({ privateKey, publicKey: ephemeralPublic, ephemeralPublic, recipient })
  return openWrapBody({ kek, binding, body: parsed.wrapped.subarray(publicKeyBytes), parsed })
}

interface Agreement {
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
  readonly ephemeralPublic: Uint8Array
  readonly recipient: Uint8Array
}

/** The KEK that both sides of an exchange derive. A public key of small order, which anybody could have sent, is refused. */
function agree({ privateKey, publicKey, ephemeralPublic, recipient }: Agreement): KeyObject {
  const shared = sharedSecret(privateKey, publicKey)
  try {
    if (shared.every((byte) => byte === 0)) throw openFailed()
    const derived = kdf(createSecretKey(shared), labels.recovery, Buffer.concat([ephemeralPublic, recipient]))
    const kek = createSecretKey(derived.subarray(0, 32))
    wipe(derived)
    return kek
  } finally {
    wipe(shared)
  }
}

function sharedSecret(privateKey: KeyObject, publicKey: Uint8Array): Buffer {
  try {
    const der = Buffer.concat([publicKeyHeader, publicKey])
    return diffieHellman({ privateKey, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) })
  } catch {
    // OpenSSL refuses an exchange whose outcome is all zeros.
    throw openFailed()
  }
}
