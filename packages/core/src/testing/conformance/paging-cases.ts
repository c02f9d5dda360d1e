// Conformance cases: pages of `list` while others write.
import assert from 'node:assert/strict'
import type { StoredSecret, VaultStore } from '../../contracts/index.ts'
import { casesOf } from './case.ts'
import { assertSame, insertAll, namesOf, pagesOf } from './check.ts'
import { nextRevision, sampleGrant, sampleRef, sampleSecret, sampleTime } from './samples.ts'

/** 30 records in order, newest first; five share each creation time. */
const inOrder: readonly StoredSecret[] = Array.from({ length: 30 }, (_, at) => numbered(at))
  .map((record, at) => ({ ...record, createdAt: sampleTime(100 + (at % 6)) }))
  .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))

export const pagingCases = casesOf({
  about: 'secrets.list paging',
  cases: {
    async 'pages join to the whole, also where many records share a creation time'({ store }) {
      await insertAll(store, inOrder)
      for (const limit of [1, 2, 3, 5, 7, 30]) {
        assertSame(namesOf(await pagesOf(store, { limit })), namesOf(inOrder))
      }
    },
    async 'records that come meanwhile move none of the others'({ store }) {
      await insertAll(store, inOrder)
      const seen = await pagesOf(store, { limit: 4 }, async (pageNumber) => {
        const newer = numbered(1000 + pageNumber, { createdAt: sampleTime(1000 + pageNumber) })
        const older = numbered(2000 + pageNumber, { createdAt: sampleTime(pageNumber) })
        await insertAll(store, [newer, older])
      })
      assertSame(unchanged(seen), namesOf(inOrder))
    },
    async 'records that go meanwhile move none of the others'({ store }) {
      await insertAll(store, inOrder)
      const gone = new Set<string>()
      const seen = await pagesOf(store, { limit: 4 }, async (pageNumber) => {
        // One that was seen already, and the last of the page, which is where the next one begins.
        for (const { ref } of inOrder.slice(pageNumber * 4 - 2, pageNumber * 4)) {
          gone.add(ref.name)
          await store.secrets.remove(ref, { ifRevision: 1 })
        }
      })
      assertSame(namesOf(seen), namesOf(inOrder))
      assert.equal((await store.secrets.list({ limit: 100 })).length, inOrder.length - gone.size)
    },
    async 'a record that is deleted before its page is not seen'({ store }) {
      await insertAll(store, inOrder)
      const victims = inOrder.slice(20, 23)
      const seen = await pagesOf(store, { limit: 4 }, async (pageNumber) => {
        if (pageNumber !== 2) return
        for (const { ref } of victims) await store.secrets.remove(ref, { ifRevision: 1 })
      })
      const left = inOrder.filter((record) => !victims.includes(record))
      assertSame(namesOf(seen), namesOf(left))
    },
    async 'records that change meanwhile are seen exactly once'({ store }) {
      await insertAll(store, inOrder)
      const revisions = new Map(inOrder.map((record) => [record.ref.name, record]))
      const seen = await pagesOf(store, { limit: 4 }, async () => {
        for (const [name, record] of revisions) {
          const next = nextRevision(record, { tags: [`revision-${record.revision}`] })
          assert.equal(await store.secrets.put(next, { ifRevision: record.revision }), true)
          revisions.set(name, next)
        }
      })
      assertSame(namesOf(seen), namesOf(inOrder))
    },
    async 'own and shared secrets make one order'({ store }) {
      const records = inOrder.map((record, at): StoredSecret => {
        if (at % 3 === 0) return { ...record, ref: { ...record.ref, owner: 'bob' } }
        return at % 3 === 1 ? { ...record, grants: [sampleGrant({ principal: 'bob' })] } : record
      })
      await insertAll(store, records)
      const visible = records.filter((_, at) => at % 3 !== 2)
      for (const limit of [1, 3, 7]) {
        const seen = await pagesOf(store, { visibleTo: 'bob', limit }, (pageNumber) => addOwn(store, pageNumber, limit))
        assertSame(unchanged(seen), namesOf(visible))
      }
    },
  },
})

function numbered(at: number, part: Partial<StoredSecret> = {}): StoredSecret {
  return sampleSecret({ ref: sampleRef({ name: `secret-${at}` }), ...part })
}

function unchanged(records: readonly StoredSecret[]): string[] {
  const original = new Set(namesOf(inOrder))
  return namesOf(records).filter((name) => original.has(name))
}

async function addOwn(store: VaultStore, pageNumber: number, limit: number): Promise<void> {
  const ref = sampleRef({ owner: 'bob', name: `secret-${limit}-${pageNumber}-new` })
  await insertAll(store, [sampleSecret({ ref, createdAt: sampleTime(5000 + pageNumber) })])
}
