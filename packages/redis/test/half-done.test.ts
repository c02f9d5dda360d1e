// A process that dies between the commands of one operation in a cluster: what it left harms nobody, and is mended.
import type { AuditRow, VaultStore } from '@mcpvault/core'
import { nextRevision, sampleAuditRow, sampleDataKey, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startRedisCluster } from '@mcpvault/testkit'
import type { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedisClient } from '../src/client.ts'
import { redisStore } from '../src/index.ts'
import { clusterClientOn, freshStore } from './support/stores.ts'

/** A client whose process dies after so many commands: it sends no more, and nobody gets an answer. */
function mortalClient(cluster: Cluster, { commands }: { readonly commands: number }) {
  let sent = 0
  const client: RedisClient = {
    isCluster: true,
    nodes: () => cluster.nodes('master'),
    async callBuffer(command, ...args) {
      sent += 1
      if (sent > commands) throw new Error('The process is gone.')
      return await cluster.callBuffer(command, ...args)
    },
  }
  return { client, sent: () => sent }
}

const record = sampleSecret({ tags: ['ci'] })
const next = { ...nextRevision(record), tags: ['other'] }
const key = sampleDataKey()
const rows: readonly AuditRow[] = [0, 1].map((sequence) => sampleAuditRow({ sequence }))

interface Operation {
  readonly name: string
  /** What is there before. */
  prepare(store: VaultStore): Promise<unknown>
  /** May be done again after it was done in part. */
  run(store: VaultStore): Promise<unknown>
  /** Holds before the operation or after it, whatever part of it was done. */
  holds(store: VaultStore): Promise<void>
  /** Holds after it was done again. */
  done(store: VaultStore): Promise<void>
}

const listed = async (store: VaultStore, tag: string): Promise<number> =>
  (await store.secrets.list({ tagsAny: [tag], limit: 10 })).length
const keysOf = async (store: VaultStore): Promise<number> => (await store.dataKeys.list({ limit: 10 })).length

