// A vault moves from SQLite to Postgres and back with all that it has.

import { sqliteStore } from '@mcpvault/sqlite'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { expectMoves } from '@mcpvault/testkit/suites'
import { test } from 'vitest'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('moving a vault to Postgres', startPostgres, (server) => {
  test('brings all of it there, and back to SQLite', async () => {
    const pool = await freshPool(server())
    const [from, back] = [sqliteStore({ path: ':memory:' }), sqliteStore({ path: ':memory:' })]
    for (const store of [from, back]) await store.migrate()
    await expectMoves({ from, over: (await freshStore(pool)).store, back })
    for (const store of [from, back]) store.close()
    await pool.end()
  })
})
