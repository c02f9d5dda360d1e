// Conformance cases: audit rows are appended once and for all, checkpoints beside them.
import assert from 'node:assert/strict'
import type { AuditRow, Checkpoint } from '../../contracts/index.ts'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, insertAll, present, raceOf, scribble } from './check.ts'
import {
  sampleAuditRow,
  sampleBytes,
  sampleCheckpoint,
  sampleHexId,
  sampleRef,
  sampleSecret,
  sampleStream,
  sampleTime,
  sampleUuid,
} from './samples.ts'

const everyColumn = sampleAuditRow({
  columns: {
    action: 'secret.updated',
    outcome: 'denied',
    principal: 'bob',
    owner: 'alice',
    server: 'github',
    name: 'token',
    secretId: sampleUuid('secret'),
    correlationId: 'call 7',
  },
})

const all = { limit: 1000, afterSequence: -1 }

const appendCases = casesOf({
  about: 'audit.append',
  cases: {
    async 'every field comes back'({ store }) {
      const bare = sampleAuditRow({ sequence: 1 })
      const redacted = { ...sampleAuditRow({ sequence: 2 }), redaction: sampleBytes('redaction') }
      const rows = [everyColumn, bare, redacted]
      assert.equal(await store.audit.append(rows), 'stored')
      assertSame(await store.audit.readStream(sampleStream('a'), all), rows)
      assertSame(await store.audit.query({}, { limit: 10 }), [...rows].reverse())
    },
    async 'bodies of any bytes come back'({ store }) {
      const body = Uint8Array.from({ length: 70_000 }, (_, at) => at & 0xff)
      await store.audit.append([{ ...sampleAuditRow(), body }])
      assertSame((await store.audit.readStream(sampleStream('a'), all))[0]?.body, body)
    },
    async 'an empty batch is stored'({ store }) {
      assert.equal(await store.audit.append([]), 'stored')
      assertSame(await store.audit.query({}, { limit: 10 }), [])
    },
    async 'a row that is there with the same mac counts as written'({ store }) {
      await store.audit.append([rowAt(0), rowAt(1)])
      assert.equal(await store.audit.append([rowAt(1), rowAt(2)]), 'stored')
      assert.equal(await store.audit.append([rowAt(0), rowAt(1), rowAt(2)]), 'stored')
      assertSame(await store.audit.readStream(sampleStream('a'), all), [rowAt(0), rowAt(1), rowAt(2)])
    },
    async 'a row that is there with another mac is a fork, and nothing of the batch is written'({ store }) {
      await store.audit.append([rowAt(0), rowAt(1)])
      const fork = sampleAuditRow({ sequence: 1, fork: 'other' })
      const elsewhere = sampleAuditRow({ stream: sampleStream('b') })
      assert.equal(await store.audit.append([fork]), 'forked')
      assert.equal(await store.audit.append([elsewhere, fork, rowAt(2)]), 'forked')
      assert.equal(await store.audit.append([rowAt(2), elsewhere, fork]), 'forked')
      assertSame(await store.audit.query({}, { limit: 10 }), [rowAt(1), rowAt(0)])
    },
    async 'the same place in another stream is another row'({ store }) {
      const rows = [rowAt(0), sampleAuditRow({ stream: sampleStream('b') })]
      assert.equal(await store.audit.append(rows), 'stored')
      assert.equal((await store.audit.query({}, { limit: 10 })).length, 2)
    },
    async 'of 20 rows for one place at once exactly one is stored'(subject) {
      const answers = await raceOf(subject, {
        count: 20,
        attempt: ({ audit }, number) => audit.append([sampleAuditRow({ fork: `${number}` })]),
      })
      assert.equal(answers.filter((answer) => answer === 'stored').length, 1)
      const winner = sampleAuditRow({ fork: `${answers.indexOf('stored')}` })
      assertSame(await subject.store.audit.query({}, { limit: 10 }), [winner])
    },
    async 'one row that is appended 20 times at once is stored once'(subject) {
      const answers = await raceOf(subject, { count: 20, attempt: ({ audit }) => audit.append([rowAt(0)]) })
      assert.ok(answers.every((answer) => answer === 'stored'))
      assertSame(await subject.store.audit.query({}, { limit: 10 }), [rowAt(0)])
    },
    async 'rows stay when their secret goes'({ store }) {
      await insertAll(store, [sampleSecret()])
      await store.audit.append([everyColumn])
      await store.secrets.remove(sampleRef(), { ifRevision: 1 })
      assertSame(await store.audit.query({ owner: 'alice' }, { limit: 10 }), [everyColumn])
    },
    async 'what a caller does to rows changes nothing stored'({ store }) {
      const given = rowAt(0)
      await store.audit.append([given])
      scribble(given)
      scribble(await store.audit.query({}, { limit: 10 }))
      scribble(await store.audit.readStream(sampleStream('a'), all))
      scribble(await store.audit.streams({ limit: 10 }))
      assertSame(await store.audit.query({}, { limit: 10 }), [rowAt(0)])
      assertSame((await store.audit.streams({ limit: 10 }))[0]?.firstAt, rowAt(0).columns.at)
    },
  },
})

