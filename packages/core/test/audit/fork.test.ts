// Forks: the stream stops, its unwritten events move, and no loop is endless.
import { describe, expect, it } from 'vitest'
import type { AuditRow, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  auditFailed,
  bodiesOf,
  codeOf,
  countsOf,
  numbered,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
  verifyStore,
  withAppend,
} from './support.ts'

const macs = (rows: readonly AuditRow[]): readonly string[] => rows.map(({ mac }) => Buffer.from(mac).toString('hex'))

describe('a fork', () => {
  /** Somebody else writes a row in the place of the stream's next row. */
  async function occupy(store: VaultStore, sequence: number): Promise<void> {
    const [row] = await rowsOf(store, streamId(1))
    if (row !== undefined) await store.audit.append([{ ...row, sequence, mac: Buffer.alloc(32, 9) }])
  }

  it('[T47] stops the stream, raises an alarm, and moves the events to a new stream', async () => {
    const { trail, store, alarms, clock } = testTrail()
    await trail.record(numbered(1))
    await occupy(store, 2)
    clock.advance(10)
    await Promise.all([trail.record(numbered(2)), trail.record([numbered(3), numbered(4)])])
    await trail.record(numbered(5))
    expect(alarms).toEqual([{ kind: 'fork', stream: streamId(1) }])
    const moved = await rowsOf(store, streamId(2))
    expect(bodiesOf(moved)).toMatchObject([
      { event_type: 'audit.opened', sequence: 0, timestamp: '2026-01-01T00:00:00.010Z' },
      { count: 2, sequence: 1, timestamp: '2026-01-01T00:00:00.010Z' },
      { count: 3, sequence: 2 },
      { count: 4, sequence: 3 },
      { count: 5, sequence: 4 },
    ])
    const report = await verifyStore(store)
    expect(report.problems).toEqual([{ problem: 'mac', stream: streamId(1), sequence: 2 }])
    expect(report.events).toBe(2 + 5)
  })

  it('moves an unwritten opening event too', async () => {
    const { trail, store, alarms } = testTrail()
    const row = { stream: streamId(1), sequence: 0, mac: Buffer.alloc(32, 9), body: Buffer.from('{}') }
    const columns = { at: new Date(0), action: 'audit.opened', outcome: 'allowed', principal: 'x' } as const
    await store.audit.append([{ ...row, columns }])
    await trail.record(numbered(1))
    expect(alarms).toHaveLength(1)
    expect(bodiesOf(await rowsOf(store, streamId(2)))).toMatchObject([{ event_type: 'audit.opened' }, { count: 1 }])
  })

  it('sends the new stream to the other sinks as well', async () => {
    const other = scriptedSink([], { id: 'other', durable: false })
    const { trail, store } = testTrail({ sinks: [other.sink] })
    await trail.record(numbered(1))
    await occupy(store, 2)
    await trail.record(numbered(2))
    await settle()
    const second = other.accepted.filter(({ stream }) => stream === streamId(2))
    expect(macs(second)).toEqual(macs(await rowsOf(store, streamId(2))))
  })

  it('moves the closing event of the stream', async () => {
    const { trail, store } = testTrail()
    await trail.record(numbered(1))
    await occupy(store, 2)
    await trail.close()
    expect(bodiesOf(await rowsOf(store, streamId(2))).map((body) => body['event_type'])).toEqual([
      'audit.opened',
      'audit.closed',
    ])
  })

  it('ends in a store that calls everything forked', async () => {
    const inner = memoryStore()
    let appends = 0
    let isBroken = true
    const store = withAppend(inner, (rows) => {
      appends += 1
      return isBroken ? 'forked' : inner.audit.append(rows)
    })
    const { trail } = testTrail({ store })
    const cause = auditFailed('one fork after another')
    await expect(trail.record(numbered(1))).rejects.toMatchObject({ code: 'VAULT_AUDIT_FAILED', cause })
    expect(appends).toBe(2)
    isBroken = false
    await trail.record(numbered(2))
    expect(countsOf(await rowsOf(inner))).toEqual([1, 2])
    expect(await verifyStore(inner)).toMatchObject({ ok: true })
  })

  it('lets a flush end only when all that was moved is written', async () => {
    const inner = memoryStore()
    const store = withAppend(inner, async (rows) => {
      await settle()
      return inner.audit.append(rows)
    })
    const { trail } = testTrail({ store, mode: 'buffered', limits: { batchRows: 2 } })
    await trail.record(numbered(1))
    await trail.flush()
    await occupy(inner, 2)
    for (const n of [2, 3, 4, 5, 6]) await trail.record(numbered(n))
    await trail.flush()
    expect(countsOf(await rowsOf(inner, streamId(2)))).toEqual([2, 3, 4, 5, 6])
  })

  it('can be survived again after a failure', async () => {
    const inner = memoryStore()
    let appends = 0
    const store = withAppend(inner, (rows) => {
      appends += 1
      return appends <= 3 ? 'forked' : inner.audit.append(rows)
    })
    const { trail } = testTrail({ store })
    expect(await codeOf(trail.record(numbered(1)))).toBe('VAULT_AUDIT_FAILED')
    await trail.record(numbered(2))
    expect(appends).toBe(4)
    expect(countsOf(await rowsOf(inner))).toEqual([1, 2])
  })

  it('can be survived twice', async () => {
    const { trail, store, alarms } = testTrail()
    await trail.record(numbered(1))
    await occupy(store, 2)
    await trail.record(numbered(2))
    const [row] = await rowsOf(store, streamId(2))
    if (row !== undefined) await store.audit.append([{ ...row, sequence: 2, mac: Buffer.alloc(32, 9) }])
    await trail.record(numbered(3))
    expect(alarms.map((alarm) => alarm.kind === 'fork' && alarm.stream)).toEqual([streamId(1), streamId(2)])
    expect(countsOf(await rowsOf(store, streamId(3)))).toEqual([3])
  })
})
