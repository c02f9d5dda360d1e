// Stores whose values that are written once, and whose leases, are broken on purpose.
import type { LeaseStore, MetaStore, VaultStore } from '../../src/contracts/index.ts'
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

const leaseStores: readonly BrokenStore[] = [
  brokenLeases('a lease can be stolen', 'a free lease is given to one holder alone', (s) => ({
    acquire: async (name, holder, ttlMs) => (await s.acquire(name, holder, ttlMs)) || true,
  })),
  brokenLeases('all leases are one', 'a free lease is given to one holder alone', (s) => ({
    acquire: (_name, holder, ttlMs) => s.acquire('all', holder, ttlMs),
  })),
  brokenLeases('a holder cannot get its lease again', 'its holder gets a lease again', (s) => ({
    acquire: async (name, holder, ttlMs) => !(await s.renew(name, holder, ttlMs)) && s.acquire(name, holder, ttlMs),
  })),
  brokenLeases('anybody renews', 'only its holder renews a lease', (s) => ({
    renew: async (name, holder, ttlMs) => (await s.renew(name, holder, ttlMs)) || true,
  })),
  brokenLeases('renewing acquires', 'a lease that was refused to renew is still free', (s) => ({
    renew: async (name, holder, ttlMs) => (await s.acquire(name, holder, ttlMs)) && false,
  })),
  brokenLeases('releasing does nothing', 'only its holder releases a lease', () => ({ release: () => undefined })),
  brokenLeases('anybody releases', 'only its holder releases a lease', (s) => ({
    async release(name) {
      for (const holder of ['one', 'two']) await s.release(name, holder)
    },
  })),
  brokenLeases('a lease never ends', 'a lease ends with its time, and then another holder gets it', (s) => ({
    acquire: (name, holder) => s.acquire(name, holder, 1e9),
  })),
  brokenLeases('ended leases are renewed', 'an ended lease is not renewed', (s) => ({
    renew: async (name, holder, ttlMs) => (await s.renew(name, holder, ttlMs)) || s.acquire(name, holder, ttlMs),
  })),
  brokenLeases('renewing does not begin the time anew', 'renewing and getting again both begin the time anew', (s) => ({
    renew: (name, holder) => s.renew(name, holder, 150),
  })),
  brokenLeases(
    'getting again does not begin the time anew',
    'renewing and getting again both begin the time anew',
    (s) => ({
      acquire: async (name, holder, ttlMs) => (await s.renew(name, holder, 150)) || s.acquire(name, holder, ttlMs),
    }),
  ),
  brokenLeases('two win a lease', 'of 50 that ask at once exactly one gets the lease', racingLeases),
  brokenLeases('two win an ended lease', 'of 50 that ask at once for an ended lease exactly one gets it', racingLeases),
]

export const brokenMetaStores: readonly BrokenStore[] = [...metaStores, ...leaseStores]

function brokenMeta(what: string, caught: string, part: (s: MetaStore) => Partial<MetaStore>): BrokenStore {
  const wrap = (store: VaultStore): VaultStore => ({ ...store, meta: { ...store.meta, ...part(store.meta) } })
  return { broken: what, caught: `meta: ${caught}`, wrap }
}

function brokenLeases(what: string, caught: string, part: (s: LeaseStore) => Partial<LeaseStore>): BrokenStore {
  const wrap = (store: VaultStore): VaultStore => ({ ...store, leases: { ...store.leases, ...part(store.leases) } })
  return { broken: what, caught: `leases: ${caught}`, wrap }
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

function racingLeases(leases: LeaseStore): Partial<LeaseStore> {
  return {
    async acquire(name, holder, ttlMs) {
      const isFree = await leases.acquire(name, 'probe', 1)
      await leases.release(name, 'probe')
      await pause()
      if (isFree) await leases.acquire(name, holder, ttlMs)
      return isFree
    },
  }
}
