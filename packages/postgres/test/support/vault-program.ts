// What the other processes of the tests run: vaults in a schema, and the making of one.
import { serveJobs, vaultJobs } from '@mcpvault/testkit/history/worker'
import type pg from 'pg'
import { type MigrationReport, postgresStore } from '../../src/index.ts'
import { poolOn } from './stores.ts'

export interface SchemaAddress {
  readonly url: string
  readonly schema: string
  readonly watch: boolean
}

let pool: pg.Pool | undefined

const jobs = {
  ...vaultJobs(async ({ url, schema, watch }: SchemaAddress) => {
    const own = poolOn(url)
    return { store: postgresStore({ pool: own, schema, watch }), close: () => own.end() }
  }),

  /** Connects, so that `migrate` begins at once. */
  async connect({ url }: Pick<SchemaAddress, 'url'>): Promise<void> {
    await pool?.end()
    pool = poolOn(url)
    await pool.query('SELECT 1')
  },

  async migrate({ schema }: Pick<SchemaAddress, 'schema'>): Promise<MigrationReport> {
    if (pool === undefined) throw new Error('There is no connection.')
    return await postgresStore({ pool, schema }).migrate()
  },
}

export type PostgresJobs = typeof jobs

serveJobs(jobs)
