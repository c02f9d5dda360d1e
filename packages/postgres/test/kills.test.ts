// A process that ends between any two statements, also within a transaction, which the server then undoes.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { endingMethods, killSuite, lifeline } from '@mcpvault/testkit/campaign'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('a vault on Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server(), { max: 20, maxUses: 2_000 })
  })
  afterAll(() => pool.end())

  killSuite({
    async open() {
      const line = lifeline()
      const { store: plain, schema, drop } = await freshStore(pool)
      const connect = async () => endingMethods(await pool.connect(), ['query'], line)
      const ending = postgresStore({ pool: { connect, options: pool.options }, schema })
      return { plain, line, ending, close: async () => void (await drop()) }
    },
    erasureKills: 8,
  })
})
