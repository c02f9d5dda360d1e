// Conformance cases: what `find` and `findAll` return, and that rows are copies.
import assert from 'node:assert/strict'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, insertAll, namesOf, present, scribble, seenWith } from './check.ts'
import { fullSecret, sampleGrant, sampleRef, sampleSecret, sampleTime, sampleVersion } from './samples.ts'

/** Cases about reading one record. */
const oneRecordCases = casesOf({
  about: 'secrets.find',
  cases: {
    async 'an absent secret is undefined'({ store }) {
      await insertAll(store, [sampleSecret()])
      assert.equal(await store.secrets.find(sampleRef({ name: 'other' }), 'all'), undefined)
    },
    async 'another owner, server or name is another secret'({ store }) {
      const others = [sampleRef({ owner: 'bob' }), sampleRef({ server: 'slack' }), sampleRef({ name: 'key' })]
      await insertAll(store, [sampleSecret()])
      for (const ref of others) assert.equal(await store.secrets.find(ref, 'current'), undefined)
      await insertAll(
        store,
        others.map((ref) => sampleSecret({ ref, description: JSON.stringify(ref) })),
      )
      for (const ref of others) {
        assert.equal((await store.secrets.find(ref, 'current'))?.description, JSON.stringify(ref))
      }
    },
    async 'every field comes back'({ store }) {
      await insertAll(store, [fullSecret()])
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fullSecret(), 'all'))
    },
    async 'fields that are absent stay absent'({ store }) {
      await insertAll(store, [sampleSecret()])
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(sampleSecret(), 'all'))
    },
    async '`current` brings the envelope of the current version alone, and the whole list of versions'({ store }) {
      await insertAll(store, [fullSecret()])
      assertSame(await store.secrets.find(sampleRef(), 'current'), seenWith(fullSecret(), 'current'))
    },
    async '`current` follows a current version that is not the newest'({ store }) {
      const record = fullSecret({ currentVersion: 1 })
      await insertAll(store, [record])
      assertSame(await store.secrets.find(sampleRef(), 'current'), seenWith(record, 'current'))
    },
    async 'a number brings the envelope of that version alone'({ store }) {
      await insertAll(store, [fullSecret()])
      for (const version of [1, 2, 3]) {
        assertSame(await store.secrets.find(sampleRef(), version), seenWith(fullSecret(), version))
      }
    },
    async 'a number that is not kept brings the record without an envelope'({ store }) {
      await insertAll(store, [fullSecret()])
      assertSame(await store.secrets.find(sampleRef(), 9), seenWith(fullSecret(), 9))
    },
    async 'inactive and deleted secrets are found'({ store }) {
      for (const state of ['inactive', 'deleted'] as const) {
        const record = sampleSecret({ ref: sampleRef({ name: state }), state })
        await insertAll(store, [record])
        assertSame(await store.secrets.find(record.ref, 'current'), seenWith(record, 'current'))
      }
    },
    async 'an envelope of 1 MiB comes back whole'({ store }) {
      const envelope = new Uint8Array(1024 * 1024).map((_, at) => (at * 31 + (at >> 8)) & 0xff)
      const record = sampleSecret({ versions: [sampleVersion({ envelope })] })
      await insertAll(store, [record])
      const found = present(await store.secrets.find(record.ref, 'current'))
      assert.equal(Buffer.compare(present(found.versions[0]?.envelope), envelope), 0)
    },
    async 'bytes of every value come back'({ store }) {
      const every = Uint8Array.from({ length: 256 }, (_, value) => value)
      const record = sampleSecret({ managed: every, versions: [sampleVersion({ envelope: every })] })
      await insertAll(store, [record])
      assertSame(await store.secrets.find(record.ref, 'all'), seenWith(record, 'all'))
    },
    async 'dates keep their milliseconds'({ store }) {
      for (const milliseconds of [0, 1, 499, 500, 999]) {
        const at = new Date(sampleTime().getTime() + milliseconds)
        const record = sampleSecret({
          ref: sampleRef({ name: `at-${milliseconds}` }),
          createdAt: at,
          updatedAt: at,
          expiresAt: at,
          grants: [sampleGrant({ grantedAt: at })],
          versions: [sampleVersion({ createdAt: at })],
        })
        await insertAll(store, [record])
        assertSame(await store.secrets.find(record.ref, 'all'), seenWith(record, 'all'))
      }
    },
    async 'dates far from now come back'({ store }) {
      const record = sampleSecret({ expiresAt: new Date('9999-12-31T23:59:59.999Z') })
      await insertAll(store, [record])
      assertSame(await store.secrets.find(record.ref, 'all'), seenWith(record, 'all'))
    },
    async 'what a caller does to a record it has put changes nothing stored'({ store }) {
      const given = fullSecret()
      await insertAll(store, [given])
      scribble(given)
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fullSecret(), 'all'))
    },
    async 'what a caller does to a result changes nothing stored'({ store }) {
      await insertAll(store, [fullSecret()])
      scribble(await store.secrets.find(sampleRef(), 'all'))
      scribble(await store.secrets.find(sampleRef(), 'current'))
      scribble(await store.secrets.findAll(sampleRef(), { limit: 10 }))
      scribble(await store.secrets.list({ limit: 10 }))
      assertSame(await store.secrets.find(sampleRef(), 'all'), seenWith(fullSecret(), 'all'))
    },
  },
})

