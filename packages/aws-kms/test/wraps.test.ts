// Wraps on the strict endpoint, and on a KMS that nobody here wrote.
import { CreateAliasCommand, CreateKeyCommand, ListAliasesCommand, UpdateAliasCommand } from '@aws-sdk/client-kms'
import { describeWith, startMoto } from '@mcpvault/testkit'
import { startKmsEndpoint } from '@mcpvault/testkit/kms'
import { beforeAll } from 'vitest'
import { awsKms } from '../src/index.ts'
import { clientOf } from './support/endpoints.ts'
import { type KmsSetting, wrapCases } from './support/wrap-cases.ts'

const aliasName = 'alias/mcpvault-test'

describeWith('data keys on the strict KMS', startKmsEndpoint, (service) => {
  let setting: KmsSetting
  beforeAll(() => {
    const endpoint = service()
    const client = clientOf(endpoint)
    setting = {
      keys: [endpoint.createKey(), endpoint.createKey()],
      provider: (keyId, previousKeyIds = []) => awsKms({ client, keyId, previousKeyIds }),
      alias: async (keyArn) => endpoint.setAlias('mcpvault-test', keyArn),
    }
  })
  wrapCases(() => setting)
})

describeWith('data keys on the KMS of moto, or on the one that the environment names', startMoto, (service) => {
  let setting: KmsSetting
  beforeAll(async () => {
    const client = clientOf(service(), { maxAttempts: 3 })
    const newKey = async (): Promise<string> => {
      const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
      return KeyMetadata?.Arn ?? ''
    }
    const keys = [await newKey(), await newKey()] as const
    setting = {
      keys,
      provider: (keyId, previousKeyIds = []) => awsKms({ client, keyId, previousKeyIds }),
      async alias(keyArn) {
        const { Aliases = [] } = await client.send(new ListAliasesCommand({}))
        const at = { AliasName: aliasName, TargetKeyId: keyArn }
        const isThere = Aliases.some(({ AliasName }) => AliasName === aliasName)
        await client.send(isThere ? new UpdateAliasCommand(at) : new CreateAliasCommand(at))
        return keyArn.replace(/key\/.*$/, aliasName)
      },
    }
  })
  wrapCases(() => setting)
})