const operations: readonly Operation[] = [
  {
    name: 'inserts a secret',
    prepare: async () => {},
    run: (store) => Promise.resolve(store.secrets.put(record, { ifRevision: 0 })),
    async holds(store) {
      const found = await store.secrets.find(record.ref, 'current')
      expect(await listed(store, 'ci')).toBe(found === undefined ? 0 : 1)
      expect(await store.secrets.findAll(record.ref, { limit: 10 })).toHaveLength(found === undefined ? 0 : 1)
    },
    async done(store) {
      expect((await store.secrets.find(record.ref, 'current'))?.revision).toBe(record.revision)
      expect(await listed(store, 'ci')).toBe(1)
    },
  },
  {
    name: 'changes a secret',
    prepare: (store) => Promise.resolve(store.secrets.put(record, { ifRevision: 0 })),
    run: (store) => Promise.resolve(store.secrets.put(next, { ifRevision: record.revision })),
    async holds(store) {
      const isNew = (await store.secrets.find(record.ref, 'current'))?.revision === next.revision
      expect([await listed(store, 'ci'), await listed(store, 'other')]).toEqual(isNew ? [0, 1] : [1, 0])
    },
    async done(store) {
      expect((await store.secrets.find(record.ref, 'current'))?.revision).toBe(next.revision)
      expect([await listed(store, 'ci'), await listed(store, 'other')]).toEqual([0, 1])
    },
  },
  {
    name: 'removes a secret',
    prepare: (store) => Promise.resolve(store.secrets.put(record, { ifRevision: 0 })),
    run: (store) => Promise.resolve(store.secrets.remove(record.ref, { ifRevision: record.revision })),
    async holds(store) {
      const found = await store.secrets.find(record.ref, 'current')
      expect(await listed(store, 'ci')).toBe(found === undefined ? 0 : 1)
    },
    async done(store) {
      expect(await store.secrets.find(record.ref, 'current')).toBeUndefined()
      expect(await listed(store, 'ci')).toBe(0)
      expect(await store.secrets.put(record, { ifRevision: 0 })).toBe(true)
      expect(await listed(store, 'ci')).toBe(1)
    },
  },
  {
    name: 'inserts a data key',
    prepare: async () => {},
    run: (store) => Promise.resolve(store.dataKeys.insert(key)),
    async holds(store) {
      expect(await keysOf(store)).toBe((await store.dataKeys.active(key.scope)) === undefined ? 0 : 1)
    },
    async done(store) {
      expect((await store.dataKeys.active(key.scope))?.id).toBe(key.id)
      expect(await keysOf(store)).toBe(1)
    },
  },
  {
    name: 'retires a data key',
    prepare: (store) => Promise.resolve(store.dataKeys.insert(key)),
    run: (store) =>
      Promise.resolve(store.dataKeys.replace({ ...key, state: 'retired', revision: 2 }, { ifRevision: 1 })),
    async holds(store) {
      const found = await store.dataKeys.find(key.id, key.scope)
      expect((await store.dataKeys.active(key.scope)) === undefined).toBe(found?.state === 'retired')
    },
    async done(store) {
      expect((await store.dataKeys.find(key.id, key.scope))?.state).toBe('retired')
      expect(await keysOf(store)).toBe(1)
    },
  },
  {
    name: 'removes a data key',
    prepare: (store) => Promise.resolve(store.dataKeys.insert(key)),
    run: (store) => Promise.resolve(store.dataKeys.remove(key.id, key.scope)),
    async holds(store) {
      expect(await keysOf(store)).toBe((await store.dataKeys.find(key.id, key.scope)) === undefined ? 0 : 1)
    },
    async done(store) {
      expect(await store.dataKeys.find(key.id, key.scope)).toBeUndefined()
      expect(await keysOf(store)).toBe(0)
    },
  },
  {
    name: 'appends audit rows',
    prepare: async () => {},
    run: (store) => Promise.resolve(store.audit.append(rows)),
    async holds(store) {
      const [stream] = await store.audit.streams({ limit: 10 })
      const found = await store.audit.query({}, { limit: 10 })
      expect(found).toHaveLength(stream === undefined ? 0 : rows.length)
    },
    async done(store) {
      expect(await store.audit.query({}, { limit: 10 })).toHaveLength(rows.length)
    },
  },
  {
    name: 'stores a value once',
    prepare: async () => {},
    run: (store) => Promise.resolve(store.meta.insertOnce('key', new Uint8Array([1]))),
    holds: async () => {},
    async done(store) {
      expect(Array.from((await store.meta.read('key')) ?? [])).toEqual([1])
    },
  },
]

describeWith('a process on a Redis cluster', startRedisCluster, (cluster) => {
  let direct: Cluster
  beforeAll(() => {
    direct = clusterClientOn(cluster())
  })
  afterAll(() => direct.disconnect())

  describe('that dies between two commands', () => {
    test.each(operations)('when it $name', async ({ prepare, run, holds, done }) => {
      let isWhole = false
      for (let commands = 0; !isWhole; commands += 1) {
        const { store, prefix } = await freshStore(direct)
        await prepare(store)
        const looked = mortalClient(direct, { commands: Number.POSITIVE_INFINITY })
        // The looks at the servers come first, by the same number of commands for each store.
        await redisStore({ client: looked.client, prefix }).locks.release('lock', 'nobody')
        const { client, sent } = mortalClient(direct, { commands: looked.sent() + commands })
        const mortal = redisStore({ client, prefix })
        await mortal.locks.release('lock', 'nobody')
        isWhole = await Promise.resolve(run(mortal)).then(
          () => true,
          () => false,
        )
        expect(sent()).toBeGreaterThan(looked.sent())
        await holds(store)
        await run(store)
        await done(store)
      }
    })
  })
})
