// Faults and broken connections on a real Redis, one server and a cluster, under a vault that loses nothing it acknowledged.
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { cutSuite, faultSuite } from '@mcpvault/testkit/campaign'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { proxiedClusterStore, proxiedStore } from './support/proxied.ts'
import { clientOn, clusterClientOn, freshStore } from './support/stores.ts'

/** Its keys stay: they are under a prefix of their own, and the server goes with the test. */
async function emptyStore(client: Redis | Cluster) {
  return { store: (await freshStore(client)).store, drop: async () => {} }
}

describeWith('a vault on Redis', startRedis, (server) => {
  let client: Redis
  beforeAll(() => {
    client = clientOn(server())
  })
  afterAll(() => client.disconnect())

  faultSuite({ open: () => emptyStore(client), faults: 8, randomRuns: 8 })
  cutSuite({ open: () => proxiedStore(server(), client), faults: 8 })
})

describeWith('a vault on a Redis cluster', startRedisCluster, (cluster) => {
  let client: Cluster
  beforeAll(() => {
    client = clusterClientOn(cluster())
  })
  afterAll(() => client.disconnect())

  faultSuite({ open: () => emptyStore(client), faults: 8, randomRuns: 8 })
  cutSuite({ open: () => proxiedClusterStore(cluster(), client), faults: 8 })
})
