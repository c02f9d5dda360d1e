// Stores whose values that are written once, and whose locks, are broken on purpose.
import type { LockStore, MetaStore, VaultStore } from '../../src/contracts/index.ts'
import { type BrokenStore, pause } from './breaking.ts'

const metaStores: readonly BrokenStore[] = [
  brokenMeta('absent values are empty', 'what was never written is undefined', (s) => ({
    read: async (key) => (await s.read(key)) ?? new Uint8Array(0),
  })),
  brokenMeta('insertOnce overwrites', 'the first writer stays, and later ones get its bytes', overwrite),
  brokenMeta('later writers get their own bytes', 'the first writer stays, and later ones get its bytes', (s) => ({
    async insertOnce(key, bytes) {
      await s.insertOnce(key, bytes)
      return bytes
    },
  })),
  brokenMeta('empty values are absent', 'bytes of every value and none come back', (s) => ({
    async read(key) {
      const bytes = await s.read(key)
      return bytes?.length === 0 ? undefined : bytes
    },
  })),
  brokenMeta('two win the writing race', 'of 50 writers at once one wins, and all get its bytes', (s) => {
    const last = new Map<string, Uint8Array>()
    return {
      read: (key) => last.get(key),
      async insertOnce(key, bytes) {
        const before = last.get(key)
        await pause()
        if (before === undefined) last.set(key, bytes)
        return before ?? s.insertOnce(`${key} ${bytes}`, bytes)
      },
    }
  }),
  brokenMeta('stored bytes are handed out', 'what a caller does to bytes changes nothing stored', (s) => {
    const kept = new Map<string, Uint8Array | undefined>()
    return {
      async read(key) {
        if (!kept.has(key)) kept.set(key, await s.read(key))
        return kept.get(key)
      },
      insertOnce(key, bytes) {
        kept.set(key, kept.get(key) ?? bytes)
        return kept.get(key) ?? bytes
      },
    }
  }),
]

const lockStores: readonly BrokenStore[] = [
  brokenLocks('a lock can be stolen', 'a free lock is given to one holder alone', (s) => ({
    acquire: async (name, holder, ttlMs) => (await s.acquire(name, holder, ttlMs)) || true,
  })),
  brokenLocks('all locks are one', 'a free lock is given to one holder alone', (s) => ({
    acquire: (_name, holder, ttlMs) => s.acquire('all', holder, ttlMs),
  })),
  brokenLocks('a holder cannot get its lock again', 'its holder gets a lock again', (s) => ({
    acquire: async (name, holder, ttlMs) => !(await s.renew(name, holder, ttlMs)) && s.acquire(name, holder, ttlMs),
  })),
  brokenLocks('anybody renews', 'only its holder renews a lock', (s) => ({
    renew: async (name, holder, ttlMs) => (await s.renew(name, holder, ttlMs)) || true,
  })),
  brokenLocks('renewing acquires', 'a lock that was refused to renew is still free', (s) => ({
    renew: async (name, holder, ttlMs) => (await s.acquire(name, holder, ttlMs)) && false,
  })),
  brokenLocks('releasing does nothing', 'only its holder releases a lock', () => ({ release: () => undefined })),
  brokenLocks('anybody releases', 'only its holder releases a lock', (s) => ({
    async release(name) {
      for (const holder of ['one', 'two']) await s.release(name, holder)
    },
  })),
  brokenLocks('a lock never ends', 'a lock ends with its time, and then another holder gets it', (s) => ({
    acquire: (name, holder) => s.acquire(name, holder, 1e9),
  })),
  brokenLocks('ended locks are renewed', 'an ended lock is not renewed', (s) => ({
    renew: async (name, holder, ttlMs) => (await s.renew(name, holder, ttlMs)) || s.acquire(name, holder, ttlMs),
  })),
  brokenLocks('renewing does not restart the time', 'renewing and getting again both restart the time', (s) => ({
    renew: (name, holder) => s.renew(name, holder, 150),
  })),
  brokenLocks('getting again does not restart the time', 'renewing and getting again both restart the time', (s) => ({
    acquire: async (name, holder, ttlMs) => (await s.renew(name, holder, 150)) || s.acquire(name, holder, ttlMs),
  })),
  brokenLocks('two win a lock', 'of 50 that ask at once exactly one gets the lock', racingLocks),
  brokenLocks('two win an ended lock', 'of 50 that ask at once for an ended lock exactly one gets it', racingLocks),
]

export const brokenMetaStores: readonly BrokenStore[] = [...metaStores, ...lockStores]

function brokenMeta(what: string, caught: string, part: (s: MetaStore) => Partial<MetaStore>): BrokenStore {
  const wrap = (store: VaultStore): VaultStore => ({ ...store, meta: { ...store.meta, ...part(store.meta) } })
  return { broken: what, caught: `meta: ${caught}`, wrap }
}

function brokenLocks(what: string, caught: string, part: (s: LockStore) => Partial<LockStore>): BrokenStore {
  const wrap = (store: VaultStore): VaultStore => ({ ...store, locks: { ...store.locks, ...part(store.locks) } })
  return { broken: what, caught: `locks: ${caught}`, wrap }
}

function overwrite(): Partial<MetaStore> {
  const values = new Map<string, Uint8Array>()
  return {
    read: (key) => values.get(key),
    insertOnce(key, bytes) {
      values.set(key, bytes)
      return bytes
    },
  }
}

function racingLocks(locks: LockStore): Partial<LockStore> {
  return {
    async acquire(name, holder, ttlMs) {
      const isFree = await locks.acquire(name, 'probe', 1)
      await locks.release(name, 'probe')
      await pause()
      if (isFree) await locks.acquire(name, holder, ttlMs)
      return isFree
    },
  }
}
