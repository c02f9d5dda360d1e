// Every failure of KMS through the real client: refusals, outages and answers that are not sound.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type KeyProvider, parseWrappedKey } from '@mcpvault/core'
import { describeWith } from '@mcpvault/testkit'
import { type KmsEndpoint, startKmsEndpoint } from '@mcpvault/testkit/kms'
import { codeOf } from '@mcpvault/testkit/vaults'
import { afterEach, expect, it } from 'vitest'
import { awsKms } from '../src/index.ts'
import { clientOf, newDekId, scope } from './support/endpoints.ts'

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }],
} as const
const nothing = { Version: '2012-10-17', Statement: [] } as const

/** What an answer of KMS by this error means. The names are those of the API reference of KMS. */
const byName = [
  ['ThrottlingException', 'transient'],
  ['LimitExceededException', 'transient'],
  ['TooManyRequestsException', 'transient'],
  ['RequestThrottledException', 'transient'],
  ['ProvisionedThroughputExceededException', 'transient'],
  ['IDPCommunicationError', 'transient'],
  ['KMSInternalException', 'transient'],
  ['DependencyTimeoutException', 'transient'],
  ['KeyUnavailableException', 'transient'],
  ['ServiceUnavailable', 'transient'],
  ['RequestExpired', 'transient'],
  ['AccessDeniedException', 'denied'],
  ['DisabledException', 'denied'],
  ['KMSInvalidStateException', 'denied'],
  ['NotFoundException', 'denied'],
  ['InvalidGrantTokenException', 'denied'],
  ['InvalidKeyUsageException', 'denied'],
  ['InvalidArnException', 'denied'],
  ['DryRunOperationException', 'denied'],
  ['IncompleteSignature', 'denied'],
  ['MissingAuthenticationToken', 'denied'],
  ['OptInRequired', 'denied'],
  ['UnrecognizedClientException', 'denied'],
  ['ExpiredTokenException', 'denied'],
  ['InvalidSignatureException', 'denied'],
  ['ValidationException', 'denied'],
  ['InvalidCiphertextException', 'integrity'],
  ['IncorrectKeyException', 'integrity'],
] as const

/** The errors that the client says a command may throw, beside the class that they all are of. */
function errorsOf(command: string): readonly string[] {
  const client = dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-kms/package.json'))
  const types = readFileSync(join(client, 'dist-types', 'commands', `${command}Command.d.ts`), 'utf8')
  const names = [...types.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name = '']) => name)
  return names.filter((name) => name !== 'KMSServiceException')
}

it.each(['Decrypt', 'Encrypt', 'GenerateDataKey', 'ReEncrypt', 'DescribeKey'])(
  'every error that the client knows of %s is classified',
  (command) => {
    const known = byName.map<string>(([name]) => name)
    expect(errorsOf(command).length).toBeGreaterThan(3)
    expect(errorsOf(command).filter((name) => !known.includes(name))).toEqual([])
  },
)

