// Conformance cases: a write and its audit rows land together, waits end by signal, and other processes are notified.
import assert from 'node:assert/strict'
import type { DataKeyScope, StoredDataKey, VaultStore } from '../../contracts/index.ts'
import { isVaultError } from '../../errors/index.ts'
import { isPromiseLike } from '../../time/index.ts'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, insertAll, present, seenWith } from './check.ts'
import {
  nextRevision,
  sampleAuditRow,
  sampleBytes,
  sampleDataKey,
  sampleRef,
  sampleScope,
  sampleSecret,
} from './samples.ts'

const rows = [sampleAuditRow({ sequence: 1 }), sampleAuditRow({ sequence: 2 })]
const stored = sampleAuditRow({ sequence: 2, fork: 'stored before' })

const togetherCases = casesOf({
  about: 'transactions',
  requires: (supports) => supports.transactions,
  cases: {
    async 'an insert and its audit rows are both there'({ store }) {
      assert.equal(await store.secrets.put(sampleSecret(), { ifRevision: 0, audit: rows }), true)
      assert.ok(await store.secrets.find(sampleRef(), 'current'))
      await assertRows(store, rows)
    },
    async 'an update and its audit rows are both there'({ store }) {
      await insertAll(store, [sampleSecret()])
      const next = nextRevision(sampleSecret())
      assert.equal(await store.secrets.put(next, { ifRevision: 1, audit: rows }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(next, 'all'))
      await assertRows(store, rows)
    },
    async 'a removal and its audit rows are both there'({ store }) {
      await insertAll(store, [sampleSecret()])
      assert.equal(await store.secrets.remove(sampleRef(), { ifRevision: 1, audit: rows }), true)
      assert.equal(await store.secrets.find(sampleRef(), 'all'), undefined)
      await assertRows(store, rows)
    },
    async 'a put that loses writes no audit row'({ store }) {
      await insertAll(store, [sampleSecret()])
      for (const ifRevision of [0, 2]) {
        assert.equal(await store.secrets.put(nextRevision(sampleSecret()), { ifRevision, audit: rows }), false)
      }
      const absent = sampleSecret({ ref: sampleRef({ name: 'absent' }) })
      assert.equal(await store.secrets.put(absent, { ifRevision: 1, audit: rows }), false)
      await assertRows(store, [])
    },
    async 'a removal that loses writes no audit row'({ store }) {
      await insertAll(store, [sampleSecret()])
      assert.equal(await store.secrets.remove(sampleRef(), { ifRevision: 2, audit: rows }), false)
      assert.equal(await store.secrets.remove(sampleRef({ name: 'x' }), { ifRevision: 1, audit: rows }), false)
      await assertRows(store, [])
    },
    async 'an insert whose audit rows fork fails and writes nothing'({ store }) {
      await store.audit.append([stored])
      await assertFails(() => store.secrets.put(sampleSecret(), { ifRevision: 0, audit: rows }))
      assert.equal(await store.secrets.find(sampleRef(), 'all'), undefined)
      await assertRows(store, [stored])
    },
    async 'an update whose audit rows fork fails and writes nothing'({ store }) {
      await insertAll(store, [sampleSecret()])
      await store.audit.append([stored])
      await assertFails(() => store.secrets.put(nextRevision(sampleSecret()), { ifRevision: 1, audit: rows }))
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(sampleSecret(), 'all'))
      await assertRows(store, [stored])
    },
    async 'a removal whose audit rows fork fails and removes nothing'({ store }) {
      await insertAll(store, [sampleSecret()])
      await store.audit.append([stored])
      await assertFails(() => store.secrets.remove(sampleRef(), { ifRevision: 1, audit: rows }))
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(sampleSecret(), 'all'))
      await assertRows(store, [stored])
    },
    async 'audit rows that are there already do not stop a write'({ store }) {
      await store.audit.append(rows.slice(0, 1))
      assert.equal(await store.secrets.put(sampleSecret(), { ifRevision: 0, audit: rows }), true)
      await assertRows(store, rows)
    },
  },
})

