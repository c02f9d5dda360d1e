// Conformance cases: how the rows of one stream and of all streams are read back, and what the store knows of streams.
import assert from 'node:assert/strict'
import type { AuditPlace, AuditRow, AuditStore, AuditStreamInfo } from '../../contracts/index.ts'
import { corpus, streamIds } from './audit-query-cases.ts'
import { type ConformanceCase, casesOf } from './case.ts'
import { assertSame, present } from './check.ts'
import { sampleAuditRow, sampleStream, sampleTime } from './samples.ts'

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

const allCases = casesOf({
  about: 'audit.readAll',
  cases: {
    async 'brings every row by stream and sequence, from a place on, itself included'({ store }) {
      await store.audit.append([...corpus].reverse())
      const inOrder = [...corpus].sort(byPlace)
      assertSame(await store.audit.readAll({ limit: 1000 }), inOrder)
      assertSame(await store.audit.readAll({ limit: 5 }), inOrder.slice(0, 5))
      for (const at of [0, 5, 11, 12, 23, 35]) {
        const { stream, sequence } = present(inOrder[at])
        assertSame(await store.audit.readAll({ limit: 14, from: { stream, sequence } }), inOrder.slice(at, at + 14))
      }
      const [last] = inOrder.slice(-1)
      const behind = { stream: present(last).stream, sequence: present(last).sequence + 1 }
      assertSame(await store.audit.readAll({ limit: 5, from: behind }), [])
      assertSame(await store.audit.readAll({ limit: 5, from: { stream: '\u0001', sequence: 0 } }), inOrder.slice(0, 5))
    },
    async 'brings rows that no vault would write, too'({ store }) {
      const strange = [
        sampleAuditRow({ stream: 'not a stream', sequence: 3 }),
        sampleAuditRow({ sequence: -1 }),
        sampleAuditRow({ sequence: 7 }),
      ]
      await store.audit.append(strange)
      assertSame(await store.audit.readAll({ limit: 10 }), [...strange].sort(byPlace))
    },
    async 'and every entry of its own lists belongs to a row'({ store }) {
      await store.audit.append(corpus)
      const redacted = present(corpus[0])
      assert.equal(
        await store.audit.redact({ ...redacted, columns: { ...redacted.columns, principal: 'erased' } }),
        true,
      )
      const rows = await store.audit.readAll({ limit: 1000 })
      const { lists } = store.audit
      assertSame((await lists?.unlisted(rows)) ?? [], [])
      assertSame(await straysOf(store.audit), [])
      const unknown = sampleAuditRow({ sequence: 99 })
      assertSame((await lists?.unlisted([unknown])) ?? [unknown], [unknown])
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

export const auditStreamCases: readonly ConformanceCase[] = [...streamCases, ...allCases, ...listCases]

function byPlace(a: AuditRow, b: AuditRow): number {
  return a.stream === b.stream ? a.sequence - b.sequence : a.stream < b.stream ? -1 : 1
}

async function straysOf({ lists }: AuditStore): Promise<readonly AuditPlace[]> {
  const strays: AuditPlace[] = []
  let after: string | undefined
  do {
    const part = await lists?.strays({ after })
    strays.push(...(part?.strays ?? []))
    after = part?.next
  } while (after !== undefined)
  return strays
}

function infoOf(stream: string): AuditStreamInfo {
  const rows = corpus.filter((row) => row.stream === stream)
  const { columns: first } = present(rows[0])
  const { columns: last, sequence, mac } = present(rows.at(-1))
  return { stream, firstAt: first.at, lastAt: last.at, lastSequence: sequence, lastMac: mac, isClosed: false }
}
