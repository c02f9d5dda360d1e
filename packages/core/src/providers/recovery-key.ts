// Recovery keys: servers hold the public half and can only wrap to it; the private half is kept away from all of them.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeBase64url, encodeBase64url, wipe } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import {
  formatKeyId,
  parseWrappedKey,
  publicKeyBytesOf,
  recoveryKekId,
  unwrapFromRecovery,
  wrapToRecovery,
} from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import { trimKeyText } from './key-text.ts'
import { invalidConfig } from './options.ts'

/** Both halves of a recovery key, as text. */
export interface RecoveryKeyPair {
  /** `recovery-public:` and 43 characters of base64url. Not secret. */
  readonly publicKey: string
  /** `recovery-private:` and 43 characters of base64url. It opens every data key that was wrapped to the public half. */
  readonly privateKey: string
}

const publicPrefix = 'recovery-public:'
const privatePrefix = 'recovery-private:'
/** The DER of an X25519 private key (RFC 8410) before its 32 bytes. */
const privateKeyHeader = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * Makes a recovery key: a pair of X25519. Give the public half to every server, by `recoveryRecipient`. Keep the private
 * half where no server can read it: on paper, in a safe, or split into shares.
 *
 * @example
 * const { publicKey, privateKey } = recoveryKey()
 */
export function recoveryKey(): RecoveryKeyPair {
  const der = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' })
  const privateKey = `${privatePrefix}${encodeBase64url(der.subarray(-keyBytes))}`
  wipe(der)
  return { publicKey: recoveryPublicKey(privateKey), privateKey }
}

const keyBytes = 32

/**
 * The public half that belongs to a private half. Throws `VAULT_CONFIG_INVALID` for a text that is no private half.
 *
 * @example
 * const publicKey = recoveryPublicKey(privateKey)
 */
export function recoveryPublicKey(privateKey: string): string {
  return `${publicPrefix}${encodeBase64url(publicKeyBytesOf(readPrivateKey(privateKey)))}`
}

/**
 * A provider that wraps to the public half of a recovery key, and opens nothing: `VAULT_KEY_UNKNOWN`. It belongs under
 * `recovery` of a `multiProvider`. Throws `VAULT_CONFIG_INVALID` for a text that is no public half.
 *
 * @example
 * const keys = multiProvider({ primary: keyFromEnv(), recovery: [recoveryRecipient(publicKey)] })
 */
export function recoveryRecipient(publicKey: string): KeyProvider {
  const recipient = decodeKeyText(publicKey, { prefix: publicPrefix, field: 'publicKey' })
  return recoveryProvider(recipient, undefined)
}

/**
 * A provider that opens with the private half of a recovery key what was wrapped to its public half, and wraps to that
 * as well. It is for the hour of recovery, not for servers. Throws `VAULT_CONFIG_INVALID` for a text that is no private
 * half.
 *
 * @example
 * const keys = multiProvider({ primary: newKeys, recovery: [recoveryOpener(privateKey)] })
 */
export function recoveryOpener(privateKey: string): KeyProvider {
  const opener = readPrivateKey(privateKey)
  return recoveryProvider(publicKeyBytesOf(opener), opener)
}

function recoveryProvider(recipient: Uint8Array, opener: KeyObject | undefined): KeyProvider {
  const keyId = formatKeyId({ kekId: recoveryKekId(recipient), version: 1 })
  return Object.freeze({
    id: `recovery(${keyId})`,
    currentKeyIds: () => new Set([keyId]),
    wrap: (request) => [wrapToRecovery({ recipient, request })],
    unwrap(record, scope) {
      const { keyId: wrappedUnder } = parseWrappedKey(record)
      if (opener === undefined || wrappedUnder !== keyId)
        throw new VaultError('VAULT_KEY_UNKNOWN', { keyId: wrappedUnder })
      return unwrapFromRecovery({ privateKey: opener, record, scope })
    },
  } satisfies KeyProvider)
}

function readPrivateKey(text: string): KeyObject {
  const bytes = decodeKeyText(text, { prefix: privatePrefix, field: 'privateKey' })
  const der = Buffer.concat([privateKeyHeader, bytes])
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } finally {
    wipe(der)
    wipe(bytes)
  }
}

function decodeKeyText(text: string, { prefix, field }: { readonly prefix: string; readonly field: string }): Buffer {
  if (typeof text !== 'string') throw new TypeError(`${field} must be a string`)
  const trimmed = trimKeyText(text)
  const bytes = trimmed.startsWith(prefix) ? decodeBase64url(trimmed.slice(prefix.length)) : undefined
  if (bytes?.length === keyBytes) return bytes
  throw invalidConfig(field, `must be a text of recoveryKey() that begins with ${prefix}`)
}
