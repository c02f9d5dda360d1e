// Writes and their events in one transaction, through a stream of writes.
import { describe, expect, it } from 'vitest'
import type { AuditRow } from '../../src/contracts/index.ts'
import { sampleSecret } from '../../src/testing/index.ts'
import {
  bodiesOf,
  countsOf,
  deferred,
  event,
  numbered,
  rowsOf,
  scriptedSink,
  settle,
  statedIn,
  streamId,
  testTrail,
  write,
} from './support.ts'

describe('a write on a store with transactions', () => {
  it('brings its rows into the commit, the opening event first', async () => {
    const parts = testTrail()
    const given: (readonly AuditRow[] | undefined)[] = []
    const result = await parts.trail.recordWith({
      event: numbered(1),
      commit(rows) {
        given.push(rows)
        void parts.store.audit.append(rows ?? [])
        return 42
      },
      applied: (number) => number === 42,
    })
    expect(result).toBe(42)
    expect(bodiesOf(given[0] ?? [])).toMatchObject([
      { event_type: 'audit.opened', sequence: 0 },
      { event_type: 'secret.accessed', outcome: 'allowed', count: 1, sequence: 1 },
    ])
    await write(parts, 2)
    expect(countsOf(await rowsOf(parts.store, streamId(1)))).toEqual([1, 2])
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 1, events: 3 })
  })

  it('lands with the record in a real put, or not at all', async () => {
    const { trail, store, verify } = testTrail()
    const put = (revision: number) =>
      trail.recordWith({
        event,
        commit: (audit) =>
          store.secrets.put(sampleSecret({ revision: 1 }), { ifRevision: revision, ...(audit && { audit }) }),
        applied: (stored) => stored,
      })
    expect(await put(0)).toBe(true)
    expect(await put(0)).toBe(false)
    expect(await rowsOf(store)).toHaveLength(2)
    expect(await verify()).toMatchObject({ ok: true })
  })

  it('leaves no hole when it was not applied', async () => {
    const parts = testTrail()
    await write(parts, 1)
    expect(await write(parts, 2, 'conflict')).toBe('conflict')
    expect(await write(parts, 3, 'conflict')).toBe('conflict')
    await write(parts, 4)
    expect(countsOf(await rowsOf(parts.store))).toEqual([1, 4])
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 1, events: 3 })
  })

  it('opens the stream again when the first write was not applied', async () => {
    const parts = testTrail()
    await write(parts, 1, 'conflict')
    await write(parts, 2)
    expect(bodiesOf(await rowsOf(parts.store))).toMatchObject([{ event_type: 'audit.opened' }, { count: 2 }])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('lost')
      },
    ],
    ['rejects', () => Promise.reject(new Error('lost'))],
  ])('abandons its stream when the commit %s, and throws that error', async (_, fail) => {
    const parts = testTrail()
    await write(parts, 1)
    const lost = parts.trail.recordWith({
      event: numbered(2),
      commit(rows) {
        void parts.store.audit.append(rows ?? [])
        return fail()
      },
      applied: () => true,
    })
    await expect(lost).rejects.toThrow('lost')
    await write(parts, 3)
    expect(countsOf(await rowsOf(parts.store, streamId(1)))).toEqual([1, 2])
    expect(countsOf(await rowsOf(parts.store, streamId(2)))).toEqual([3])
    expect(statedIn(parts, await parts.trail.checkpoint())).toMatchObject([
      { stream: streamId(1), sequence: 1 },
      { stream: streamId(2), sequence: 1 },
    ])
    await parts.trail.close()
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 2, unclosed: 1, checkpoints: 2 })
  })

  it('abandons its stream when nobody can tell what came of it', async () => {
    const parts = testTrail()
    const applied = () => {
      throw new Error('unknown')
    }
    await expect(parts.trail.recordWith({ event, commit: () => 1, applied })).rejects.toThrow('unknown')
    await write(parts, 1)
    expect((await rowsOf(parts.store))[0]?.stream).toBe(streamId(2))
  })

  it('gives the stream back when the event is wrong', async () => {
    const parts = testTrail()
    const wrong = { ...event, name: 7 } as never
    await expect(parts.trail.recordWith({ event: wrong, commit: () => 1, applied: () => true })).rejects.toThrow(
      TypeError,
    )
    await write(parts, 1)
    expect((await rowsOf(parts.store))[0]?.stream).toBe(streamId(1))
  })

  it('commits in the tick of the call when nothing has to be waited for', () => {
    const parts = testTrail()
    let committed = false
    void parts.trail.recordWith({
      event,
      commit() {
        committed = true
        return true
      },
      applied: (done) => done,
    })
    expect(committed).toBe(true)
    expect(parts.clock.pendingTimers).toBe(1)
  })

  it('sends its rows to the other sinks once they are in the store', async () => {
    const other = scriptedSink([], { id: 'other', durable: false })
    const parts = testTrail({ sinks: [other.sink] })
    await write(parts, 1)
    await write(parts, 2, 'conflict')
    await settle()
    expect(countsOf(other.accepted)).toEqual([1])
    expect(await rowsOf(parts.store)).toHaveLength(2)
  })

  it('closes each stream that was ever used', async () => {
    const parts = testTrail()
    await parts.trail.record(numbered(1))
    await write(parts, 2)
    await parts.trail.close()
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 2, events: 6, unclosed: 0 })
  })

  it('does not close a stream that no write was applied on', async () => {
    const parts = testTrail()
    await write(parts, 1, 'conflict')
    await parts.trail.close()
    expect(await rowsOf(parts.store)).toEqual([])
  })

  it('raises an alarm when the closing event of a stream of writes is forked, and leaves the main stream alone', async () => {
    const parts = testTrail()
    await parts.trail.record(numbered(1))
    await write(parts, 2)
    const [row] = await rowsOf(parts.store, streamId(2))
    if (row !== undefined) await parts.store.audit.append([{ ...row, sequence: 2, mac: Buffer.alloc(32, 9) }])
    await parts.trail.close()
    expect(parts.alarms).toEqual([{ kind: 'fork', stream: streamId(2) }])
    expect(await rowsOf(parts.store, streamId(1))).toHaveLength(3)
    expect(await rowsOf(parts.store, streamId(3))).toEqual([])
  })

  it('is waited for by the close', async () => {
    const parts = testTrail()
    const gate = deferred<void>()
    const writing = parts.trail.recordWith({
      event: numbered(1),
      async commit(rows) {
        await gate.promise
        return parts.store.audit.append(rows ?? [])
      },
      applied: (answer) => answer === 'stored',
    })
    const closing = parts.trail.close()
    await settle()
    expect(await rowsOf(parts.store)).toEqual([])
    gate.resolve()
    await Promise.all([writing, closing])
    expect(await parts.verify()).toMatchObject({ ok: true, events: 3, unclosed: 0 })
    expect(parts.clock.pendingTimers).toBe(0)
  })

  it('that never ends holds up the close for a bounded time, and leaves nothing running afterwards', async () => {
    const parts = testTrail()
    const gate = deferred<boolean>()
    const writing = parts.trail.recordWith({ event, commit: () => gate.promise, applied: (done) => done })
    const closing = parts.trail.close()
    await settle()
    parts.clock.advance(10_000)
    await closing
    gate.resolve(true)
    expect(await writing).toBe(true)
    await settle()
    expect(await rowsOf(parts.store)).toEqual([])
    expect(parts.clock.pendingTimers).toBe(0)
  })
})
