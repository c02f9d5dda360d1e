// A vault on Redis does what a vault does on every store, on one server and on a cluster.
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { type StoreSetting, vaultSuite } from '@mcpvault/testkit/suites'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { clientOn, clusterClientOn, freshStore } from './support/stores.ts'

function settingOn(client: () => Redis | Cluster): StoreSetting {
  return {
    pagedSecrets: 3_000,
    async open() {
      const { store, open, tamper } = await freshStore(client())
      return { store, tamper, reopen: async () => open(), cleanup: async () => {} }
    },
  }
}

describeWith('Redis', startRedis, (server) => {
  let client: Redis
  beforeAll(() => {
    client = clientOn(server())
  })
  afterAll(() => client.disconnect())
  vaultSuite({ name: 'Redis', setting: settingOn(() => client) })
})

describeWith('a Redis cluster', startRedisCluster, (cluster) => {
  let client: Cluster
  beforeAll(() => {
    client = clusterClientOn(cluster())
  })
  afterAll(() => client.disconnect())
  vaultSuite({ name: 'a Redis cluster', setting: settingOn(() => client) })
})
