// Conformance cases: every condition of `list` alone and together, its order and what it brings.
import assert from 'node:assert/strict'
import type { SecretQuery, StoredSecret } from '../../contracts/index.ts'
import { casesOf } from './case.ts'
import { assertSame, insertAll, namesOf, pagesOf, seenWith } from './check.ts'
import {
  fullSecret,
  nextRevision,
  sampleGrant,
  sampleHexId,
  sampleRef,
  sampleSecret,
  sampleTime,
  sampleUuid,
} from './samples.ts'

type Conditions = Omit<SecretQuery, 'limit'>

const boundary = sampleTime(1000)

/** 72 records that differ in everything a query can ask for; three share each creation time. */
const corpus: readonly StoredSecret[] = Array.from({ length: 72 }, (_, at) => {
  const pick = <T>(choices: readonly [T, ...T[]], step: number): T =>
    choices[Math.floor(at / step) % choices.length] ?? choices[0]
  const expiresAt = pick([undefined, new Date(boundary.getTime() - 1), boundary, sampleTime(2000)], 2)
  return sampleSecret({
    ref: { owner: pick(['alice', 'bob', 'carol'], 1), server: pick(['github', 'slack'], 3), name: `secret-${at}` },
    type: pick(['api_key', 'database_url', 'custom'], 5),
    tier: pick([1, 2, 3] as const, 7),
    state: pick(['active', 'inactive', 'active', 'deleted'] as const, 1),
    tags: pick([[], ['ci'], ['ci', 'web'], ['web'], ['prod', 'web']], 1),
    grants: pick([[], ['bob'], ['bob', 'dave'], ['alice']], 3).map((principal) => sampleGrant({ principal })),
    dekId: sampleHexId(pick(['key 1', 'key 2'], 4)),
    createdAt: sampleTime(Math.floor((at * 29) / 3) % 24),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  })
})

const conditionsByName: Readonly<Record<string, readonly Conditions[]>> = {
  'without conditions everything comes, deleted secrets too': [{}],
  'filters by owner': [{ owner: 'alice' }, { owner: 'nobody' }],
  'filters by server': [{ server: 'github' }, { server: 'nothing' }],
  'filters by owner and server': [{ owner: 'bob', server: 'slack' }],
  'filters by what a principal owns or was granted': [{ visibleTo: 'bob' }, { visibleTo: 'dave' }, { visibleTo: 'x' }],
  'filters by the owner it must not be': [{ notOwner: 'bob' }, { notOwner: 'x' }],
  'filters by what a principal was granted by others': [
    { visibleTo: 'bob', notOwner: 'bob' },
    { visibleTo: 'dave', notOwner: 'dave' },
  ],
  'filters by any of some tags': [{ tagsAny: ['ci'] }, { tagsAny: ['ci', 'prod'] }, { tagsAny: ['none'] }],
  'filters by all of some tags': [{ tagsAll: ['web'] }, { tagsAll: ['ci', 'web'] }, { tagsAll: ['ci', 'none'] }],
  'filters by any and all tags together': [{ tagsAny: ['ci', 'prod'], tagsAll: ['web'] }],
  'filters by type': [{ type: 'database_url' }, { type: 'none' }],
  'filters by tier': [{ tier: 1 }, { tier: 2 }, { tier: 3 }],
  'filters by state': [{ states: ['active'] }, { states: ['inactive', 'deleted'] }],
  'filters by an expiry before an instant, not at it': [
    { expiresBefore: boundary },
    { expiresBefore: new Date(boundary.getTime() + 1) },
    { expiresBefore: sampleTime(0) },
  ],
  'filters by data key': [{ dekId: sampleHexId('key 1') }, { dekId: sampleHexId('key 3') }],
  'conditions hold together': [
    { owner: 'alice', states: ['active'], tagsAny: ['ci'] },
    { owner: 'bob', visibleTo: 'dave' },
    { visibleTo: 'bob', notOwner: 'carol' },
    { owner: 'alice', notOwner: 'alice' },
    { visibleTo: 'bob', notOwner: 'bob', server: 'github', states: ['active'], tagsAny: ['ci'] },
    { visibleTo: 'bob', server: 'github', states: ['active', 'inactive'] },
    { visibleTo: 'bob', tagsAll: ['web'], tier: 1 },
    { server: 'slack', type: 'api_key', expiresBefore: sampleTime(3000) },
    { dekId: sampleHexId('key 1'), owner: 'carol' },
    { dekId: sampleHexId('key 2'), server: 'github', states: ['deleted'] },
    { visibleTo: 'alice', dekId: sampleHexId('key 1'), type: 'custom' },
  ],
}

const filterCases = casesOf({
  about: 'secrets.list',
  cases: Object.fromEntries(
    Object.entries(conditionsByName).map(([sentence, queries]) => [
      sentence,
      async ({ store }) => {
        await insertAll(store, corpus)
        for (const query of queries) {
          const expected = expectedNames(query)
          assertSame(namesOf(await store.secrets.list({ ...query, limit: 1000 })), expected, JSON.stringify(query))
          assertSame(namesOf(await pagesOf(store, { ...query, limit: 5 })), expected, `${JSON.stringify(query)} by 5`)
        }
      },
    ]),
  ),
})

