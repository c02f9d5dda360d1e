// Conformance cases: wrapped data keys, of which each scope has at most one that is active.
import assert from 'node:assert/strict'
import type { DataKeyQuery, StoredDataKey, VaultStore } from '../../contracts/index.ts'
import { casesOf } from './case.ts'
import { assertSame, present, raceOf, scribble } from './check.ts'
import { sampleBytes, sampleDataKey, sampleHexId, sampleScope, sampleTime } from './samples.ts'

const elsewhere = [
  sampleScope({ owner: 'bob' }),
  sampleScope({ server: 'slack' }),
  sampleScope({ kind: 'audit' }),
  sampleScope({ kind: 'audit', owner: '', server: '' }),
]

export const dataKeyCases = casesOf({
  about: 'dataKeys',
  cases: {
    async 'every field comes back'({ store }) {
      const row = sampleDataKey({
        wraps: [sampleBytes('first'), Uint8Array.from({ length: 256 }, (_, value) => value), sampleBytes('third')],
        revision: 4,
        createdAt: sampleTime(9),
      })
      assertSame(await store.dataKeys.insert(row), row)
      assertSame(await store.dataKeys.find(row.id, row.scope), row)
      assertSame(await store.dataKeys.active(row.scope), row)
      assertSame(await store.dataKeys.list({ limit: 10 }), [row])
    },
    async 'an absent row is undefined'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      assert.equal(await store.dataKeys.find(sampleHexId('other'), sampleScope()), undefined)
    },
    async 'a row is found only in its own scope'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      for (const scope of elsewhere) {
        assert.equal(await store.dataKeys.find(sampleDataKey().id, scope), undefined)
        assert.equal(await store.dataKeys.active(scope), undefined)
      }
    },
    async 'each scope has an active row of its own'({ store }) {
      const rows = [sampleScope(), ...elsewhere].map((scope) => sampleDataKey({ label: JSON.stringify(scope), scope }))
      for (const row of rows) assertSame(await store.dataKeys.insert(row), row)
      for (const row of rows) assertSame(await store.dataKeys.active(row.scope), row)
    },
    async 'inserting where there is an active row brings that row and changes nothing'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      const loser = sampleDataKey({ label: 'loser' })
      assertSame(await store.dataKeys.insert(loser), sampleDataKey())
      assert.equal(await store.dataKeys.find(loser.id, loser.scope), undefined)
      assertSame(await store.dataKeys.list({ limit: 10 }), [sampleDataKey()])
    },
    async 'inserting the same row again brings it back'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      assertSame(await store.dataKeys.insert(sampleDataKey()), sampleDataKey())
    },
    async 'a retired row is found but not active, and makes room for the next'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      const retired = sampleDataKey({ state: 'retired', revision: 2 })
      assert.equal(await store.dataKeys.replace(retired, { ifRevision: 1 }), true)
      assert.equal(await store.dataKeys.active(sampleScope()), undefined)
      assertSame(await store.dataKeys.find(retired.id, retired.scope), retired)
      const next = sampleDataKey({ label: 'next' })
      assertSame(await store.dataKeys.insert(next), next)
      assertSame(await store.dataKeys.active(sampleScope()), next)
      assertSame(await store.dataKeys.find(retired.id, retired.scope), retired)
    },
    async 'of 50 inserts at once one wins, and all get its row'(subject) {
      const answers = await raceOf(subject, {
        count: 50,
        attempt: ({ dataKeys }, number) => dataKeys.insert(sampleDataKey({ label: `candidate ${number}` })),
      })
      const winner = present(answers[0])
      for (const answer of answers) assertSame(answer, winner)
      assertSame(await subject.store.dataKeys.active(sampleScope()), winner)
      assertSame(await subject.store.dataKeys.list({ limit: 100 }), [winner])
    },
    async 'a replacement replaces the whole row'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      const next = sampleDataKey({ revision: 2, wraps: [sampleBytes('new wrap')] })
      assert.equal(await store.dataKeys.replace(next, { ifRevision: 1 }), true)
      assertSame(await store.dataKeys.find(next.id, next.scope), next)
      assertSame(await store.dataKeys.active(next.scope), next)
    },
    async 'a replacement needs the stored revision'({ store }) {
      const stored = sampleDataKey({ revision: 2 })
      await store.dataKeys.insert(stored)
      for (const ifRevision of [0, 1, 3]) {
        const next = sampleDataKey({ revision: ifRevision + 1 })
        assert.equal(await store.dataKeys.replace(next, { ifRevision }), false)
      }
      assertSame(await store.dataKeys.find(stored.id, stored.scope), stored)
    },
    async 'a replacement needs a row of the same id and scope'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      assert.equal(await store.dataKeys.replace(sampleDataKey({ label: 'other' }), { ifRevision: 1 }), false)
      for (const scope of elsewhere) {
        const next = sampleDataKey({ scope, revision: 2 })
        assert.equal(await store.dataKeys.replace(next, { ifRevision: 1 }), false)
      }
      assertSame(await store.dataKeys.list({ limit: 10 }), [sampleDataKey()])
    },
    async 'of 20 replacements of one revision at once exactly one wins'(subject) {
      await subject.store.dataKeys.insert(sampleDataKey())
      const candidate = (number: number): StoredDataKey =>
        sampleDataKey({ revision: 2, wraps: [sampleBytes(`wrap ${number}`)] })
      const answers = await raceOf(subject, {
        count: 20,
        attempt: ({ dataKeys }, number) => dataKeys.replace(candidate(number), { ifRevision: 1 }),
      })
      assert.equal(answers.filter((won) => won).length, 1)
      assertSame(await subject.store.dataKeys.active(sampleScope()), candidate(answers.indexOf(true)))
    },
    async 'of many replacements at once each has an outcome of its own'({ store }) {
      const rows = Array.from({ length: 40 }, (_, at) =>
        sampleDataKey({ label: `row ${at}`, scope: sampleScope({ owner: `owner ${at}` }) }),
      )
      for (const row of rows) await store.dataKeys.insert(row)
      const isStale = (at: number): boolean => at % 3 === 0
      const next = rows.map((row, at) => ({ ...row, revision: 2, wraps: [sampleBytes(`new wrap ${at}`)] }))
      const answers = await Promise.all(
        next.map((row, at) => store.dataKeys.replace(row, { ifRevision: isStale(at) ? 7 : 1 })),
      )
      assert.deepEqual(
        answers,
        rows.map((_, at) => !isStale(at)),
      )
      for (const [at, row] of rows.entries())
        assertSame(await store.dataKeys.find(row.id, row.scope), isStale(at) ? row : next[at])
    },
    async 'removes a row, and the scope can have another'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      await store.dataKeys.remove(sampleDataKey().id, sampleScope())
      assert.equal(await store.dataKeys.find(sampleDataKey().id, sampleScope()), undefined)
      assert.equal(await store.dataKeys.active(sampleScope()), undefined)
      for (const query of [{}, { owner: 'alice' }]) {
        assertSame(await store.dataKeys.list({ ...query, limit: 10 }), [])
      }
      const next = sampleDataKey({ label: 'next' })
      assertSame(await store.dataKeys.insert(next), next)
    },
    async 'removes a retired row and leaves the active one'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      await store.dataKeys.replace(sampleDataKey({ state: 'retired', revision: 2 }), { ifRevision: 1 })
      const next = sampleDataKey({ label: 'next' })
      await store.dataKeys.insert(next)
      await store.dataKeys.remove(sampleDataKey().id, sampleScope())
      assertSame(await store.dataKeys.active(sampleScope()), next)
      assertSame(await store.dataKeys.list({ limit: 10 }), [next])
    },
    async 'removes nothing of another scope, and nothing that is not there'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      for (const scope of elsewhere) await store.dataKeys.remove(sampleDataKey().id, scope)
      await store.dataKeys.remove(sampleHexId('other'), sampleScope())
      assertSame(await store.dataKeys.active(sampleScope()), sampleDataKey())
    },
    async 'lists by id, all and by every condition, in pages'({ store }) {
      const rows = Array.from({ length: 24 }, (_, at) =>
        sampleDataKey({
          label: `row ${at}`,
          scope: sampleScope({ owner: at % 2 === 0 ? 'alice' : 'bob', server: `server-${at}` }),
        }),
      ).sort((a, b) => (a.id < b.id ? -1 : 1))
      for (const row of rows) await store.dataKeys.insert(row)
      await assertLists(store, rows)
    },
    async 'lists follow a replacement'({ store }) {
      await store.dataKeys.insert(sampleDataKey())
      const next = sampleDataKey({ revision: 2, wraps: [sampleBytes('new wrap')], state: 'retired' })
      await store.dataKeys.replace(next, { ifRevision: 1 })
      await assertLists(store, [next])
    },
    async 'what a caller does to its rows changes nothing stored'({ store }) {
      const given = sampleDataKey()
      scribble(await store.dataKeys.insert(given))
      scribble(given)
      scribble(await store.dataKeys.find(sampleDataKey().id, sampleScope()))
      scribble(await store.dataKeys.active(sampleScope()))
      scribble(await store.dataKeys.list({ limit: 10 }))
      scribble(await store.dataKeys.insert(sampleDataKey({ label: 'loser' })))
      assertSame(await store.dataKeys.active(sampleScope()), sampleDataKey())
      const next = sampleDataKey({ revision: 2 })
      await store.dataKeys.replace(next, { ifRevision: 1 })
      scribble(next)
      assertSame(await store.dataKeys.active(sampleScope()), sampleDataKey({ revision: 2 }))
    },
  },
})

async function assertLists(store: VaultStore, rows: readonly StoredDataKey[]): Promise<void> {
  const queries: Omit<DataKeyQuery, 'limit'>[] = [{}, { owner: 'alice' }, { owner: 'bob' }, { owner: 'nobody' }]
  for (const query of queries) {
    const { owner } = query
    const expected = rows.filter(({ scope }) => owner === undefined || scope.owner === owner)
    const label = JSON.stringify(query)
    assertSame(await store.dataKeys.list({ ...query, limit: 1000 }), expected, label)
    const paged: StoredDataKey[] = []
    for (let page = await store.dataKeys.list({ ...query, limit: 5 }); page.length > 0; ) {
      assert.ok(page.length <= 5, 'a page is longer than its limit')
      paged.push(...page)
      assert.ok(paged.length <= expected.length, 'paging does not end')
      page = await store.dataKeys.list({ ...query, limit: 5, after: present(paged.at(-1)).id })
    }
    assertSame(paged, expected, `${label} by 5`)
  }
}
