// Conformance cases: how audit rows and streams are read back.
import assert from 'node:assert/strict'
import type { AuditColumns, AuditCursor, AuditFilter, AuditRow, AuditStreamInfo } from '../../contracts/index.ts'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, present } from './check.ts'
import { sampleAuditRow, sampleStream, sampleTime, sampleUuid } from './samples.ts'

const streamIds = ['a', 'b', 'c'].map(sampleStream)

/** 36 rows over three streams that write concurrently, so that many share an instant. */
const corpus: readonly AuditRow[] = Array.from({ length: 36 }, (_, at) => {
  const pick = <T>(choices: readonly [T, ...T[]], step: number): T =>
    choices[Math.floor(at / step) % choices.length] ?? choices[0]
  const optional: Partial<AuditColumns> =
    at % 6 === 5
      ? {}
      : {
          owner: pick(['alice', 'bob'], 1),
          server: pick(['github', 'slack'], 2),
          name: pick(['token', 'key', 'password'], 4),
          secretId: sampleUuid(pick(['one', 'two', 'three'], 5)),
          correlationId: pick(['call 1', 'call 2', 'call 3', 'call 4'], 3),
        }
  return sampleAuditRow({
    stream: streamIds[at % 3] ?? '',
    sequence: Math.floor(at / 3),
    columns: {
      at: sampleTime(Math.floor(at / 4)),
      principal: pick(['alice', 'bob', 'carol'], 2),
      action: pick(['secret.accessed', 'secret.created', 'key.generated'], 3),
      outcome: pick(['allowed', 'denied', 'failed', 'missing', 'intent'], 1),
      ...optional,
    },
  })
})

const newestFirst = [...corpus].sort((a, b) => comparePlaces(placeOf(b), placeOf(a)))

const filtersByName: Readonly<Record<string, readonly AuditFilter[]>> = {
  'without conditions every row comes, newest first, then by stream and sequence, all descending': [{}],
  'filters by stream': [{ stream: sampleStream('b') }, { stream: sampleStream('none') }],
  'filters by principal': [{ principal: 'bob' }, { principal: 'nobody' }],
  'filters by owner': [{ owner: 'alice' }],
  'filters by server': [{ server: 'slack' }],
  'filters by name': [{ name: 'key' }],
  'filters by secret id': [{ secretId: sampleUuid('two') }],
  'filters by correlation id': [{ correlationId: 'call 3' }],
  'filters by actions': [{ actions: ['key.generated'] }, { actions: ['secret.accessed', 'secret.created'] }],
  'filters by outcomes': [{ outcomes: ['denied'] }, { outcomes: ['missing', 'intent', 'failed'] }],
  'filters by time, from included and to excluded': [
    { from: sampleTime(3) },
    { to: sampleTime(3) },
    { from: sampleTime(2), to: sampleTime(5) },
    { from: new Date(sampleTime(3).getTime() + 1) },
    { to: new Date(sampleTime(3).getTime() + 1) },
    { from: sampleTime(100) },
    { to: sampleTime(0) },
  ],
  'conditions hold together': [
    { owner: 'alice', server: 'github', name: 'token' },
    { principal: 'alice', outcomes: ['allowed', 'denied'], from: sampleTime(1) },
    { stream: sampleStream('c'), actions: ['secret.created'], to: sampleTime(8) },
    { secretId: sampleUuid('one'), correlationId: 'call 2' },
  ],
}

const queryCases = casesOf({
  about: 'audit.query',
  cases: {
    ...Object.fromEntries(
      Object.entries(filtersByName).map(
        ([sentence, filters]): CaseEntry => [
          sentence,
          async ({ store }) => {
            await store.audit.append(corpus)
            for (const filter of filters) {
              const expected = newestFirst.filter((row) => passes(row, filter))
              assertSame(await store.audit.query(filter, { limit: 1000 }), expected, JSON.stringify(filter))
              const paged: AuditRow[] = []
              for (let page = await store.audit.query(filter, { limit: 5 }); page.length > 0; ) {
                assert.ok(page.length <= 5, 'a page is longer than its limit')
                paged.push(...page)
                assert.ok(paged.length <= expected.length, 'paging does not end')
                page = await store.audit.query(filter, { limit: 5, after: placeOf(present(paged.at(-1))) })
              }
              assertSame(paged, expected, `${JSON.stringify(filter)} by 5`)
            }
          },
        ],
      ),
    ),
    async 'rows that come meanwhile move no page'({ store }) {
      await store.audit.append(corpus)
      const first = await store.audit.query({}, { limit: 10 })
      const newer = {
        ...sampleAuditRow({ sequence: 12 }),
        columns: { ...present(corpus[0]).columns, at: sampleTime(99) },
      }
      await store.audit.append([newer])
      const rest = await store.audit.query({}, { limit: 1000, after: placeOf(present(first.at(-1))) })
      assertSame([...first, ...rest], newestFirst)
    },
  },
})

