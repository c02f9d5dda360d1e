// Several processes on one schema see one history, and forget data keys that one of them destroyed.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { historySuite, type ProcessSetting, stalenessSuite } from '@mcpvault/testkit/history'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { freshPool, freshStore } from './support/stores.ts'
import type { SchemaAddress } from './support/vault-program.ts'

describeWith('Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const setting: ProcessSetting<SchemaAddress> = {
    program: { entry: new URL('support/vault-program.ts', import.meta.url), external: ['pg'] },
    watch: true,
    async open({ watch }) {
      const { store, schema, drop } = await freshStore(pool, { watch })
      const url = String(pool.options.connectionString)
      return { store, address: { url, schema, watch }, cleanup: async () => void (await drop()) }
    },
  }
  historySuite('Postgres', setting)
  stalenessSuite('Postgres', setting)
})