const resultCases = casesOf({
  about: 'secrets.list',
  cases: {
    async 'brings whole records without envelopes'({ store }) {
      await insertAll(store, [fullSecret()])
      assertSame(await store.secrets.list({ limit: 10 }), [seenWith(fullSecret(), 'none')])
    },
    async 'orders newest first, and by descending id among the same time'({ store }) {
      await insertAll(store, corpus)
      assertSame(namesOf(await store.secrets.list({ limit: 1000 })), expectedNames({}))
    },
    async 'brings no more than the limit, and the newest of all'({ store }) {
      await insertAll(store, corpus)
      for (const limit of [1, 2, 71, 72, 73, 1000]) {
        assertSame(namesOf(await store.secrets.list({ limit })), expectedNames({}).slice(0, limit))
        const mine = namesOf(await store.secrets.list({ visibleTo: 'bob', limit }))
        assertSame(mine, expectedNames({ visibleTo: 'bob' }).slice(0, limit))
      }
    },
    async 'a secret that is both owned and granted comes once'({ store }) {
      const record = sampleSecret({ grants: [sampleGrant({ principal: 'alice' })] })
      await insertAll(store, [record])
      assertSame(await store.secrets.list({ visibleTo: 'alice', limit: 10 }), [seenWith(record, 'none')])
    },
    async 'a secret that has several of the tags comes once'({ store }) {
      await insertAll(store, [fullSecret()])
      assert.equal((await store.secrets.list({ tagsAny: ['ci', 'web', 'x'], limit: 10 })).length, 1)
    },
    async 'follows every change of a record'({ store }) {
      const first = fullSecret({ grants: [sampleGrant({ principal: 'bob' })] })
      const second = nextRevision(first, {
        tags: ['prod'],
        type: 'custom',
        tier: 3,
        state: 'inactive',
        expiresAt: sampleTime(9000),
        dekId: sampleHexId('key 2'),
        grants: [sampleGrant({ principal: 'dave' })],
      })
      const before: Conditions[] = [
        { tagsAny: ['ci'] },
        { tagsAll: ['web'] },
        { type: 'api_key' },
        { tier: 2 },
        { states: ['active'] },
        { expiresBefore: sampleTime(8000) },
        { dekId: sampleHexId('data key') },
        { visibleTo: 'bob' },
      ]
      const after: Conditions[] = [
        { tagsAny: ['prod'] },
        { tagsAll: ['prod'] },
        { type: 'custom' },
        { tier: 3 },
        { states: ['inactive'] },
        { expiresBefore: sampleTime(9001) },
        { dekId: sampleHexId('key 2') },
        { visibleTo: 'dave' },
      ]
      await insertAll(store, [first])
      assert.equal(await store.secrets.put(second, { ifRevision: 1 }), true)
      for (const query of before) assertSame(await store.secrets.list({ ...query, limit: 10 }), [])
      for (const query of after) {
        assertSame(await store.secrets.list({ ...query, limit: 10 }), [seenWith(second, 'none')])
      }
    },
    async 'begins after a record that is gone'({ store }) {
      const records = [3, 2, 1].map((second) =>
        sampleSecret({ ref: sampleRef({ name: `at-${second}` }), createdAt: sampleTime(second) }),
      )
      await insertAll(store, records)
      const after = { createdAt: sampleTime(2), id: sampleSecret({ ref: sampleRef({ name: 'at-2' }) }).id }
      await store.secrets.remove(sampleRef({ name: 'at-2' }), { ifRevision: 1 })
      assertSame(namesOf(await store.secrets.list({ after, limit: 10 })), ['at-1'])
      const between = { createdAt: new Date(sampleTime(2).getTime() + 1), id: sampleUuid('no record') }
      assertSame(namesOf(await store.secrets.list({ after: between, limit: 10 })), ['at-1'])
    },
  },
})

export const listCases = [...filterCases, ...resultCases]

function expectedNames(query: Conditions): string[] {
  const kept = corpus.filter((record) => {
    const isVisible =
      query.visibleTo === undefined ||
      record.ref.owner === query.visibleTo ||
      record.grants.some((grant) => grant.principal === query.visibleTo)
    const expiry = record.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
    return (
      isVisible &&
      [undefined, record.ref.owner].includes(query.owner) &&
      query.notOwner !== record.ref.owner &&
      [undefined, record.ref.server].includes(query.server) &&
      [undefined, record.type].includes(query.type) &&
      [undefined, record.tier].includes(query.tier) &&
      [undefined, record.dekId].includes(query.dekId) &&
      (query.states?.includes(record.state) ?? true) &&
      (query.tagsAny?.some((tag) => record.tags.includes(tag)) ?? true) &&
      (query.tagsAll?.every((tag) => record.tags.includes(tag)) ?? true) &&
      (query.expiresBefore === undefined || expiry < query.expiresBefore.getTime())
    )
  })
  const newestFirst = (a: StoredSecret, b: StoredSecret): number =>
    b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1)
  return namesOf(kept.sort(newestFirst))
}