const streamCases = casesOf({
  about: 'audit.readStream',
  cases: {
    async 'brings one stream by ascending sequence, after a sequence, up to the limit'({ store }) {
      await store.audit.append([...corpus].reverse())
      const stream = sampleStream('b')
      const rows = corpus.filter((row) => row.stream === stream)
      assertSame(await store.audit.readStream(stream, { limit: 1000, afterSequence: -1 }), rows)
      assertSame(await store.audit.readStream(stream, { limit: 5, afterSequence: -1 }), rows.slice(0, 5))
      assertSame(await store.audit.readStream(stream, { limit: 5, afterSequence: 4 }), rows.slice(5, 10))
      assertSame(await store.audit.readStream(stream, { limit: 5, afterSequence: 11 }), [])
    },
    async 'orders sequences as numbers'({ store }) {
      const rows = [0, 1, 2, 9, 10, 11, 99, 100, 4_294_967_296].map((sequence) =>
        sampleAuditRow({ sequence, columns: { at: sampleTime(5) } }),
      )
      await store.audit.append([...rows].reverse())
      assertSame(await store.audit.readStream(sampleStream('a'), { limit: 100, afterSequence: -1 }), rows)
      assertSame(await store.audit.query({}, { limit: 100 }), [...rows].reverse())
    },
    async 'an unknown stream is empty'({ store }) {
      await store.audit.append(corpus)
      assertSame(await store.audit.readStream(sampleStream('none'), { limit: 10, afterSequence: -1 }), [])
    },
  },
})

const listCases = casesOf({
  about: 'audit.streams',
  cases: {
    async 'come by id with their first and last times and their last row, in pages'({ store }) {
      await store.audit.append(corpus)
      const expected = [...streamIds].sort().map(infoOf)
      assertSame(await store.audit.streams({ limit: 10 }), expected)
      assertSame(await store.audit.streams({ limit: 2 }), expected.slice(0, 2))
      const after = present(expected[1]).stream
      assertSame(await store.audit.streams({ limit: 2, after }), expected.slice(2))
      assertSame(await store.audit.streams({ limit: 2, after: present(expected[2]).stream }), [])
    },
    async 'can be only those that wrote at an instant or later'({ store }) {
      const ends = [10, 20, 30]
      const rows = ends.map((second, at) =>
        sampleAuditRow({ stream: streamIds[at] ?? '', columns: { at: sampleTime(second) } }),
      )
      await store.audit.append(rows)
      const idsSince = async (activeSince: Date): Promise<string[]> =>
        (await store.audit.streams({ limit: 10, activeSince })).map((info) => info.stream)
      assertSame(await idsSince(sampleTime(20)), [sampleStream('b'), sampleStream('c')].sort())
      assertSame(await idsSince(new Date(sampleTime(20).getTime() + 1)), [sampleStream('c')])
      assertSame(await idsSince(sampleTime(31)), [])
    },
    async 'follow what is appended'({ store }) {
      for (const sequence of [0, 1, 2]) {
        const row = sampleAuditRow({ sequence })
        await store.audit.append([row])
        const expected = {
          stream: row.stream,
          firstAt: sampleTime(0),
          lastAt: row.columns.at,
          lastSequence: sequence,
          lastMac: row.mac,
          isClosed: false,
        }
        assertSame(await store.audit.streams({ limit: 10 }), [expected])
      }
    },
    async 'are closed by a closing event alone'({ store }) {
      const closing = { action: 'audit.closed' } as const
      await store.audit.append([
        sampleAuditRow({ stream: sampleStream('a'), sequence: 0 }),
        sampleAuditRow({ stream: sampleStream('a'), sequence: 1, columns: closing }),
        sampleAuditRow({ stream: sampleStream('b'), sequence: 0, columns: closing }),
        sampleAuditRow({ stream: sampleStream('b'), sequence: 1 }),
      ])
      const infos = await store.audit.streams({ limit: 10 })
      const isClosed = new Map(infos.map((info) => [info.stream, info.isClosed]))
      assert.equal(isClosed.get(sampleStream('a')), true)
      assert.equal(isClosed.get(sampleStream('b')), false)
    },
  },
})

export const auditQueryCases: readonly ConformanceCase[] = [...queryCases, ...streamCases, ...listCases]

type CaseEntry = [string, Parameters<typeof casesOf>[0]['cases'][string]]

function placeOf({ stream, sequence, columns }: AuditRow): AuditCursor {
  return { at: columns.at, stream, sequence }
}

function comparePlaces(a: AuditCursor, b: AuditCursor): number {
  const streamOrder = a.stream === b.stream ? 0 : a.stream < b.stream ? -1 : 1
  return a.at.getTime() - b.at.getTime() || streamOrder || a.sequence - b.sequence
}

function passes({ stream, columns }: AuditRow, { actions, outcomes, from, to, ...exact }: AuditFilter): boolean {
  const fields: Readonly<Record<string, unknown>> = { ...columns, stream }
  return (
    Object.entries(exact).every(([column, value]) => fields[column] === value) &&
    (actions === undefined || actions.includes(columns.action)) &&
    (outcomes === undefined || outcomes.includes(columns.outcome)) &&
    (from === undefined || columns.at.getTime() >= from.getTime()) &&
    (to === undefined || columns.at.getTime() < to.getTime())
  )
}

function infoOf(stream: string): AuditStreamInfo {
  const rows = corpus.filter((row) => row.stream === stream)
  const { columns: first } = present(rows[0])
  const { columns: last, sequence, mac } = present(rows.at(-1))
  return { stream, firstAt: first.at, lastAt: last.at, lastSequence: sequence, lastMac: mac, isClosed: false }
}
