// Stores on a real Postgres: one server for a file of tests, a schema for each store.
import type { PostgresServer } from '@mcpvault/testkit'
import pg from 'pg'
import { type PostgresStoreOptions, postgresStore } from '../../src/index.ts'
import { tamperWith } from './tamper.ts'

let schemas = 0

/** For tests that break connections on purpose. */
export const quiet = { warn: () => undefined }

export function poolOn(url: string, config: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 10, ...config })
  // A server that is stopped breaks the connections that rest in the pool; the tests look at calls alone.
  pool.on('error', () => {})
  return pool
}

/** A migrated store in a schema of its own. */
export async function freshStore(pool: pg.Pool, options: Partial<PostgresStoreOptions> = {}) {
  schemas += 1
  const schema = options.schema ?? `vault_${process.pid}_${schemas}`
  const open = (more: Partial<PostgresStoreOptions> = {}) =>
    postgresStore({ pool, schema, logger: quiet, ...options, ...more })
  const store = open()
  await store.migrate()
  return {
    store,
    schema,
    open,
    tamper: tamperWith(pool, schema),
    drop: () => pool.query(`DROP SCHEMA "${schema}" CASCADE`),
  }
}

/** A pool on an empty database of the server. */
export async function freshPool(server: PostgresServer, config: pg.PoolConfig = {}): Promise<pg.Pool> {
  return poolOn(await server.newDatabase(), config)
}
