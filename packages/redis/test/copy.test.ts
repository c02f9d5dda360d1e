// A vault moves from SQLite to Redis and back with all that it has.

import { sqliteStore } from '@mcpvault/sqlite'
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { expectArchives, expectMoves } from '@mcpvault/testkit/suites'
import { test } from 'vitest'
import { clientOfNodes, freshStore, type Node } from './support/stores.ts'

const ways = [
  ['copyVault', expectMoves],
  ['[A38] an archive', expectArchives],
] as const

function registerMoves(nodes: () => readonly Node[]): void {
  test.each(ways)('%s brings all of it there, and back to SQLite', async (_, expectAll) => {
    const client = clientOfNodes(nodes())
    const [from, back] = [sqliteStore({ path: ':memory:' }), sqliteStore({ path: ':memory:' })]
    for (const store of [from, back]) await store.migrate()
    await expectAll({ from, over: (await freshStore(client)).store, back })
    for (const store of [from, back]) store.close()
    client.disconnect()
  })
}

describeWith('moving a vault to Redis', startRedis, (server) => registerMoves(() => [server()]))

describeWith('moving a vault to a Redis cluster', startRedisCluster, (cluster) => registerMoves(() => cluster().nodes))
