// What the other processes of the tests run: vaults under a prefix, on one server or a cluster.
import { serveJobs, vaultJobs } from '@mcpvault/testkit/history/worker'
import { redisStore } from '../../src/index.ts'
import { clientOfNodes, clientOn, type Node } from './stores.ts'

export interface PrefixAddress {
  /** One for a server, more for a cluster. */
  readonly nodes: readonly Node[]
  readonly prefix: string
  readonly watch: boolean
}

serveJobs(
  vaultJobs(async ({ nodes, prefix, watch }: PrefixAddress) => {
    const client = clientOfNodes(nodes)
    const [node] = nodes
    // In a cluster every node has what is published at any of them.
    const subscriber = watch && node !== undefined ? clientOn(node) : undefined
    const store = redisStore({ client, prefix, ...(subscriber === undefined ? {} : { subscriber }) })
    const close = (): void => {
      client.disconnect()
      subscriber?.disconnect()
    }
    return { store, close }
  }),
)
