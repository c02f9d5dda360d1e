// Values that are written once, and locks that expire by the clock of the server.
import { type LockStore, type MetaStore, VaultError } from '@mcpvault/core'
import { bytesOf, type Engine } from './engine.ts'
import { misread } from './replies.ts'
import { type Script, scripts } from './scripts.ts'

export function redisMeta(engine: Engine): MetaStore {
  return {
    read(key, options) {
      return engine.call(options, async ({ keys, command, confirmAbsence }) => {
        const stored = bytesOf(await command('GET', keys.meta(key)))
        if (stored === undefined) await confirmAbsence()
        return stored
      })
    },
    insertOnce(key, bytes, options) {
      return engine.call(options, async ({ keys, command }) => {
        await command('SET', keys.meta(key), Buffer.from(bytes), 'NX')
        const stored = bytesOf(await command('GET', keys.meta(key)))
        if (stored === undefined) throw new VaultError('VAULT_STORE_FAILED', { detail: 'A value was not stored.' })
        return stored
      })
    },
  }
}

export function redisLocks(engine: Engine): LockStore {
  const take =
    (script: Script): LockStore['acquire'] =>
    (name, holder, ttlMs, options) =>
      engine.call(options, async ({ keys, run }) => {
        const outcome = await run({ script, keys: [keys.lock(name)], values: [holder, ttlMs] })
        if (outcome === 1 || outcome === 0) return outcome === 1
        throw misread()
      })
  return {
    acquire: take(scripts.acquireLock),
    renew: take(scripts.renewLock),
    async release(name, holder, options) {
      await engine.call(options, ({ keys, run }) =>
        run({ script: scripts.releaseLock, keys: [keys.lock(name)], values: [holder] }),
      )
    },
  }
}
