// Conformance cases about the factory itself: without isolation no other case means anything.
import assert from 'node:assert/strict'
import type { VaultStore } from '../../contracts/index.ts'
import type { ConformanceCase, StoreFactory } from './case.ts'
import { casesOf } from './case.ts'
import { assertSame, seenWith } from './check.ts'
import {
  fullSecret,
  sampleAuditRow,
  sampleBytes,
  sampleCheckpoint,
  sampleDataKey,
  sampleRef,
  sampleScope,
  sampleStream,
} from './samples.ts'

const subjectCases = casesOf({
  about: 'factory',
  cases: {
    async 'a new store is empty'({ store }) {
      await assertEmpty(store)
    },
    async 'the store says what it can do'({ store }) {
      assert.ok(store.id.length > 0)
      assert.equal(typeof store.supports.transactions, 'boolean')
      assert.ok(['strict', 'best-effort'].includes(store.supports.durability))
      assert.ok(Number.isInteger(store.supports.writers) && store.supports.writers >= 1)
      assert.equal(store.watch !== undefined, store.supports.watch, 'watch is there exactly when it is declared')
    },
    async 'a second handle sees what the first one wrote'(subject) {
      const other = await subject.reopen?.()
      if (other === undefined) return
      await fill(subject.store)
      assertSame(await other.secrets.find(sampleRef(), 'all'), seenWith(fullSecret(), 'all'))
      assertSame(await other.dataKeys.active(sampleScope()), sampleDataKey())
      assertSame(await other.audit.query({}, { limit: 10 }), [sampleAuditRow()])
      assertSame(await other.audit.checkpoints({ limit: 10 }), [sampleCheckpoint()])
      assertSame(await other.meta.read('vault-id'), sampleBytes('vault id'))
      assert.equal(await other.locks.acquire('sweep', 'process 2', 60_000), false)
    },
  },
})

/** Cases about the factory. */
export const factoryCases: readonly ConformanceCase[] = [
  {
    name: 'factory: two stores share nothing',
    async run(factory: StoreFactory) {
      const first = await factory()
      try {
        const second = await factory()
        try {
          await fill(first.store)
          await assertEmpty(second.store)
        } finally {
          await second.cleanup()
        }
      } finally {
        await first.cleanup()
      }
    },
  },
  ...subjectCases,
]

async function fill(store: VaultStore): Promise<void> {
  assert.equal(await store.secrets.put(fullSecret(), { ifRevision: 0 }), true)
  await store.dataKeys.insert(sampleDataKey())
  assert.equal(await store.audit.append([sampleAuditRow()]), 'stored')
  await store.audit.putCheckpoint(sampleCheckpoint())
  await store.meta.insertOnce('vault-id', sampleBytes('vault id'))
  assert.equal(await store.locks.acquire('sweep', 'process 1', 60_000), true)
}

async function assertEmpty(store: VaultStore): Promise<void> {
  assert.equal(await store.secrets.find(sampleRef(), 'all'), undefined)
  assertSame(await store.secrets.findAll(sampleRef(), { limit: 10 }), [])
  assertSame(await store.secrets.list({ limit: 10 }), [])
  assertSame(await store.secrets.list({ visibleTo: 'bob', limit: 10 }), [])
  assert.equal(await store.dataKeys.find(sampleDataKey().id, sampleScope()), undefined)
  assert.equal(await store.dataKeys.active(sampleScope()), undefined)
  assertSame(await store.dataKeys.list({ limit: 10 }), [])
  assertSame(await store.audit.query({}, { limit: 10 }), [])
  assertSame(await store.audit.readStream(sampleStream('a'), { limit: 10, afterSequence: -1 }), [])
  assertSame(await store.audit.streams({ limit: 10 }), [])
  assertSame(await store.audit.checkpoints({ limit: 10 }), [])
  assert.equal(await store.meta.read('vault-id'), undefined)
  assert.equal(await store.locks.acquire('sweep', 'another', 60_000), true)
}
