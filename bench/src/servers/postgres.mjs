// A Postgres server for a group, with durable commits, and a pool on an empty database of it.
import { postgresStore } from '@mcpvault/postgres'
import pg from 'pg'
import { loadTestkit } from '../internals.mjs'

/** As many connections as pg gives a pool by default. */
export const poolSize = 10

/**
 * @template T
 * @param {(parts: { pool: pg.Pool, store: import('@mcpvault/core').VaultStore, url: string }) => Promise<T>} work
 */
export async function onPostgres(work) {
  const { startPostgres } = await loadTestkit()
  const server = await startPostgres()
  try {
    const url = await server.newDatabase()
    const pool = new pg.Pool({ connectionString: url, max: poolSize })
    // A server that stops while a connection rests in the pool is no failure of the bench.
    pool.on('error', () => {})
    try {
      const store = postgresStore({ pool })
      await store.migrate()
      return await work({ pool, store, url })
    } finally {
      await pool.end()
    }
  } finally {
    await server.stop()
  }
}
