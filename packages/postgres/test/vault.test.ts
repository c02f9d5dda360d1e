// A vault on Postgres does what a vault does on every store.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { vaultSuite } from '@mcpvault/testkit/suites'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  vaultSuite({
    name: 'Postgres',
    setting: {
      async open() {
        const { store, open, tamper, drop } = await freshStore(pool)
        return { store, tamper, reopen: async () => open(), cleanup: async () => void (await drop()) }
      },
    },
  })
})
