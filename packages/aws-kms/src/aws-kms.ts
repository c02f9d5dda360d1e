// awsKms: data keys that AWS KMS makes and wraps, bound to their vault, id, owner and server.
import { createSecretKey } from 'node:crypto'
import {
  encodeWrappedKey,
  type KeyProvider,
  keyCheckValue,
  type ParsedWrappedKey,
  parseWrappedKey,
  VaultError,
} from '@mcpvault/core'
import { encryptionContext, kmsCalls, type Opening, type Wrapped } from './calls.ts'
import { classifyKmsError } from './failures.ts'
import { inRegion, isMultiRegion, isSameAccount, isSameKey, type KmsArn, parseKmsArn } from './key-arn.ts'
import { type AwsKmsOptions, type KmsSettings, parseOptions } from './options.ts'

/**
 * A key provider on the caller's KMS client. The master key never leaves KMS; 32-byte data keys travel to and from it
 * over TLS. A read asks KMS only when the data key of its owner and server is not cached.
 *
 * `VAULT_KEY_DENIED`: KMS refused (no permission, disabled, pending deletion, no such key, revoked credentials); cached
 * data keys are evicted. `VAULT_KEY_UNAVAILABLE`: it did not answer or is throttling; cached data keys serve on.
 * `VAULT_KEY_UNKNOWN`: the wrap is under a key that neither `keyId` nor `previousKeyIds` names.
 *
 * @throws {VaultError} `VAULT_CONFIG_INVALID` for an option that cannot be used, with its name.
 *
 * @example
 * const client = new KMSClient({ region: 'eu-central-1' })
 * const keys = awsKms({ client, keyId: 'arn:aws:kms:eu-central-1:111122223333:alias/mcpvault' })
 * const vault = createVault({ keys, store })
 */
export function awsKms(options: AwsKmsOptions): KeyProvider {
  const settings = parseOptions(options)
  const calls = kmsCalls(settings)

  const openingOf = (parsed: ParsedWrappedKey): Opening => {
    const key = keyOf(settings, parsed)
    if (key === undefined) throw new VaultError('VAULT_KEY_UNKNOWN', { keyId: parsed.keyId })
    return { key, ciphertext: parsed.wrapped }
  }

  return Object.freeze({
    id: `aws-kms(${settings.current.arn})`,
    async currentKeyIds(callOptions) {
      return new Set([await calls.currentKeyArn(callOptions)])
    },
    canonicalKeyId(keyId) {
      const key = parseKmsArn(keyId)
      return key === undefined ? keyId : inRegion(key, settings.current.region)
    },
    async generate({ dekId, scope }, callOptions) {
      const { dek, ...wrapped } = await calls.generate(encryptionContext(dekId, scope), callOptions)
      return { dek, wraps: [recordOf(wrapped, { dekId, check: checkOf(dek, dekId) })] }
    },
    async wrap({ dekId, dek, scope }, callOptions) {
      const wrapped = await calls.encrypt(dek, encryptionContext(dekId, scope), callOptions)
      return [recordOf(wrapped, { dekId, check: checkOf(dek, dekId) })]
    },
    async unwrap(record, scope, callOptions) {
      const parsed = parseWrappedKey(record)
      return calls.decrypt(openingOf(parsed), encryptionContext(parsed.dekIdBytes, scope), callOptions)
    },
    async rewrap(wraps, scope, callOptions) {
      const currentArn = await calls.currentKeyArn(callOptions)
      const records = wraps.map((bytes) => ({ bytes, parsed: parseWrappedKey(bytes) }))
      const isCurrent = records.find(({ parsed }) => parsed.keyId === currentArn)
      if (isCurrent !== undefined) return [isCurrent.bytes]
      const [{ parsed } = noWraps()] = records
      const { dekIdBytes, keyCheckValue: check } = parsed
      const wrapped = await calls.reEncrypt(openingOf(parsed), encryptionContext(dekIdBytes, scope), callOptions)
      return [recordOf(wrapped, { dekId: dekIdBytes, check })]
    },
    classify: classifyKmsError,
  } satisfies KeyProvider)
}

/**
 * The key that a record names, if it may open data keys: a configured one, or one of the account of a configured alias.
 * A database writer can name any key, and KMS is never asked to decrypt with another.
 */
function keyOf({ current, previous }: KmsSettings, { wrapType, kekId }: ParsedWrappedKey): KmsArn | undefined {
  const key = wrapType === 'aws-kms' ? parseKmsArn(kekId) : undefined
  if (key?.kind !== 'key') return undefined
  const isOfAlias = current.kind === 'alias' && isSameAccount(key, current) && isReachable(key, current.region)
  return isOfAlias || [current, ...previous].some((known) => isSameKey(known, key)) ? key : undefined
}

/** A key of another region can be asked for in this one only when it is a multi-Region key. */
function isReachable(key: KmsArn, region: string): boolean {
  return key.region === region || isMultiRegion(key)
}

function noWraps(): never {
  throw new TypeError('rewrap needs at least one wrap')
}

function recordOf(
  { keyArn, ciphertext }: Wrapped,
  { dekId, check }: { readonly dekId: Uint8Array; readonly check: Uint8Array },
): Buffer {
  return encodeWrappedKey({
    wrapType: 'aws-kms',
    dekId,
    keyCheckValue: check,
    kekId: keyArn,
    kekVersion: 0,
    wrapped: ciphertext,
  })
}

function checkOf(dek: Uint8Array, dekId: Uint8Array): Buffer {
  return keyCheckValue(createSecretKey(dek), dekId)
}
