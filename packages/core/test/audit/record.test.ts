// Recording: what an acknowledged event means, and how concurrent events share an append.
import { describe, expect, it } from 'vitest'
import { openAuditTrail } from '../../src/audit/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { systemClock } from '../../src/time/index.ts'
import {
  bodiesOf,
  checkpointSeed,
  countsOf,
  deferred,
  event,
  keys,
  numbered,
  range,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
  withAppend,
} from './support.ts'

/** A memory store that counts rows for each append, which takes until the test lets it end. */
function slowStore() {
  const store = memoryStore()
  const appends: number[] = []
  const gates: (() => void)[] = []
  const slow = withAppend(store, async (rows) => {
    appends.push(rows.length)
    const gate = deferred<void>()
    gates.push(() => gate.resolve())
    await gate.promise
    return store.audit.append(rows)
  })
  return { store: slow, appends, letOneEnd: () => gates.shift()?.() }
}

describe('record', () => {
  it('writes nothing before the first event, then the opening event first', async () => {
    const { trail, store } = testTrail()
    expect(await rowsOf(store)).toEqual([])
    await trail.record(event)
    expect(bodiesOf(await rowsOf(store))).toMatchObject([
      {
        event_type: 'audit.opened',
        user_id: 'mcpvault',
        operation: 'open',
        success: true,
        sequence: 0,
        stream: streamId(1),
      },
      { event_type: 'secret.accessed', user_id: 'alice', secret_name: 'token', sequence: 1 },
    ])
  })

  it('stamps events with the time of the call', async () => {
    const { trail, store, clock } = testTrail()
    await trail.record(event)
    clock.advance(1_234)
    await trail.record(event)
    const [, first, second] = bodiesOf(await rowsOf(store))
    expect(first?.['timestamp']).toBe('2026-01-01T00:00:00.000Z')
    expect(second?.['timestamp']).toBe('2026-01-01T00:00:01.234Z')
  })

  it('[T47] keeps a trail that verifies', async () => {
    const { trail, verify } = testTrail()
    await trail.record(event)
    await trail.record([numbered(1), numbered(2)])
    expect(await verify()).toMatchObject({ ok: true, streams: 1, events: 4, unclosed: 1 })
    await trail.close()
    expect(await verify()).toMatchObject({ ok: true, streams: 1, events: 5, unclosed: 0, checkpoints: 1 })
  })

  it('writes the events of concurrent calls as one append', async () => {
    const { store, appends, letOneEnd } = slowStore()
    const { trail } = testTrail({ store })
    const recorded = Promise.all(range(10).map((n) => trail.record(numbered(n))))
    await settle()
    expect(appends).toEqual([11])
    letOneEnd()
    await recorded
    expect(countsOf(await rowsOf(store))).toEqual(range(10))
  })

  it('gathers what arrives while an append is under way, up to the batch limit', async () => {
    const { store, appends, letOneEnd } = slowStore()
    const { trail } = testTrail({ store, limits: { batchRows: 8 } })
    const first = trail.record(numbered(0))
    await settle()
    const rest = range(20).map((n) => trail.record(numbered(n + 1)))
    await settle()
    expect(appends).toEqual([2])
    letOneEnd()
    await first
    for (const _ of range(3)) {
      await settle()
      letOneEnd()
    }
    await Promise.all(rest)
    expect(appends).toEqual([2, 8, 8, 4])
    expect(countsOf(await rowsOf(store))).toEqual(range(21))
  })

  it('does not resolve before the append has ended', async () => {
    const { store, letOneEnd } = slowStore()
    const { trail } = testTrail({ store })
    let isDone = false
    const done = trail.record(event).then(() => {
      isDone = true
    })
    await settle()
    expect(isDone).toBe(false)
    letOneEnd()
    await done
    expect(isDone).toBe(true)
  })

  it('resolves only with the last of many events', async () => {
    const { store, letOneEnd } = slowStore()
    const { trail } = testTrail({ store, limits: { batchRows: 2 } })
    let isDone = false
    const done = trail.record([numbered(1), numbered(2)]).then(() => {
      isDone = true
    })
    await settle()
    letOneEnd()
    await settle()
    expect(isDone).toBe(false)
    letOneEnd()
    await done
  })

  it('does nothing with no events', async () => {
    const { trail, store } = testTrail()
    await trail.record([])
    expect(await rowsOf(store)).toEqual([])
  })

  it('refuses a wrong event without a trace, and goes on', async () => {
    const { trail, store, verify } = testTrail()
    await expect(trail.record({ ...event, name: 7 } as never)).rejects.toThrow(TypeError)
    await trail.record(event)
    expect(await rowsOf(store)).toHaveLength(2)
    expect(await verify()).toMatchObject({ ok: true })
  })

  it('lets the signal end the wait, not the event', async () => {
    const { store, letOneEnd } = slowStore()
    const { trail } = testTrail({ store })
    const controller = new AbortController()
    const waiting = trail.record(numbered(1), { signal: controller.signal })
    await settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    const late = trail.record(numbered(2), { signal: controller.signal })
    await expect(late).rejects.toThrow('enough')
    letOneEnd()
    await settle()
    letOneEnd()
    await settle()
    expect(countsOf(await rowsOf(store))).toEqual([1, 2])
  })

  it('takes its listener off the signal afterwards', async () => {
    const { trail } = testTrail()
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: unknown[]) => {
      listeners += 1
      Reflect.apply(addEventListener, signal, args)
    }
    signal.removeEventListener = (...args: unknown[]) => {
      listeners -= 1
      Reflect.apply(removeEventListener, signal, args)
    }
    await trail.record(event, { signal })
    expect(listeners).toBe(0)
  })

  it('makes streams of its own for each trail', async () => {
    const store = memoryStore()
    const options = { ...keys, checkpointSeed, store, clock: systemClock, mode: 'required' } as const
    for (const trail of [openAuditTrail(options), openAuditTrail(options)]) await trail.record(event)
    const streams = (await rowsOf(store)).map(({ stream }) => stream)
    expect(new Set(streams).size).toBe(2)
    for (const stream of streams) expect(stream).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('openAuditTrail', () => {
  it('refuses a trail that leads nowhere', () => {
    const { sink } = scriptedSink([], { durable: false })
    const open = (sinks: (typeof sink)[], mode: 'required' | 'buffered') => () =>
      testTrail({ store: undefined, sinks, mode })
    const refusal = (detail: string) =>
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field: 'audit', detail: expect.stringContaining(detail) })
    expect(open([], 'buffered')).toThrowError(refusal('a store or a sink'))
    expect(open([], 'required')).toThrowError(refusal('a store or a sink'))
    expect(open([sink], 'required')).toThrowError(refusal('a durable sink'))
    expect(open([sink], 'buffered')).not.toThrow()
  })

  it('has defaults for every limit', async () => {
    const { store, appends, letOneEnd } = slowStore()
    const { trail } = testTrail({ store })
    void trail.record(range(300).map(numbered))
    await settle()
    letOneEnd()
    await settle()
    expect(appends).toEqual([256, 45])
  })
})
