// A process that ends between any two commands, on one server and on a cluster.
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { type KillStage, killSuite, lifeline } from '@mcpvault/testkit/campaign'
import { Cluster, type Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import type { RedisClient } from '../src/client.ts'
import { redisStore } from '../src/index.ts'
import { clientOn, clusterClientOn, freshStore } from './support/stores.ts'

/** Its keys stay: they are under a prefix of their own, and the server goes with the test. */
async function killStage(client: Redis | Cluster): Promise<KillStage> {
  const line = lifeline()
  const { store: plain, prefix } = await freshStore(client)
  const mortal: RedisClient = {
    isCluster: client.isCluster,
    nodes: () => (client instanceof Cluster ? client.nodes('master') : []),
    callBuffer: async (command, ...args) => await line.send(() => client.callBuffer(command, ...args)),
  }
  const ending = redisStore({ client: mortal, prefix })
  return { ending, plain, line, close: async () => {} }
}

describeWith('a vault on Redis', startRedis, (server) => {
  let client: Redis
  beforeAll(() => {
    client = clientOn(server())
  })
  afterAll(() => client.disconnect())

  killSuite({ open: () => killStage(client), erasureKills: 8 })
})

describeWith('a vault on a Redis cluster', startRedisCluster, (cluster) => {
  let client: Cluster
  beforeAll(() => {
    client = clusterClientOn(cluster())
  })
  afterAll(() => client.disconnect())

  killSuite({ open: () => killStage(client), erasureKills: 8 })
})
