// A Postgres server for a group, with durable commits, and a pool on an empty database of it.
import { postgresStore } from '@mcpvault/postgres'
import pg from 'pg'
import { loadTestkit } from '../internals.mjs'

/** As many connections as pg gives a pool by default. */
export const poolSize = 10

/**
 * @typedef {object} PostgresParts
 * @property {pg.Pool} pool
 * @property {import('@mcpvault/core').VaultStore} store migrated
 * @property {string} url
 * @property {() => Promise<string>} newDatabase the address of another, empty one
 */

/**
 * @template T
 * @param {(parts: PostgresParts) => Promise<T>} work
 */
export async function onPostgres(work) {
  const { startPostgres } = await loadTestkit()
  const server = await startPostgres()
  try {
    const url = await server.newDatabase()
    const { pool, store } = await openStore(url)
    try {
      return await work({ pool, store, url, newDatabase: server.newDatabase })
    } finally {
      await pool.end()
    }
  } finally {
    await server.stop()
  }
}

/**
 * A store with a pool of its own; the caller ends the pool.
 *
 * @param {string} url
 */
export async function openStore(url) {
  const pool = openPool(url)
  return { pool, store: await migratedStore(pool) }
}

/** @param {pg.Pool} pool */
export async function migratedStore(pool) {
  const store = postgresStore({ pool })
  await store.migrate()
  return store
}

/** @param {string} url */
export function openPool(url) {
  const pool = new pg.Pool({ connectionString: url, max: poolSize })
  // A server that stops while a connection rests in the pool is no failure of the bench.
  pool.on('error', () => {})
  return pool
}