const signalCases = casesOf({
  about: 'signals',
  cases: {
    async 'a call that has to wait rejects with the reason of an aborted signal'({ store }) {
      const reason = new Error('nobody waits any more')
      const options = { signal: AbortSignal.abort(reason) }
      const calls: readonly (() => unknown)[] = [
        () => store.secrets.find(sampleRef(), 'current', options),
        () => store.secrets.findAll(sampleRef(), { limit: 1, ...options }),
        () => store.secrets.list({ limit: 1 }, options),
        () => store.secrets.put(sampleSecret(), { ifRevision: 0, ...options }),
        () => store.dataKeys.find(sampleDataKey().id, sampleScope(), options),
        () => store.dataKeys.insert(sampleDataKey(), options),
        () => store.audit.append([sampleAuditRow()], options),
        () => store.audit.query({}, { limit: 1, ...options }),
        () => store.meta.insertOnce('vault-id', sampleBytes('id'), options),
        () => store.locks.acquire('sweep', 'one', 1000, options),
      ]
      for (const call of calls) await assertEndsAtOnce(call, reason)
    },
    async 'a signal that is not aborted changes nothing'({ store }) {
      const { signal } = new AbortController()
      assert.equal(await store.secrets.put(sampleSecret(), { ifRevision: 0, signal }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all', { signal }), seenWith(sampleSecret(), 'all'))
    },
  },
})

const watchCases = casesOf({
  about: 'watch',
  requires: (supports) => supports.watch,
  cases: {
    async 'tells the scope of each data key that another handle replaced or removed, until it is ended'(subject) {
      const { store } = subject
      const other = present(await subject.reopen?.(), 'a store that supports watch must be given with reopen')
      const notified: DataKeyScope[] = []
      const end = present(
        store.watch?.((change) => {
          if (change.kind === 'dataKey') notified.push(change.scope)
        }),
      )
      const isNotified = (owner: string): boolean => notified.some((scope) => scope.owner === owner)
      const scopeOf = (owner: string): DataKeyScope => ({ ...sampleDataKey().scope, owner })
      const replace = async (row: StoredDataKey): Promise<StoredDataKey> => {
        const next = { ...row, revision: row.revision + 1 }
        assert.equal(await other.dataKeys.replace(next, { ifRevision: row.revision }), true)
        return next
      }
      // A subscription may take a moment to begin, so the first change is repeated until it is notified.
      let row = await other.dataKeys.insert(sampleDataKey({ scope: scopeOf('alice') }))
      await until(async () => {
        if (isNotified('alice')) return true
        row = await replace(row)
        return false
      })
      const removed = await other.dataKeys.insert(sampleDataKey({ id: 'b'.repeat(32), scope: scopeOf('bob') }))
      await other.dataKeys.remove(removed.id, removed.scope)
      await until(async () => isNotified('bob'))
      assertSame(
        notified.find(({ owner }) => owner === 'bob'),
        removed.scope,
      )
      end()
      notified.length = 0
      await replace(row)
      await new Promise((resolve) => setTimeout(resolve, 20))
      assertSame(notified, [])
    },
    async 'goes on after a listener that throws, and after one that rejects'(subject) {
      const { store } = subject
      const other = present(await subject.reopen?.(), 'a store that supports watch must be given with reopen')
      let calls = 0
      const end = present(
        store.watch?.(() => {
          calls += 1
          if (calls % 2 === 1) throw new Error('The listener failed.')
          return Promise.reject(new Error('The listener failed later.'))
        }),
      )
      let row = await other.dataKeys.insert(sampleDataKey())
      await until(async () => {
        if (calls > 2) return true
        const next = { ...row, revision: row.revision + 1 }
        assert.equal(await other.dataKeys.replace(next, { ifRevision: row.revision }), true)
        row = next
        return false
      })
      end()
    },
  },
})

export const transactionCases: readonly ConformanceCase[] = [...togetherCases, ...signalCases, ...watchCases]

async function assertRows(store: VaultStore, expected: readonly unknown[]): Promise<void> {
  assertSame(await store.audit.readStream(sampleAuditRow().stream, { limit: 10, afterSequence: -1 }), expected)
}

async function assertFails(write: () => unknown): Promise<void> {
  await assert.rejects(
    async () => write(),
    (error) => isVaultError(error, 'VAULT_STORE_FAILED') && !error.retryable,
  )
}

/** An engine that answers at once has nothing to wait for, and may do so. */
async function assertEndsAtOnce(call: () => unknown, reason: Error): Promise<void> {
  let answer: unknown
  try {
    answer = call()
  } catch (error) {
    assert.equal(error, reason)
    return
  }
  if (isPromiseLike(answer)) {
    await assert.rejects(
      async () => answer,
      (error) => error === reason,
    )
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.fail('the store does not notify of the change')
}
