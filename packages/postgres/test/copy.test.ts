// A vault moves from SQLite to Postgres and back with all that it has.

import { sqliteStore } from '@mcpvault/sqlite'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { expectArchives, expectMoves } from '@mcpvault/testkit/suites'
import { test } from 'vitest'
import { freshPool, freshStore } from './support/stores.ts'

const ways = [
  ['copyVault', expectMoves],
  ['[A38] an archive', expectArchives],
] as const

describeWith('moving a vault to Postgres', startPostgres, (server) => {
  test.each(ways)('%s brings all of it there, and back to SQLite', async (_, expectAll) => {
    const pool = await freshPool(server())
    const [from, back] = [sqliteStore({ path: ':memory:' }), sqliteStore({ path: ':memory:' })]
    for (const store of [from, back]) await store.migrate()
    await expectAll({ from, over: (await freshStore(pool)).store, back })
    for (const store of [from, back]) store.close()
    await pool.end()
  })
})
