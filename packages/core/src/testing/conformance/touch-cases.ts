// Conformance cases: counters of use, which move outside revisions and seals.
import assert from 'node:assert/strict'
import type { SecretUse, VaultStore } from '../../contracts/index.ts'
import { casesOf } from './case.ts'
import { assertSame, insertAll, present, raceOf, seenWith } from './check.ts'
import { fullSecret, nextRevision, sampleRef, sampleSecret, sampleTime, sampleUuid } from './samples.ts'

export const touchCases = casesOf({
  about: 'secrets.touch',
  cases: {
    async 'sets the last use and adds to the count'({ store }) {
      await insertAll(store, [sampleSecret()])
      await store.secrets.touch([use({ uses: 2 })])
      await assertUse(store, { useCount: 2, lastUsedAt: sampleTime(100) })
      await store.secrets.touch([use({ uses: 3, lastUsedAt: sampleTime(200) })])
      await assertUse(store, { useCount: 5, lastUsedAt: sampleTime(200) })
    },
    async 'the last use never goes back'({ store }) {
      await insertAll(store, [sampleSecret()])
      await store.secrets.touch([use({ lastUsedAt: sampleTime(200) })])
      await store.secrets.touch([use({ lastUsedAt: sampleTime(100) })])
      await assertUse(store, { useCount: 2, lastUsedAt: sampleTime(200) })
    },
    async 'takes many uses at once, also several of one secret'({ store }) {
      const other = sampleRef({ name: 'other' })
      await insertAll(store, [sampleSecret(), sampleSecret({ ref: other })])
      await store.secrets.touch([
        use({ uses: 1, lastUsedAt: sampleTime(300) }),
        { ...use({ uses: 10 }), ref: other, id: sampleSecret({ ref: other }).id },
        use({ uses: 4, lastUsedAt: sampleTime(200) }),
      ])
      await assertUse(store, { useCount: 5, lastUsedAt: sampleTime(300) })
      assert.equal((await store.secrets.find(other, 'current'))?.useCount, 10)
    },
    async 'drops a use when the record now has another id'({ store }) {
      await insertAll(store, [sampleSecret()])
      await store.secrets.touch([use({ id: sampleUuid('an earlier record') }), use({ uses: 1 })])
      await assertUse(store, { useCount: 1, lastUsedAt: sampleTime(100) })
    },
    async 'drops a use of a secret that is not there'({ store }) {
      await store.secrets.touch([use({})])
      assert.equal(await store.secrets.find(sampleRef(), 'all'), undefined)
      assertSame(await store.secrets.list({ limit: 10 }), [])
    },
    async 'an empty batch does nothing'({ store }) {
      await insertAll(store, [fullSecret()])
      await store.secrets.touch([])
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fullSecret(), 'all'))
    },
    async 'changes nothing but the counters'({ store }) {
      await insertAll(store, [fullSecret()])
      await store.secrets.touch([use({ uses: 1 })])
      const expected = fullSecret({ useCount: 42, lastUsedAt: sampleTime(100) })
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(expected, 'all'))
      assert.equal(await store.secrets.put(nextRevision(fullSecret()), { ifRevision: 1 }), true)
    },
    async 'uses counted at once all add up'(subject) {
      await insertAll(subject.store, [sampleSecret()])
      await raceOf(subject, {
        count: 20,
        attempt: ({ secrets }, number) => secrets.touch([use({ lastUsedAt: sampleTime(100 - number) })]),
      })
      await assertUse(subject.store, { useCount: 20, lastUsedAt: sampleTime(100) })
    },
    async 'keeps no hold on the dates it was given'({ store }) {
      await insertAll(store, [sampleSecret()])
      const given = sampleTime(100)
      await store.secrets.touch([use({ lastUsedAt: given })])
      given.setTime(0)
      await assertUse(store, { useCount: 1, lastUsedAt: sampleTime(100) })
    },
  },
})

function use(part: Partial<SecretUse>): SecretUse {
  return { ref: sampleRef(), id: sampleSecret().id, lastUsedAt: sampleTime(100), uses: 1, ...part }
}

async function assertUse(store: VaultStore, expected: { useCount: number; lastUsedAt: Date }): Promise<void> {
  const found = present(await store.secrets.find(sampleRef(), 'current'))
  const { useCount, lastUsedAt } = found
  assertSame({ useCount, lastUsedAt }, expected)
  const listed = present((await store.secrets.list({ limit: 10 })).find(({ id }) => id === found.id))
  assertSame({ useCount: listed.useCount, lastUsedAt: listed.lastUsedAt }, expected)
}
