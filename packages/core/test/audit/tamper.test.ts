// Tampering: whatever somebody does to the rows, the report says where.
import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sealKey } from '../../src/audit/log/seal.ts'
import type { AuditRow } from '../../src/contracts/index.ts'
import { event, keys, streamId, verifyStore } from './support.ts'
import { change, flip, isAt, one, rewritten, storeOf, two, twoStreams } from './tampering.ts'

describe('verifyAudit', () => {
  type Tamper = (rows: readonly AuditRow[]) => readonly AuditRow[]
  const tampers: readonly [string, Tamper, { problem: string; sequence: number }][] = [
    ['edits a body and its columns', (rows) => change(rows, isAt(one, 2), rewritten), { problem: 'mac', sequence: 2 }],
    [
      'flips one bit of a body',
      (rows) => change(rows, isAt(one, 3), (row) => ({ ...row, body: flip(row.body, 40) })),
      { problem: 'mac', sequence: 3 },
    ],
    [
      'flips one bit of a mac',
      (rows) => change(rows, isAt(one, 1), (row) => ({ ...row, mac: flip(row.mac, 31) })),
      { problem: 'mac', sequence: 1 },
    ],
    [
      'cuts a mac short',
      (rows) => change(rows, isAt(one, 1), (row) => ({ ...row, mac: row.mac.subarray(0, 31) })),
      { problem: 'mac', sequence: 1 },
    ],
    [
      'empties a body',
      (rows) => change(rows, isAt(one, 1), (row) => ({ ...row, body: new Uint8Array() })),
      { problem: 'mac', sequence: 1 },
    ],
    [
      'edits a column alone',
      (rows) => change(rows, isAt(one, 2), (row) => ({ ...row, columns: { ...row.columns, principal: 'mallory' } })),
      { problem: 'columns', sequence: 2 },
    ],
    [
      'shifts the time of a column',
      (rows) => change(rows, isAt(one, 2), (row) => ({ ...row, columns: { ...row.columns, at: new Date(0) } })),
      { problem: 'columns', sequence: 2 },
    ],
    [
      'deletes a row in the middle',
      (rows) => rows.filter((row) => !isAt(one, 2)(row)),
      { problem: 'gap', sequence: 2 },
    ],
    ['deletes the first row', (rows) => rows.filter((row) => !isAt(one, 0)(row)), { problem: 'gap', sequence: 0 }],
    [
      'deletes a row and closes the gap',
      (rows) =>
        rows
          .filter((row) => !isAt(one, 2)(row))
          .map((row) => (row.stream === one && row.sequence > 2 ? { ...row, sequence: row.sequence - 1 } : row)),
      { problem: 'mac', sequence: 2 },
    ],
    [
      'exchanges two rows',
      (rows) =>
        rows.map((row) =>
          isAt(one, 1)(row) ? { ...row, sequence: 2 } : isAt(one, 2)(row) ? { ...row, sequence: 1 } : row,
        ),
      { problem: 'mac', sequence: 1 },
    ],
    [
      'inserts a copy of a row',
      (rows) =>
        rows.flatMap((row) =>
          row.stream !== one || row.sequence < 2
            ? [row]
            : isAt(one, 2)(row)
              ? [row, { ...row, sequence: 3 }]
              : [{ ...row, sequence: row.sequence + 1 }],
        ),
      { problem: 'mac', sequence: 3 },
    ],
    [
      'appends a row after the last',
      (rows) => [...rows, ...rows.filter(isAt(one, 3)).map((row) => ({ ...row, sequence: 5 }))],
      { problem: 'mac', sequence: 5 },
    ],
    [
      'exchanges rows of two streams',
      (rows) =>
        rows.map((row) =>
          isAt(one, 1)(row) ? { ...row, stream: two } : isAt(two, 1)(row) ? { ...row, stream: one } : row,
        ),
      { problem: 'mac', sequence: 1 },
    ],
    [
      'cuts the tail',
      (rows) => rows.filter((row) => row.stream !== one || row.sequence < 3),
      { problem: 'truncated', sequence: 3 },
    ],
    [
      'cuts the last row',
      (rows) => rows.filter((row) => row.stream !== one || row.sequence < 4),
      { problem: 'truncated', sequence: 4 },
    ],
    [
      'adds an unproven redaction',
      (rows) => change(rows, isAt(one, 2), (row) => ({ ...rewritten(row), redaction: new Uint8Array(32) })),
      { problem: 'redaction', sequence: 2 },
    ],
  ]
  it.each(tampers)('[T47] finds the row when somebody %s', async (_, tamper, { problem, sequence }) => {
    const { rows, checkpoint } = await twoStreams()
    const report = await verifyStore(await storeOf(tamper(rows), [checkpoint]))
    expect(report.ok).toBe(false)
    expect(report.problems.filter((found) => 'stream' in found && found.stream === one)).toEqual([
      { problem, stream: one, sequence },
    ])
    expect(report.problemCount).toBe(report.problems.length)
  })

  it('[T47] finds a stream that is gone', async () => {
    const { rows, checkpoint } = await twoStreams()
    const store = await storeOf(
      rows.filter(({ stream }) => stream !== one),
      [checkpoint],
    )
    expect((await verifyStore(store)).problems).toEqual([{ problem: 'missing-stream', stream: one }])
  })

  it('[T47] finds a whole stream moved to another id', async () => {
    const { rows } = await twoStreams()
    const moved = rows.filter(({ stream }) => stream === one).map((row) => ({ ...row, stream: streamId(7) }))
    expect((await verifyStore(await storeOf(moved))).problems).toEqual([
      { problem: 'mac', stream: streamId(7), sequence: 0 },
    ])
  })

  it.each(['xyz', 'AB'.repeat(16), 'ab'.repeat(15)])('finds a stream whose id is none: %s', async (stream) => {
    const { rows } = await twoStreams()
    const store = await storeOf(rows.slice(0, 1).map((row) => ({ ...row, stream })))
    expect((await verifyStore(store)).problems).toEqual([{ problem: 'mac', stream, sequence: 0 }])
  })

  it('[T47] finds rows of another vault, or under another root', async () => {
    const { rows } = await twoStreams()
    const store = await storeOf(rows)
    for (const other of [{ vaultId: Buffer.alloc(16, 1) }, { root: createSecretKey(Buffer.alloc(32, 9)) }]) {
      expect((await verifyStore(store, other)).problems).toEqual([
        { problem: 'mac', stream: one, sequence: 0 },
        { problem: 'mac', stream: two, sequence: 0 },
      ])
    }
  })
})

