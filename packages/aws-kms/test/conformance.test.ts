// The conformance kit of key providers, on the strict KMS.

import { keyProviderConformance } from '@mcpvault/core/testing'
import { describeWith } from '@mcpvault/testkit'
import { startKmsEndpoint } from '@mcpvault/testkit/kms'
import { beforeAll, it } from 'vitest'
import { awsKms } from '../src/index.ts'
import { clientOf } from './support/endpoints.ts'

describeWith('awsKms', startKmsEndpoint, (service) => {
  let keys: readonly [string, string]
  beforeAll(() => {
    keys = [service().createKey(), service().createKey()]
  })

  it.each(keyProviderConformance)('$name', ({ run }) =>
    run(async () => {
      const endpoint = service()
      const client = clientOf(endpoint)
      const [previous, current] = keys
      return {
        provider: awsKms({ client, keyId: current, previousKeyIds: [previous] }),
        older: awsKms({ client, keyId: previous }),
        hang: () => endpoint.trouble('silent'),
        async cleanup() {
          endpoint.trouble('cut', 0)
          client.destroy()
        },
      }
    }),
  )
})
