// Conformance cases: whole-record writes, compare-and-swap, removal and races.
import assert from 'node:assert/strict'
import type { StoredSecret } from '../../contracts/index.ts'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, insertAll, present, raceOf, seenWith } from './check.ts'
import {
  fullSecret,
  nextRevision,
  sampleBytes,
  sampleGrant,
  sampleRef,
  sampleSecret,
  sampleTime,
  sampleUuid,
  sampleVersion,
} from './samples.ts'

const writeCases = casesOf({
  about: 'secrets.put',
  cases: {
    async 'inserts when there must be no record and there is none'({ store }) {
      assert.equal(await store.secrets.put(sampleSecret(), { ifRevision: 0 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(sampleSecret(), 'all'))
    },
    async 'inserts nothing over a record that is there'({ store }) {
      await insertAll(store, [fullSecret()])
      assert.equal(await store.secrets.put(sampleSecret({ type: 'custom' }), { ifRevision: 0 }), false)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fullSecret(), 'all'))
    },
    async 'inserts nothing over a deleted record'({ store }) {
      await insertAll(store, [sampleSecret({ state: 'deleted' })])
      assert.equal(await store.secrets.put(sampleSecret(), { ifRevision: 0 }), false)
      assert.equal((await store.secrets.find(sampleRef(), 'all'))?.state, 'deleted')
    },
    async 'replaces the record when the revision is the stored one'({ store }) {
      await insertAll(store, [fullSecret()])
      const { description: _description, expiresAt: _expiresAt, ...rest } = nextRevision(fullSecret())
      const next: StoredSecret = { ...rest, state: 'inactive', type: 'custom', tier: 3, tags: ['web', 'x'] }
      assert.equal(await store.secrets.put(next, { ifRevision: 1 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(next, 'all'))
    },
    async 'writes nothing when the revision is not the stored one'({ store }) {
      const second = nextRevision(fullSecret())
      await insertAll(store, [fullSecret()])
      await store.secrets.put(second, { ifRevision: 1 })
      for (const ifRevision of [1, 3]) {
        const late = nextRevision(second, { type: 'custom', grants: [], versions: [sampleVersion()] })
        assert.equal(await store.secrets.put(late, { ifRevision }), false)
      }
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(second, 'all'))
    },
    async 'writes nothing when there must be a record and there is none'({ store }) {
      assert.equal(await store.secrets.put(sampleSecret({ revision: 2 }), { ifRevision: 1 }), false)
      assert.equal(await store.secrets.find(sampleRef(), 'all'), undefined)
    },
    async 'a version without envelope keeps the stored bytes'({ store }) {
      await insertAll(store, [fullSecret()])
      const next = seenWith(nextRevision(fullSecret(), { description: 'renamed' }), 'none')
      assert.equal(await store.secrets.put(next, { ifRevision: 1 }), true)
      const expected = nextRevision(fullSecret(), { description: 'renamed' })
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(expected, 'all'))
    },
    async 'a version that stops being current keeps its stored bytes'({ store }) {
      await insertAll(store, [sampleSecret()])
      const second = nextRevision(sampleSecret(), {
        currentVersion: 2,
        versions: [sampleVersion({ version: 1, state: 'retired' }), sampleVersion({ version: 2 })],
      })
      assert.equal(await store.secrets.put(seenWith(second, 2), { ifRevision: 1 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(second, 'all'))
      const back = nextRevision(second, { currentVersion: 1 })
      assert.equal(await store.secrets.put(seenWith(back, 'none'), { ifRevision: 2 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(back, 'all'))
      assertSame(await store.secrets.find(sampleRef(), 'current'), seenWith(back, 'current'))
    },
    async 'an envelope for a kept version number replaces the stored bytes'({ store }) {
      await insertAll(store, [fullSecret()])
      const versions = fullSecret().versions.map((version) => ({
        ...version,
        commitment: sampleBytes(`new commitment ${version.version}`),
        envelope: sampleBytes(`new envelope ${version.version}`),
      }))
      const next = nextRevision(fullSecret(), { versions })
      assert.equal(await store.secrets.put(next, { ifRevision: 1 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(next, 'all'))
    },
    async 'versions that are not in the record are gone'({ store }) {
      await insertAll(store, [fullSecret()])
      const next = nextRevision(fullSecret(), { versions: fullSecret().versions.slice(1, 2) })
      assert.equal(await store.secrets.put(seenWith(next, 'none'), { ifRevision: 1 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(next, 'all'))
      assertSame(await store.secrets.find(sampleRef(), 1), seenWith(next, 1))
    },
    async 'grants that are not in the record are gone, and the others are as given'({ store }) {
      await insertAll(store, [fullSecret()])
      const grants = [sampleGrant({ principal: 'carol', permission: 'read', grantedAt: sampleTime(99) })]
      const next = nextRevision(fullSecret(), { grants })
      assert.equal(await store.secrets.put(next, { ifRevision: 1 }), true)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(next, 'all'))
      assertSame(await store.secrets.list({ visibleTo: 'bob', limit: 10 }), [])
      assert.equal((await store.secrets.list({ visibleTo: 'carol', limit: 10 })).length, 1)
    },
    async 'counters of use are kept as stored'({ store }) {
      await insertAll(store, [sampleSecret({ useCount: 3, lastUsedAt: sampleTime(50) })])
      const next = nextRevision(sampleSecret(), { useCount: 0, lastUsedAt: sampleTime(10) })
      await store.secrets.put(next, { ifRevision: 1 })
      const found = present(await store.secrets.find(sampleRef(), 'current'))
      assertSame([found.useCount, found.lastUsedAt], [3, sampleTime(50)])
      const { lastUsedAt: _lastUsedAt, ...third } = nextRevision(next)
      await store.secrets.put(third, { ifRevision: 2 })
      assertSame((await store.secrets.find(sampleRef(), 'current'))?.lastUsedAt, sampleTime(50))
    },
    async 'counters of use that were never moved stay unmoved'({ store }) {
      await insertAll(store, [sampleSecret()])
      const next = nextRevision(sampleSecret(), { useCount: 7, lastUsedAt: sampleTime(10) })
      await store.secrets.put(next, { ifRevision: 1 })
      const found = present(await store.secrets.find(sampleRef(), 'current'))
      assertSame([found.useCount, found.lastUsedAt], [0, undefined])
    },
    async 'a put changes no other record'({ store }) {
      const other = fullSecret({ ref: sampleRef({ owner: 'bob' }) })
      await insertAll(store, [fullSecret(), other])
      await store.secrets.put(nextRevision(sampleSecret()), { ifRevision: 1 })
      assertSame(await store.secrets.find(other.ref, 'all'), seenWith(other, 'all'))
    },
    async 'of 50 inserts at once exactly one wins'(subject) {
      const candidate = (number: number): StoredSecret =>
        sampleSecret({
          id: sampleUuid(`candidate ${number}`),
          description: `candidate ${number}`,
          versions: [sampleVersion({ envelope: sampleBytes(`candidate ${number}`) })],
        })
      const answers = await raceOf(subject, {
        count: 50,
        attempt: (store, number) => store.secrets.put(candidate(number), { ifRevision: 0 }),
      })
      assert.equal(answers.filter((won) => won).length, 1)
      const winner = seenWith(candidate(answers.indexOf(true)), 'all')
      assertSame(await subject.store.secrets.find(sampleRef(), 'all'), winner)
      assert.equal((await subject.store.secrets.list({ limit: 100 })).length, 1)
    },
    async 'of 20 updates of one revision at once exactly one wins, in each round'(subject) {
      let stored = sampleSecret()
      await insertAll(subject.store, [stored])
      for (let round = 1; round <= 5; round += 1) {
        const candidate = (number: number): StoredSecret =>
          nextRevision(stored, { description: `round ${round}, writer ${number}`, tags: [`writer-${number}`] })
        const answers = await raceOf(subject, {
          count: 20,
          attempt: (store, number) => store.secrets.put(candidate(number), { ifRevision: round }),
        })
        assert.equal(answers.filter((won) => won).length, 1)
        stored = candidate(answers.indexOf(true))
        assertSame(await subject.store.secrets.find(sampleRef(), 'all'), seenWith(stored, 'all'))
      }
    },
  },
})

const removeCases = casesOf({
  about: 'secrets.remove',
  cases: {
    async 'removes the record with everything of it'({ store }) {
      await insertAll(store, [fullSecret()])
      assert.equal(await store.secrets.remove(sampleRef(), { ifRevision: 1 }), true)
      assert.equal(await store.secrets.find(sampleRef(), 'all'), undefined)
      assertSame(await store.secrets.findAll(sampleRef(), { limit: 10 }), [])
      for (const query of [{}, { owner: 'alice' }, { visibleTo: 'bob' }, { tagsAny: ['ci'] }]) {
        assertSame(await store.secrets.list({ ...query, limit: 10 }), [])
      }
    },
    async 'removes nothing when the revision is not the stored one'({ store }) {
      await insertAll(store, [fullSecret({ revision: 2 })])
      for (const ifRevision of [1, 3]) {
        assert.equal(await store.secrets.remove(sampleRef(), { ifRevision }), false)
      }
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fullSecret({ revision: 2 }), 'all'))
    },
    async 'an absent record is not removed'({ store }) {
      assert.equal(await store.secrets.remove(sampleRef(), { ifRevision: 1 }), false)
    },
    async 'removes no other record'({ store }) {
      const others = [sampleRef({ owner: 'bob' }), sampleRef({ server: 'slack' }), sampleRef({ name: 'key' })]
      await insertAll(store, [fullSecret(), ...others.map((ref) => fullSecret({ ref }))])
      await store.secrets.remove(sampleRef(), { ifRevision: 1 })
      for (const ref of others) {
        assertSame(await store.secrets.find(ref, 'all'), seenWith(fullSecret({ ref }), 'all'))
      }
    },
    async 'a record that is inserted again has nothing of the old one'({ store }) {
      await insertAll(store, [fullSecret()])
      await store.secrets.remove(sampleRef(), { ifRevision: 1 })
      const fresh = sampleSecret({ id: sampleUuid('fresh') })
      await insertAll(store, [fresh])
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fresh, 'all'))
    },
    async 'of 10 updates and 10 removals of one revision at once exactly one wins'(subject) {
      await insertAll(subject.store, [sampleSecret()])
      const answers = await raceOf(subject, {
        count: 20,
        attempt: ({ secrets }, number) =>
          number % 4 < 2
            ? secrets.put(nextRevision(sampleSecret()), { ifRevision: 1 })
            : secrets.remove(sampleRef(), { ifRevision: 1 }),
      })
      assert.equal(answers.filter((won) => won).length, 1)
      const wasUpdated = answers.indexOf(true) % 4 < 2
      const found = await subject.store.secrets.find(sampleRef(), 'current')
      assert.equal(found?.revision, wasUpdated ? 2 : undefined)
    },
  },
})

export const putCases: readonly ConformanceCase[] = [...writeCases, ...removeCases]
