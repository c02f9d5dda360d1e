// awsKms: data keys that AWS KMS makes and wraps, bound to their vault, id, owner and server.
import type { KeyProvider, ParsedWrappedKey } from '@mcpvault/core'
import { keyServiceProvider } from '@mcpvault/core/adapter'
import { kmsCalls } from './calls.ts'
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
  return keyServiceProvider({
    id: `aws-kms(${settings.current.arn})`,
    wrapType: 'aws-kms',
    canonicalKeyId(keyId) {
      const key = parseKmsArn(keyId)
      return key === undefined ? keyId : inRegion(key, settings.current.region)
    },
    keyOf: (parsed) => keyOf(settings, parsed),
    classify: classifyKmsError,
    ...kmsCalls(settings),
  })
}

/**
 * The key that a record names, if it may open data keys: a configured one, or one of the account of a configured alias.
 * A database writer can name any key, and KMS is never asked to decrypt with another.
 */
function keyOf({ current, previous }: KmsSettings, { kekId }: ParsedWrappedKey): KmsArn | undefined {
  const key = parseKmsArn(kekId)
  if (key?.kind !== 'key') return undefined
  const isOfAlias = current.kind === 'alias' && isSameAccount(key, current) && isReachable(key, current.region)
  return isOfAlias || [current, ...previous].some((known) => isSameKey(known, key)) ? key : undefined
}

/** A key of another region can be asked for in this one only when it is a multi-Region key. */
function isReachable(key: KmsArn, region: string): boolean {
  return key.region === region || isMultiRegion(key)
}
