// Several processes under one prefix see one history, and forget data keys that one of them destroyed.
import { describeWith, type RedisServer, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { historySuite, type ProcessSetting, stalenessSuite } from '@mcpvault/testkit/history'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { clientOfNodes, clientOn, freshStore } from './support/stores.ts'
import type { PrefixAddress } from './support/vault-program.ts'

function registerSuites(name: string, nodes: () => readonly RedisServer[]): void {
  let client: Redis | Cluster
  let subscriber: Redis
  beforeAll(() => {
    client = clientOfNodes(nodes())
    const [node] = nodes()
    if (node === undefined) throw new Error('There is no server.')
    subscriber = clientOn(node)
  })
  afterAll(() => {
    client.disconnect()
    subscriber.disconnect()
  })

  const setting: ProcessSetting<PrefixAddress> = {
    program: { entry: new URL('support/vault-program.ts', import.meta.url), external: ['ioredis'] },
    watch: true,
    async open({ watch }) {
      const { store, prefix } = await freshStore(client, watch ? { subscriber } : {})
      const addresses = nodes().map(({ host, port }) => ({ host, port }))
      return { store, address: { nodes: addresses, prefix, watch }, cleanup: async () => {} }
    },
  }
  historySuite(name, setting)
  stalenessSuite(name, setting)
}

describeWith('Redis', startRedis, (server) => registerSuites('Redis', () => [server()]))

describeWith('a Redis cluster', startRedisCluster, (cluster) =>
  registerSuites('a Redis cluster', () => cluster().nodes),
)