describeWith('failures of KMS', startKmsEndpoint, (service) => {
  afterEach(() => service().trouble('cut', 0))

  async function wrapped(endpoint: KmsEndpoint): Promise<{
    readonly key: string
    readonly provider: KeyProvider
    readonly record: Uint8Array
    failure(): Promise<unknown>
  }> {
    const key = endpoint.createKey()
    const provider = awsKms({ client: clientOf(endpoint), keyId: key })
    const [record = new Uint8Array()] = await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })
    const failure = async (): Promise<unknown> => {
      const error = await Promise.resolve(provider.unwrap(record, scope)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      return error === undefined ? 'opened' : provider.classify?.(error)
    }
    return { key, provider, record, failure }
  }

  it.each(byName)('[S30] %s is %s', async (name, failure) => {
    const setting = await wrapped(service())
    service().trouble({ error: name })
    expect(await setting.failure()).toBe(failure)
  })

  it('a cut connection is transient, and so is silence until the caller aborts', async () => {
    const { failure, provider, record } = await wrapped(service())
    service().trouble('cut')
    expect(await failure()).toBe('transient')
    service().trouble('silent')
    const abort = new AbortController()
    const waiting = Promise.resolve(provider.unwrap(record, scope, { signal: abort.signal }))
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('a server that is gone is transient', async () => {
    const gone = await startKmsEndpoint()
    const { failure } = await wrapped(gone)
    await gone.stop()
    expect(await failure()).toBe('transient')
  })

  it('the client itself asks again when KMS throttles', async () => {
    const endpoint = service()
    const provider = awsKms({ client: clientOf(endpoint, { maxAttempts: 3 }), keyId: endpoint.createKey() })
    endpoint.trouble({ error: 'ThrottlingException' }, 1)
    const wraps = await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })
    expect(wraps).toHaveLength(1)
  })

  it('a clock that is wrong is corrected by the client', async () => {
    const endpoint = await startKmsEndpoint()
    endpoint.setClock(3_600_000)
    try {
      const provider = awsKms({ client: clientOf(endpoint, { maxAttempts: 3 }), keyId: endpoint.createKey() })
      expect(await provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })).toHaveLength(1)
    } finally {
      await endpoint.stop()
    }
  })

  it.each([
    ['a disabled key', 'Disabled', 'denied'],
    ['a key that is pending deletion', 'PendingDeletion', 'denied'],
    ['an enabled key', 'Enabled', 'opened'],
  ] as const)('%s', async (_what, state, outcome) => {
    const { key, failure } = await wrapped(service())
    service().setState(key, state)
    expect(await failure()).toBe(outcome)
  })

  it('a caller without permission is denied, and so are revoked credentials', async () => {
    const endpoint = service()
    const { key, record } = await wrapped(endpoint)
    const stranger = endpoint.createPrincipal('stranger', nothing)
    const server = endpoint.createPrincipal('server', everything)
    const failureOf = async (credentials: typeof stranger): Promise<unknown> => {
      const provider = awsKms({ client: clientOf(endpoint, { credentials }), keyId: key })
      return Promise.resolve(provider.unwrap(record, scope)).then(
        () => 'opened',
        (error: unknown) => provider.classify?.(error),
      )
    }
    expect(await failureOf(stranger)).toBe('denied')
    expect(await failureOf(server)).toBe('opened')
    endpoint.revoke(server)
    expect(await failureOf(server)).toBe('denied')
  })

  it('a grant counts at once for a caller who names its token', async () => {
    const endpoint = service()
    const { key, record } = await wrapped(endpoint)
    const server = endpoint.createPrincipal('granted', nothing)
    const open = (grantTokens: readonly string[]): Promise<unknown> => {
      const provider = awsKms({ client: clientOf(endpoint, { credentials: server }), keyId: key, grantTokens })
      return Promise.resolve(provider.unwrap(record, scope)).then(
        () => 'opened',
        (error: unknown) => provider.classify?.(error),
      )
    }
    const token = endpoint.grant({ principal: server.arn, keyArn: key, operations: ['Decrypt'] })
    expect(await open([])).toBe('denied')
    expect(await open([token])).toBe('opened')
    endpoint.settleGrants()
    expect(await open([])).toBe('opened')
  })

  it('an alias that is new everywhere but here is denied, and works once it is known', async () => {
    const endpoint = service()
    const key = endpoint.createKey()
    endpoint.lag(1)
    const provider = awsKms({ client: clientOf(endpoint), keyId: endpoint.setAlias('new', key) })
    const wrap = (): Promise<unknown> =>
      Promise.resolve(provider.wrap({ dekId: newDekId(), dek: new Uint8Array(32), scope })).then(
        (wraps) => wraps.length,
        (error: unknown) => provider.classify?.(error),
      )
    expect(await wrap()).toBe('denied')
    expect(await wrap()).toBe(1)
  })

  it('a wrap made before KMS rotated its key opens afterwards', async () => {
    const { key, failure } = await wrapped(service())
    service().rotate(key)
    expect(await failure()).toBe('opened')
  })

  const otherArn = 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000'
  const falseAnswers = [
    ['another key', { KeyId: otherArn }],
    ['no key', { KeyId: undefined }],
    ['an alias', { KeyId: 'arn:aws:kms:eu-central-1:111122223333:alias/mcpvault' }],
    ['a data key that is too short', { Plaintext: Buffer.alloc(31).toString('base64') }],
    ['no data key', { Plaintext: undefined }],
  ] as const

  it.each(falseAnswers)('an answer with %s is not used to open', async (_what, change) => {
    const { provider, record } = await wrapped(service())
    service().falsify((answer) => ({ ...answer, ...change }))
    expect(await codeOf(Promise.resolve(provider.unwrap(record, scope)))).toBe('VAULT_OPEN_FAILED')
  })

  it.each([
    ...falseAnswers,
    ['no ciphertext', { CiphertextBlob: undefined }],
    ['a ciphertext that no record can hold', { CiphertextBlob: Buffer.alloc(6_145).toString('base64') }],
  ] as const)('an answer with %s makes no data key', async (_what, change) => {
    const { provider } = await wrapped(service())
    service().falsify((answer) => ({ ...answer, ...change }))
    expect(await codeOf(Promise.resolve(provider.generate?.({ dekId: newDekId(), scope })))).toBe('VAULT_OPEN_FAILED')
  })

  it.each([
    ['another source', { SourceKeyId: otherArn }],
    ['another key', { KeyId: otherArn }],
    ['no ciphertext', { CiphertextBlob: undefined }],
  ])('an answer with %s is no rewrap', async (_what, change) => {
    const endpoint = service()
    const { key, record } = await wrapped(endpoint)
    const provider = awsKms({ client: clientOf(endpoint), keyId: endpoint.createKey(), previousKeyIds: [key] })
    endpoint.falsify((answer) => ({ ...answer, ...change }))
    expect(await codeOf(Promise.resolve(provider.rewrap?.([record], scope)))).toBe('VAULT_OPEN_FAILED')
  })

  it('only hashes and ids go to KMS', async () => {
    const endpoint = service()
    const { provider, record } = await wrapped(endpoint)
    await provider.unwrap(record, scope)
    const body: Readonly<Record<string, unknown>> = endpoint.requests.at(-1)?.body ?? {}
    expect(Object.keys(Object(body['EncryptionContext'])).sort()).toEqual([
      'mcpvault:dek',
      'mcpvault:scope',
      'mcpvault:vault',
    ])
    expect(JSON.stringify(endpoint.requests)).not.toMatch(/alice|github/)
    expect(body['KeyId']).toBe(parseWrappedKey(record).kekId)
  })
})
