// Faults and broken connections on a real Postgres, under a vault that loses nothing it acknowledged.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { cutSuite, faultSuite } from '@mcpvault/testkit/campaign'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { proxiedStore } from './support/proxied.ts'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('a vault on Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server(), { max: 20, maxUses: 2_000 })
  })
  afterAll(() => pool.end())

  faultSuite({ open: () => freshStore(pool), faults: 8, randomRuns: 8 })
  cutSuite({ open: () => proxiedStore(server(), pool), faults: 6 })
})
