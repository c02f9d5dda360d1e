// The three databases on which data keys are rewrapped and exchanged, each with a store and the table of the floor.
import { join } from 'node:path'
import { redisStore } from '@mcpvault/redis'
import { sqliteStore } from '@mcpvault/sqlite'
import { Redis } from 'ioredis'
import { postgresKeys, redisKeys, sqliteKeys } from './floor/rewrap.mjs'
import { loadTestkit } from './internals.mjs'
import { onPostgres } from './servers/postgres.mjs'
import { inTemporaryFolder } from './vaults.mjs'

/**
 * @typedef {object} KeyParts
 * @property {string} id as the names of goals have it
 * @property {string} name as rows have it
 * @property {import('@mcpvault/core').VaultStore} store migrated
 * @property {import('./floor/rewrap.mjs').KeyTable} table
 */

/**
 * The rows that `work` gives, of one database after the other.
 *
 * @param {(parts: KeyParts) => Promise<readonly import('./rows.mjs').Row[]>} work
 */
export async function onEachStore(work) {
  const postgres = await onPostgres(async ({ pool, store }) =>
    work({ id: 'postgres', name: 'Postgres', store, table: await postgresKeys(pool) }),
  )
  const sqlite = await inTemporaryFolder(async (folder) => {
    const store = sqliteStore({ path: join(folder, 'vault.db') })
    await store.migrate()
    const table = sqliteKeys(join(folder, 'floor.db'))
    const rows = await work({ id: 'sqlite', name: 'SQLite', store, table })
    table.close()
    store.close()
    return rows
  })
  return [...postgres, ...sqlite, ...(await onRedis(work))]
}

/** @param {(parts: KeyParts) => Promise<readonly import('./rows.mjs').Row[]>} work */
async function onRedis(work) {
  const { startRedis } = await loadTestkit()
  const server = await startRedis()
  const client = new Redis(server.url)
  try {
    const store = redisStore({ client })
    await store.migrate()
    return await work({ id: 'redis', name: 'Redis', store, table: redisKeys(client) })
  } finally {
    client.disconnect()
    await server.stop()
  }
}
