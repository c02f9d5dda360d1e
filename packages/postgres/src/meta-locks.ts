// Values that are written once, and locks by the clock of the server.
import { type LockStore, type MetaStore, VaultError } from '@mcpvault/core'
import type { Engine } from './engine.ts'

export function postgresMeta(engine: Engine): MetaStore {
  const { sql } = engine
  const read: MetaStore['read'] = (key, options) =>
    engine.read(options, async (connection) => (await connection.rows<[Buffer]>(sql.readMeta, [key]))[0]?.[0])
  return {
    read,
    async insertOnce(key, bytes, options) {
      await engine.write(options, (connection) => connection.rows(sql.insertMeta, [key, Buffer.from(bytes)]))
      const stored = await read(key, options)
      if (stored === undefined) throw new VaultError('VAULT_STORE_FAILED', { detail: 'A value was not stored.' })
      return stored
    },
  }
}

export function postgresLocks(engine: Engine): LockStore {
  const { sql } = engine
  return {
    acquire: (name, holder, ttlMs, options) =>
      engine.write(options, async (connection) => {
        return (await connection.rows(sql.acquireLock, [name, holder, ttlMs])).length > 0
      }),
    renew: (name, holder, ttlMs, options) =>
      engine.write(options, async (connection) => {
        return (await connection.rows(sql.renewLock, [name, holder, ttlMs])).length > 0
      }),
    async release(name, holder, options) {
      await engine.write(options, (connection) => connection.rows(sql.releaseLock, [name, holder]))
    },
  }
}
