// The small parts: values that are written once, and locks that expire by the clock.
import type { Clock, LockStore, MetaStore } from '@mcpvault/core'
import type { Engine } from './engine.ts'
import { sql } from './statements.ts'

export function sqliteMeta({ run, write }: Engine): MetaStore {
  return {
    read(key, options) {
      return run((client) => client.get(sql.readMeta, key)?.[0], options)
    },
    insertOnce(key, bytes, options) {
      return write((client) => {
        const body = (): Uint8Array => {
          client.run(sql.insertMeta, key, bytes)
          return client.get(sql.readMeta, key)?.[0] ?? bytes.slice()
        }
        return { body }
      }, options)
    },
  }
}

export function sqliteLocks({ write }: Engine, clock: Clock): LockStore {
  return {
    acquire(name, holder, ttlMs, options) {
      return write((client) => {
        const nowMs = clock.now().getTime()
        return { body: () => client.run(sql.acquireLock, name, holder, nowMs + ttlMs, nowMs) > 0 }
      }, options)
    },
    renew(name, holder, ttlMs, options) {
      return write((client) => {
        const nowMs = clock.now().getTime()
        return { body: () => client.run(sql.renewLock, nowMs + ttlMs, name, holder, nowMs) > 0 }
      }, options)
    },
    release(name, holder, options) {
      return write((client) => ({ body: () => void client.run(sql.releaseLock, name, holder) }), options)
    },
  }
}
