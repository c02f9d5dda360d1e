// The memory store keeps the whole store contract, whatever it says it can do.
import { describe, expect, test, vi } from 'vitest'
import type { StoreSupport } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  manualClock,
  nextRevision,
  sampleAuditRow,
  sampleDataKey,
  sampleRef,
  sampleSecret,
  storeConformance,
} from '../../src/testing/index.ts'

const supportOf: Readonly<Record<string, Partial<StoreSupport>>> = {
  'with everything': {},
  'without transactions': { transactions: false },
  'without watch': { watch: false },
}

for (const [title, supports] of Object.entries(supportOf)) {
  describe(`[S6][S11][S43][N4] the memory store keeps the store contract, ${title}`, () => {
    test.each(storeConformance.map((conformanceCase) => ({ ...conformanceCase })))('$name', async ({ run }) => {
      await run(async () => {
        const clock = manualClock()
        const store = memoryStore({ clock, supports })
        return {
          store,
          cleanup: async () => {},
          reopen: async () => store,
          advance: (milliseconds) => clock.advance(milliseconds),
        }
      })
    })
  })
}

test('locks end by the clock of the machine when none is given', async () => {
  const cases = storeConformance.filter(({ name }) => name.startsWith('locks:'))
  expect(cases.length).toBeGreaterThan(5)
  for (const { run } of cases) await run(async () => ({ store: memoryStore(), cleanup: async () => {} }))
})

test('a lock ends exactly when its time is over', () => {
  const clock = manualClock()
  const { locks } = memoryStore({ clock })
  locks.acquire('sweep', 'one', 100)
  clock.advance(99)
  expect(locks.acquire('sweep', 'two', 100)).toBe(false)
  clock.advance(1)
  expect(locks.renew('sweep', 'one', 100)).toBe(false)
  expect(locks.acquire('sweep', 'two', 100)).toBe(true)
})

test('every call answers with a plain value', () => {
  const store = memoryStore()
  expect(store.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
  expect(store.secrets.find(sampleRef(), 'current')).toMatchObject({ ref: sampleRef() })
  expect(store.audit.append([sampleAuditRow()])).toBe('stored')
})

test('says that it is quick to forget, can write together and takes one write at a time', () => {
  expect(memoryStore()).toMatchObject({
    id: 'memory',
    supports: { transactions: true, watch: true, durability: 'best-effort', writers: 1 },
  })
  expect(memoryStore({ supports: { durability: 'strict', writers: 4 } }).supports).toEqual({
    transactions: true,
    watch: true,
    durability: 'strict',
    writers: 4,
  })
})

test('without transactions a write that brings audit rows is refused and writes nothing', () => {
  const store = memoryStore({ supports: { transactions: false } })
  const audit = [sampleAuditRow()]
  const refused = expect.objectContaining({ code: 'VAULT_NOT_SUPPORTED' })
  expect(() => store.secrets.put(sampleSecret(), { ifRevision: 0, audit })).toThrow(refused)
  expect(store.secrets.find(sampleRef(), 'all')).toBeUndefined()
  store.secrets.put(sampleSecret(), { ifRevision: 0 })
  expect(() => store.secrets.remove(sampleRef(), { ifRevision: 1, audit })).toThrow(refused)
  expect(store.secrets.find(sampleRef(), 'all')).toBeDefined()
  expect(store.audit.query({}, { limit: 10 })).toEqual([])
})

test('a data key never takes the place of another one', () => {
  const { dataKeys } = memoryStore()
  const first = sampleDataKey()
  const failed = expect.objectContaining({ code: 'VAULT_STORE_FAILED', retryable: false })
  dataKeys.insert(first)
  const elsewhere = { ...first, scope: { ...first.scope, owner: 'bob' } }
  expect(() => dataKeys.insert(elsewhere)).toThrow(failed)
  dataKeys.replace({ ...first, state: 'retired', revision: 2 }, { ifRevision: 1 })
  dataKeys.insert(sampleDataKey({ label: 'next' }))
  expect(() => dataKeys.replace({ ...first, revision: 3 }, { ifRevision: 2 })).toThrow(failed)
  expect(dataKeys.active(first.scope)).toEqual(sampleDataKey({ label: 'next' }))
})

test('a record that moves in time is listed at its new place alone', () => {
  const { secrets } = memoryStore()
  const moved = sampleSecret()
  const other = sampleSecret({ ref: sampleRef({ name: 'other' }), createdAt: new Date(2000) })
  secrets.put({ ...moved, createdAt: new Date(1000) }, { ifRevision: 0 })
  secrets.put(other, { ifRevision: 0 })
  secrets.put(nextRevision(moved, { createdAt: new Date(3000) }), { ifRevision: 1 })
  expect(secrets.list({ limit: 10 })).toMatchObject([{ ref: moved.ref }, { ref: other.ref }])
})

test('a row that is redacted to another time is found at its new place alone', () => {
  const { audit } = memoryStore()
  const row = sampleAuditRow()
  audit.append([row])
  const at = new Date(row.columns.at.getTime() - 60_000)
  audit.redact({ ...row, columns: { ...row.columns, at } })
  expect(audit.query({}, { limit: 10 })).toHaveLength(1)
  expect(audit.query({ from: row.columns.at }, { limit: 10 })).toEqual([])
})

test('tells every listener of its own, later, and of nothing that failed', async () => {
  const store = memoryStore()
  const listener = vi.fn()
  const alsoHeard = vi.fn()
  store.watch?.(listener)
  const end = store.watch?.(alsoHeard)
  const { id, scope } = sampleDataKey()
  store.dataKeys.insert(sampleDataKey())
  store.dataKeys.replace(sampleDataKey({ revision: 2 }), { ifRevision: 1 })
  expect(listener).not.toHaveBeenCalled()
  end?.()
  await Promise.resolve()
  expect(listener.mock.calls).toEqual([[{ kind: 'dataKey', scope }]])
  expect(alsoHeard).not.toHaveBeenCalled()
  store.dataKeys.replace(sampleDataKey({ revision: 9 }), { ifRevision: 8 })
  store.dataKeys.remove('another', scope)
  store.secrets.put(sampleSecret(), { ifRevision: 0 })
  await Promise.resolve()
  expect(listener).toHaveBeenCalledTimes(1)
  store.dataKeys.remove(id, scope)
  await Promise.resolve()
  expect(listener).toHaveBeenCalledTimes(2)
})

test('one listener that listens twice is called twice, and ends each on its own', async () => {
  const store = memoryStore()
  const listener = vi.fn()
  const endFirst = store.watch?.(listener)
  store.watch?.(listener)
  endFirst?.()
  store.dataKeys.insert(sampleDataKey())
  store.dataKeys.remove(sampleDataKey().id, sampleDataKey().scope)
  await Promise.resolve()
  expect(listener).toHaveBeenCalledTimes(1)
})
