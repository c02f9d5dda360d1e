// A vault moves from SQLite to MongoDB and back with all that it has.

import { sqliteStore } from '@mcpvault/sqlite'
import { describeWith, startMongo } from '@mcpvault/testkit'
import { expectArchives, expectMoves } from '@mcpvault/testkit/suites'
import { test } from 'vitest'
import { clientOn, freshStore } from './support/stores.ts'

const ways = [
  ['copyVault', expectMoves],
  ['[A38] an archive', expectArchives],
] as const

for (const standalone of [false, true]) {
  const name = standalone ? 'a standalone MongoDB' : 'a MongoDB replica set'
  describeWith(
    `moving a vault to ${name}`,
    () => startMongo({ standalone }),
    (server) => {
      test.each(ways)('%s brings all of it there, and back to SQLite', async (_, expectAll) => {
        const client = await clientOn(server())
        const [from, back] = [sqliteStore({ path: ':memory:' }), sqliteStore({ path: ':memory:' })]
        for (const store of [from, back]) await store.migrate()
        const { store: over, drop } = await freshStore(client)
        await expectAll({ from, over, back })
        for (const store of [from, back]) store.close()
        await drop()
        await client.close()
      })
    },
  )
}
