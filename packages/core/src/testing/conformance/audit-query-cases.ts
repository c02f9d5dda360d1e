// Conformance cases: how audit rows are found by their columns.
import assert from 'node:assert/strict'
import type { AuditColumns, AuditCursor, AuditFilter, AuditRow } from '../../contracts/index.ts'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, present } from './check.ts'
import { sampleAuditRow, sampleStream, sampleTime, sampleUuid } from './samples.ts'

export const streamIds = ['a', 'b', 'c'].map(sampleStream)

/** 36 rows over three streams that write concurrently, so that many share an instant. */
export const corpus: readonly AuditRow[] = Array.from({ length: 36 }, (_, at) => {
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

export const auditQueryCases: readonly ConformanceCase[] = queryCases

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
