// The store works the same on the next major version of its client, on one server and on a cluster.
import { type ConformanceCase, storeConformance } from '@mcpvault/core/testing'
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { type StoreSetting, vaultSuite } from '@mcpvault/testkit/suites'
import { Cluster, Redis } from 'ioredis-6'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { RedisStoreOptions } from '../src/index.ts'
import { freshStore } from './support/stores.ts'

type Clients = Pick<RedisStoreOptions, 'client' | 'subscriber'>

/** Opens stores of their own on what is there once the tests run. */
function openerOf(clients: () => Clients): StoreSetting['open'] {
  return async () => {
    const { client, ...options } = clients()
    const { store, open, tamper } = await freshStore(client, options)
    return { store, tamper, reopen: async () => open(), cleanup: async () => {} }
  }
}

function conformance(cases: readonly ConformanceCase[], open: StoreSetting['open']): void {
  describe('[S43] conformance', () => {
    for (const { name, run } of cases) test(name, () => run(open))
  })
}

describeWith('Redis by ioredis 6', startRedis, (server) => {
  let clients: { readonly client: Redis; readonly subscriber: Redis }
  beforeAll(() => {
    const { host, port } = server()
    clients = { client: new Redis({ host, port }), subscriber: new Redis({ host, port }) }
  })
  afterAll(() => {
    clients.client.disconnect()
    clients.subscriber.disconnect()
  })
  const open = openerOf(() => clients)
  conformance(storeConformance, open)
  vaultSuite({ name: 'Redis', setting: { pagedSecrets: 300, tenantOperations: 200, writingMs: 500, open } })
})

describeWith('a Redis cluster by ioredis 6', startRedisCluster, (cluster) => {
  let client: Cluster
  beforeAll(() => {
    client = new Cluster(cluster().nodes.map(({ host, port }) => ({ host, port })))
  })
  afterAll(() => client.disconnect())
  // Names and filters are the server's matter; what differs in a cluster is how the client finds the node.
  const cases = storeConformance.filter(({ name }) => !/^(names|secrets\.list)/.test(name))
  conformance(
    cases,
    openerOf(() => ({ client })),
  )
})
