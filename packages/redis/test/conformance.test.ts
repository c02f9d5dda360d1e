// The store keeps every promise of the contract on a real server and on a real cluster.
import { storeConformance } from '@mcpvault/core/testing'
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, test } from 'vitest'
import { clientOn, clusterClientOn, freshStore } from './support/stores.ts'

function registerCases(clients: () => { readonly client: Redis | Cluster; readonly subscriber?: Redis }): void {
  for (const conformanceCase of storeConformance) {
    test(conformanceCase.name, () =>
      conformanceCase.run(async () => {
        const { client, subscriber } = clients()
        const { store, open } = await freshStore(client, subscriber === undefined ? {} : { subscriber })
        return { store, reopen: async () => open(), cleanup: async () => {} }
      }),
    )
  }
}

describeWith('[S43] conformance on Redis', startRedis, (server) => {
  let clients: { readonly client: Redis; readonly subscriber: Redis }
  beforeAll(() => {
    clients = { client: clientOn(server()), subscriber: clientOn(server()) }
  })
  afterAll(() => {
    clients.client.disconnect()
    clients.subscriber.disconnect()
  })
  registerCases(() => clients)
})

describeWith('[S43] conformance on a Redis cluster', startRedisCluster, (cluster) => {
  let client: Cluster
  beforeAll(() => {
    client = clusterClientOn(cluster())
  })
  afterAll(() => client.disconnect())
  registerCases(() => ({ client }))
})
