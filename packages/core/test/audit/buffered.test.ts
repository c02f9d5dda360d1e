// Buffered mode: events go out a little later, and drops are counted.
import { describe, expect, it } from 'vitest'
import {
  bodiesOf,
  codeOf,
  countsOf,
  event,
  headsOf,
  numbered,
  range,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
} from './support.ts'

describe('buffered mode', () => {
  it('resolves at once and writes a little later', async () => {
    const { trail, store, clock } = testTrail({ mode: 'buffered' })
    await trail.record(numbered(1))
    await trail.record(numbered(2))
    await settle()
    clock.advance(49.9)
    await settle()
    expect(await rowsOf(store)).toEqual([])
    clock.advance(0.1)
    await settle()
    expect(countsOf(await rowsOf(store))).toEqual([1, 2])
  })

  it('keeps the time and the order of events, which it chains after the current tick', async () => {
    const { trail, store, clock } = testTrail({ mode: 'buffered' })
    const startedAt = clock.now()
    await trail.record(numbered(1))
    clock.advance(10)
    await trail.record(numbered(2))
    await trail.flush()
    const rows = (await rowsOf(store)).filter(({ columns }) => columns.action !== 'audit.opened')
    expect(countsOf(rows)).toEqual([1, 2])
    expect(rows.map(({ columns }) => columns.at.getTime() - startedAt.getTime())).toEqual([0, 10])
  })

  it('counts an invalid event as dropped, and goes on', async () => {
    const { trail, store, alarms } = testTrail({ mode: 'buffered' })
    await trail.record({ ...event, name: 7 } as never)
    await trail.record(numbered(1))
    await trail.flush()
    await trail.flush()
    expect(countsOf((await rowsOf(store)).filter(({ columns }) => columns.action !== 'audit.dropped'))).toEqual([1])
    expect(alarms).toContainEqual({ kind: 'dropped', count: 1 })
  })

  it('writes a full batch without waiting', async () => {
    const { trail, store } = testTrail({ mode: 'buffered', limits: { batchRows: 3 } })
    await trail.record(numbered(1))
    await settle()
    expect(await rowsOf(store)).toEqual([])
    await trail.record(numbered(2))
    await settle()
    expect(countsOf(await rowsOf(store))).toEqual([1, 2])
  })

  it('makes room in one tick for more events than it may hold', async () => {
    const limits = { batchRows: 2, queueRows: 3 }
    const { trail, store, alarms } = testTrail({ mode: 'buffered', limits })
    for (const n of range(20)) await trail.record(numbered(n))
    await trail.flush()
    expect(countsOf(await rowsOf(store))).toEqual(range(20))
    expect(alarms).toEqual([])
  })

  it('does not ask a failing sink again for each event', async () => {
    const { sink, batches } = scriptedSink(['fail', 'fail'])
    const { trail, clock } = testTrail({ mode: 'buffered', store: undefined, sinks: [sink], limits: { batchRows: 2 } })
    for (const n of range(5)) {
      await trail.record(numbered(n))
      await settle()
    }
    expect(batches).toHaveLength(1)
    clock.advance(1_000)
    await settle()
    expect(batches).toHaveLength(2)
    clock.advance(1_000)
    await settle()
    expect(batches).toHaveLength(5)
  })

  it('drops events that it has no room for before they are chained, and records how many', async () => {
    const { sink, accepted } = scriptedSink(['fail'])
    const parts = { mode: 'buffered', store: undefined, sinks: [sink], limits: { queueRows: 3 } } as const
    const { trail, clock, alarms } = testTrail(parts)
    for (const n of range(6)) await trail.record(numbered(n))
    await settle()
    clock.advance(50)
    await settle()
    expect(accepted).toEqual([])
    clock.advance(1_000)
    await settle()
    expect(bodiesOf(accepted)).toMatchObject([
      { event_type: 'audit.opened', sequence: 0 },
      { count: 0, sequence: 1 },
      { count: 1, sequence: 2 },
      { event_type: 'audit.dropped', outcome: 'failed', operation: 'record', count: 4, sequence: 3 },
    ])
    expect(alarms).toMatchObject([
      { kind: 'sink-failed', sink: 'scripted' },
      { kind: 'dropped', count: 4 },
    ])
    await trail.record(numbered(9))
    await trail.close()
    expect(countsOf(accepted)).toEqual([0, 1, 9])
    expect(alarms).toHaveLength(2)
  })

  it('reports drops at its close when there was never room', async () => {
    const { sink } = scriptedSink(['fail', 'fail'])
    const parts = { mode: 'buffered', store: undefined, sinks: [sink], limits: { queueRows: 2 } } as const
    const { trail, alarms } = testTrail(parts)
    await trail.record([numbered(1)])
    await trail.record([numbered(2), numbered(3)])
    expect(await codeOf(trail.close())).toBe('VAULT_AUDIT_FAILED')
    expect(alarms).toContainEqual({ kind: 'dropped', count: 2 })
  })

  it('takes a trail without a durable sink', async () => {
    const { sink, accepted } = scriptedSink([], { durable: false })
    const parts = testTrail({ mode: 'buffered', store: undefined, sinks: [sink] })
    await parts.trail.record(event)
    await parts.trail.flush()
    expect(accepted).toHaveLength(2)
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([[streamId(1), 1]])
  })
})

describe('flush', () => {
  it('sends what is buffered now', async () => {
    const { trail, store } = testTrail({ mode: 'buffered' })
    await trail.record(numbered(1))
    await trail.flush()
    expect(countsOf(await rowsOf(store))).toEqual([1])
  })

  it('rejects when no durable sink takes everything, and resolves when one does', async () => {
    const first = scriptedSink(['fail', 'fail'], { id: 'first' })
    const second = scriptedSink(['fail'], { id: 'second' })
    const { trail } = testTrail({ mode: 'buffered', store: undefined, sinks: [first.sink, second.sink] })
    await trail.record(numbered(1))
    expect(await codeOf(trail.flush())).toBe('VAULT_AUDIT_FAILED')
    await trail.flush()
    expect(countsOf(second.accepted)).toEqual([1])
    expect(first.accepted).toEqual([])
  })
})