const redactCases = casesOf({
  about: 'audit.redact',
  cases: {
    async 'replaces body, columns and redaction, and keeps the mac'({ store }) {
      await store.audit.append([everyColumn, rowAt(1)])
      const redacted = redactionOf(everyColumn)
      assert.equal(await store.audit.redact(redacted), true)
      assertSame(await store.audit.readStream(sampleStream('a'), all), [redacted, rowAt(1)])
      assertSame(await store.audit.query({ principal: 'bob' }, { limit: 10 }), [])
      assertSame(await store.audit.query({ principal: 'erased' }, { limit: 10 }), [redacted])
      assertSame(await store.audit.query({ owner: 'alice' }, { limit: 10 }), [])
      assertSame(await store.audit.query({}, { limit: 10 }), [rowAt(1), redacted])
    },
    async 'a row with another mac, or none, is not redacted'({ store }) {
      await store.audit.append([everyColumn])
      assert.equal(await store.audit.redact(redactionOf({ ...everyColumn, mac: sampleBytes('other') })), false)
      assert.equal(await store.audit.redact(redactionOf(rowAt(1))), false)
      assert.equal(await store.audit.redact(redactionOf({ ...everyColumn, stream: sampleStream('b') })), false)
      assertSame(await store.audit.query({}, { limit: 10 }), [everyColumn])
    },
    async 'the first row, appended again, does not undo a redaction'({ store }) {
      await store.audit.append([everyColumn])
      await store.audit.redact(redactionOf(everyColumn))
      assert.equal(await store.audit.append([everyColumn]), 'stored')
      assertSame(await store.audit.query({}, { limit: 10 }), [redactionOf(everyColumn)])
    },
  },
})

const checkpointCases = casesOf({
  about: 'audit.checkpoints',
  cases: {
    async 'come oldest first, then by id, in pages'({ store }) {
      const inOrder = Array.from({ length: 12 }, (_, at) =>
        sampleCheckpoint({ label: `${at}`, createdAt: sampleTime(at % 4) }),
      ).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))
      for (const at of [7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 4, 6]) {
        await store.audit.putCheckpoint(present(inOrder[at]))
      }
      for (const limit of [1, 5, 12, 100]) {
        const paged: Checkpoint[] = []
        for (let page = await store.audit.checkpoints({ limit }); page.length > 0; ) {
          assert.ok(page.length <= limit, 'a page is longer than its limit')
          paged.push(...page)
          assert.ok(paged.length <= inOrder.length, 'paging does not end')
          const { createdAt, id } = present(paged.at(-1))
          page = await store.audit.checkpoints({ limit, after: { createdAt, id } })
        }
        assertSame(paged, inOrder)
      }
    },
    async 'the same checkpoint twice is one'({ store }) {
      await store.audit.putCheckpoint(sampleCheckpoint())
      await store.audit.putCheckpoint(sampleCheckpoint())
      assertSame(await store.audit.checkpoints({ limit: 10 }), [sampleCheckpoint()])
    },
    async 'notes of any text come back, as copies'({ store }) {
      const given = { id: sampleHexId('note'), createdAt: sampleTime(3), note: "é\n\n— vault '%s' $1\r\n😀\n" }
      await store.audit.putCheckpoint(given)
      const expected = { ...given, createdAt: sampleTime(3) }
      given.createdAt.setTime(0)
      scribble(await store.audit.checkpoints({ limit: 10 }))
      assertSame(await store.audit.checkpoints({ limit: 10 }), [expected])
    },
  },
})

export const auditCases: readonly ConformanceCase[] = [...appendCases, ...redactCases, ...checkpointCases]

function rowAt(sequence: number): AuditRow {
  return sampleAuditRow({ sequence })
}

function redactionOf(row: AuditRow): AuditRow {
  const { at, action, outcome } = row.columns
  const columns = { at, action, outcome, principal: 'erased' }
  return { ...row, body: sampleBytes('redacted body'), redaction: sampleBytes('redaction'), columns }
}
