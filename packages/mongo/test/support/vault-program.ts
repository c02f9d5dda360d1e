// What the other processes of the tests run: vaults in the collections of a prefix.
import { serveJobs, vaultJobs } from '@mcpvault/testkit/history/worker'
import { mongoStore } from '../../src/index.ts'
import { clientOn } from './stores.ts'

export interface PrefixAddress {
  readonly url: string
  readonly prefix: string
  readonly watch: boolean
}

serveJobs(
  vaultJobs(async ({ url, prefix, watch }: PrefixAddress) => {
    const client = await clientOn({ url })
    const store = await mongoStore({ client, database: 'vaults', prefix, watch })
    return { store, close: () => client.close() }
  }),
)