describe('what only a holder of the keys could do wrong', () => {
  /** Rows that are chained rightly, whatever they say. */
  async function chained(events: readonly (typeof event | 'open' | 'close')[]) {
    const { startChain } = await import('../../src/audit/log/chain.ts')
    const bare = { outcome: 'allowed', operation: 'x', principal: 'x' } as const
    const chain = startChain({ ...keys, seal: sealKey(keys), stream: Buffer.from(one, 'hex') })
    const all = events.map((item) => {
      if (item === 'open') return { ...bare, action: 'audit.opened' as const }
      return item === 'close' ? { ...bare, action: 'audit.closed' as const } : item
    })
    return chain.draft(all.map((item) => ({ event: item, at: new Date(0) }))).rows
  }

  it('is found: a stream that does not begin with its opening event', async () => {
    const store = await storeOf(await chained([event, event]))
    expect((await verifyStore(store)).problems).toEqual([{ problem: 'not-opened', stream: one, sequence: 0 }])
  })

  it('is found: a stream that goes on after its closing event', async () => {
    const store = await storeOf(await chained(['open', 'close', event]))
    expect((await verifyStore(store)).problems).toEqual([{ problem: 'after-close', stream: one, sequence: 2 }])
  })

  it('is found: a body that is no event', async () => {
    const { firstKey, streamMac } = await import('../../src/audit/log/mac.ts')
    const stream = Buffer.from(one, 'hex')
    const [row] = await chained(['open'])
    const body = Buffer.from('{}')
    const macOf = streamMac({ ...keys, stream })
    const mac = macOf({ key: firstKey({ ...keys, stream }), sequence: 0, previousMac: Buffer.alloc(32), body })
    const store = await storeOf(row === undefined ? [] : [{ ...row, body, mac }])
    expect((await verifyStore(store)).problems).toEqual([{ problem: 'body', stream: one, sequence: 0 }])
  })
})