const scopeCases = casesOf({
  about: 'secrets.findAll',
  cases: {
    async 'brings every record of the scope with its current envelope'({ store }) {
      const records = [fullSecret({ ref: sampleRef({ name: 'a' }) }), sampleSecret({ ref: sampleRef({ name: 'b' }) })]
      await insertAll(store, records)
      assertSame(
        await store.secrets.findAll(sampleRef(), { limit: 10 }),
        records.map((record) => seenWith(record, 'current')),
      )
    },
    async 'leaves out deleted records and keeps inactive ones'({ store }) {
      const states = ['active', 'deleted', 'inactive'] as const
      await insertAll(
        store,
        states.map((state) => sampleSecret({ ref: sampleRef({ name: state }), state })),
      )
      assertSame(namesOf(await store.secrets.findAll(sampleRef(), { limit: 10 })), ['active', 'inactive'])
    },
    async 'orders by the bytes of the name'({ store }) {
      const inOrder = ['0', 'B', 'Z', '_', 'a', 'a-b', 'aa', 'b', 'é', '\uE000', '\uFFFD', '\u{1F600}']
      const scrambled = [...inOrder].reverse()
      await insertAll(
        store,
        scrambled.map((name) => sampleSecret({ ref: sampleRef({ name }) })),
      )
      assertSame(namesOf(await store.secrets.findAll(sampleRef(), { limit: 100 })), inOrder)
    },
    async 'brings the first records of that order when there are more than the limit'({ store }) {
      await insertAll(
        store,
        ['d', 'b', 'a', 'c'].map((name) => sampleSecret({ ref: sampleRef({ name }) })),
      )
      for (const limit of [1, 3, 4, 5]) {
        const found = await store.secrets.findAll(sampleRef(), { limit })
        assertSame(namesOf(found), ['a', 'b', 'c', 'd'].slice(0, limit))
      }
    },
    async 'brings nothing of another owner or server, not even what is shared'({ store }) {
      const own = sampleRef({ owner: 'bob', server: 'github' })
      await insertAll(store, [
        sampleSecret({ ref: own }),
        sampleSecret({ ref: sampleRef({ owner: 'bob', server: 'slack' }) }),
        sampleSecret({ ref: sampleRef(), grants: [sampleGrant({ principal: 'bob' })] }),
      ])
      assertSame(await store.secrets.findAll(own, { limit: 10 }), [seenWith(sampleSecret({ ref: own }), 'current')])
    },
    async 'an empty scope brings an empty list'({ store }) {
      await insertAll(store, [sampleSecret()])
      assertSame(await store.secrets.findAll(sampleRef({ server: 'slack' }), { limit: 10 }), [])
    },
  },
})

export const findCases: readonly ConformanceCase[] = [...oneRecordCases, ...scopeCases]
