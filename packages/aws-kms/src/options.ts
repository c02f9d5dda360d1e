// The options of the provider, checked: keys are named by whole ARNs, so that region and account are never guessed.
import type { KMSClient } from '@aws-sdk/client-kms'
import { VaultError } from '@mcpvault/core'
import { ownOptions } from '@mcpvault/core/adapter'
import { isMultiRegion, type KmsArn, parseKmsArn } from './key-arn.ts'

/** Which keys are used, and through which client. */
export interface AwsKmsOptions {
  /** A client of `@aws-sdk/client-kms` 3, for the region of `keyId`. It is neither configured nor destroyed. */
  readonly client: Pick<KMSClient, 'send'>
  /**
   * The key of new wraps: the ARN of a symmetric encryption key, or of an alias. With an alias, every key of its account
   * and region may open data keys, since an alias can be given to another key.
   */
  readonly keyId: string
  /** ARNs of further keys that may open data keys, such as the key before this one. Default none, at most 100. */
  readonly previousKeyIds?: readonly string[]
  /** Grant tokens, for a grant that KMS may not know everywhere yet. Default none, at most 10. */
  readonly grantTokens?: readonly string[]
}

/** The checked options. */
export interface KmsSettings {
  readonly client: Pick<KMSClient, 'send'>
  readonly current: KmsArn
  readonly previous: readonly KmsArn[]
  readonly grantTokens: readonly string[]
}

const knownOptions = ['client', 'keyId', 'previousKeyIds', 'grantTokens']
const maxPreviousKeys = 100
const maxGrantTokens = 10

/** Throws `VAULT_CONFIG_INVALID`, with the name of the option. */
export function parseOptions(given: AwsKmsOptions): KmsSettings {
  if (typeof given !== 'object' || given === null) throw new TypeError('awsKms needs an object of options')
  const options = ownOptions(given)
  const unknown = Object.keys(options).find((name) => !knownOptions.includes(name))
  if (unknown !== undefined) throw invalidOption(unknown, 'is no option of awsKms.')
  const { client, keyId, previousKeyIds = [], grantTokens = [] } = options
  if (typeof client?.send !== 'function') throw invalidOption('client', 'must be a KMSClient of @aws-sdk/client-kms.')
  const current = parseKmsArn(keyId)
  if (current === undefined)
    throw invalidOption(
      'keyId',
      'must be the whole ARN of a KMS key or of an alias, as `aws kms describe-key` prints it.',
    )
  return {
    client,
    current,
    previous: texts('previousKeyIds', previousKeyIds, maxPreviousKeys).map((arn) => previousKey(arn, current)),
    grantTokens: texts('grantTokens', grantTokens, maxGrantTokens),
  }
}

function previousKey(arn: string, { region }: KmsArn): KmsArn {
  const key = parseKmsArn(arn)
  if (key?.kind !== 'key') throw invalidOption('previousKeyIds', 'must hold whole ARNs of KMS keys.')
  if (key.region !== region && !isMultiRegion(key))
    throw invalidOption('previousKeyIds', 'must name keys of the region of keyId, or multi-Region keys.')
  return key
}

function texts(field: string, list: readonly string[], max: number): readonly string[] {
  if (!Array.isArray(list) || list.length > max) throw invalidOption(field, `must be an array of at most ${max} texts.`)
  const copy = Array.from<unknown>(list)
  if (!copy.every((text) => typeof text === 'string')) throw invalidOption(field, 'must hold texts alone.')
  return [...list]
}

function invalidOption(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
