// Values that are written once, and locks that expire by the clock of the server.
import { type CallOptions, type LockStore, type MetaStore, VaultError } from '@mcpvault/core'
import { bytesOf, type Engine, fieldsOf } from './engine.ts'
import { unlessDuplicate } from './errors.ts'

/** The store's own entries have names that no caller's has. */
const identityOf = (key: string): string => `meta\n${key}`

export function mongoMeta(engine: Engine): MetaStore {
  const read: MetaStore['read'] = (key, options) =>
    engine.call(options, async ({ meta }) => {
      const found = fieldsOf(await meta.findOne({ _id: identityOf(key) }))
      const value = bytesOf(found?.['value'])
      if (found === undefined) await engine.confirmAbsence()
      else if (!(found['value'] instanceof Uint8Array)) throw altered()
      return value
    })
  return {
    read,
    async insertOnce(key, bytes, options) {
      await engine.call(options, ({ meta }) =>
        unlessDuplicate(() => meta.insertOne({ _id: identityOf(key), value: Buffer.from(bytes) })),
      )
      const stored = await read(key, options)
      if (stored === undefined) throw new VaultError('VAULT_STORE_FAILED', { detail: 'A value was not stored.' })
      return stored
    },
  }
}

/** `serverTime` is the clock of the deployment, since the processes' own differ. */
export function mongoLocks(engine: Engine, serverTime: (options: CallOptions | undefined) => Promise<Date>): LockStore {
  const later = (now: Date, ttlMs: number): Date => new Date(now.getTime() + ttlMs)
  return {
    acquire(name, holder, ttlMs, options) {
      return engine.call(options, async ({ locks }) => {
        const now = await serverTime(options)
        const free = { _id: { $eq: name }, $or: [{ holder: { $eq: holder } }, { endsAt: { $lte: now } }] }
        const taken = { $set: { holder, endsAt: later(now, ttlMs) } }
        // The lock of another holder does not match, and then a new one with its name is a duplicate.
        return await unlessDuplicate(() => locks.updateOne(free, taken, { upsert: true }))
      })
    },
    renew(name, holder, ttlMs, options) {
      return engine.call(options, async ({ locks }) => {
        const now = await serverTime(options)
        const own = { _id: { $eq: name }, holder: { $eq: holder }, endsAt: { $gt: now } }
        return (await locks.updateOne(own, { $set: { endsAt: later(now, ttlMs) } })).matchedCount === 1
      })
    },
    async release(name, holder, options) {
      await engine.call(options, ({ locks }) => locks.deleteOne({ _id: { $eq: name }, holder: { $eq: holder } }))
    },
  }
}

function altered(): VaultError {
  const detail = 'A value that is written once is no longer bytes: it was altered. Restore its backup.'
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: false })
}
