// Options that cannot be used are refused by name, before anything is asked of KMS.
import { KMSClient } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { type AwsKmsOptions, awsKms } from '../src/index.ts'

const client = new KMSClient({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
const keyId = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-4333-8444-555555555555'
const alias = 'arn:aws:kms:eu-central-1:111122223333:alias/mcpvault'

describe('awsKms', () => {
  const refused: readonly (readonly [string, Partial<Record<keyof AwsKmsOptions | 'region', unknown>>, string])[] = [
    ['no client', { client: undefined }, 'client'],
    ['a client that cannot send', { client: {} }, 'client'],
    ['a bare key id', { keyId: '11111111-2222-4333-8444-555555555555' }, 'keyId'],
    ['a bare alias', { keyId: 'alias/mcpvault' }, 'keyId'],
    ['an ARN of another service', { keyId: 'arn:aws:s3:eu-central-1:111122223333:key/a' }, 'keyId'],
    ['no key', { keyId: undefined }, 'keyId'],
    ['an alias as the previous key', { previousKeyIds: [alias] }, 'previousKeyIds'],
    [
      'a previous key of another region',
      { previousKeyIds: [keyId.replace('eu-central-1', 'us-east-1')] },
      'previousKeyIds',
    ],
    ['a previous key that is no text', { previousKeyIds: [7] }, 'previousKeyIds'],
    ['a hole among the previous keys', { previousKeyIds: new Array(2) }, 'previousKeyIds'],
    ['too many previous keys', { previousKeyIds: Array.from({ length: 101 }, () => keyId) }, 'previousKeyIds'],
    ['too many grant tokens', { grantTokens: Array.from({ length: 11 }, () => 'a token') }, 'grantTokens'],
    ['an option that it does not know', { region: 'eu-central-1' }, 'region'],
  ]

  it.each(refused)('refuses %s', (_what, change, field) => {
    // As a caller without types would.
    const options = { client, keyId, ...change } as unknown as AwsKmsOptions
    expect(() => awsKms(options)).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field }))
  })

  it('refuses to be called without options', () => {
    // As a caller without types would.
    expect(() => awsKms(undefined as unknown as AwsKmsOptions)).toThrow(TypeError)
  })

  it('takes the ARN of an alias, and multi-Region keys of other regions', () => {
    const previousKeyIds = ['arn:aws:kms:us-east-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef']
    expect(awsKms({ client, keyId: alias, previousKeyIds }).id).toBe(`aws-kms(${alias})`)
  })
})
