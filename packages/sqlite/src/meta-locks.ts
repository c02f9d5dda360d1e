// The small parts: values that are written once, and locks that expire by the clock.
import type { Clock, LockStore, MetaStore } from '@mcpvault/core'
import type { Client } from './client.ts'
import type { Engine } from './engine.ts'
import { sql } from './statements.ts'

export function sqliteMeta({ read, write }: Engine): MetaStore {
  return {
    read(key, options) {
      return read((client) => client.get(sql.readMeta, key)?.[0], options)
    },
    insertOnce(key, bytes, options) {
      const run = (client: Client): Uint8Array => {
        client.run(sql.insertMeta, key, bytes)
        return client.get(sql.readMeta, key)?.[0] ?? bytes.slice()
      }
      return write({ run }, options)
    },
  }
}

export function sqliteLocks({ write }: Engine, clock: Clock): LockStore {
  return {
    acquire(name, holder, ttlMs, options) {
      const run = (client: Client): boolean => {
        const nowMs = clock.now().getTime()
        return client.run(sql.acquireLock, name, holder, nowMs + ttlMs, nowMs) > 0
      }
      return write({ run }, options)
    },
    renew(name, holder, ttlMs, options) {
      const run = (client: Client): boolean => {
        const nowMs = clock.now().getTime()
        return client.run(sql.renewLock, nowMs + ttlMs, name, holder, nowMs) > 0
      }
      return write({ run }, options)
    },
    release(name, holder, options) {
      return write({ run: (client) => void client.run(sql.releaseLock, name, holder) }, options)
    },
  }
}
