// The end of a trail: everything is sent, every stream is closed, and nothing hangs.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  bodiesOf,
  codeOf,
  deferred,
  event,
  numbered,
  range,
  rowsOf,
  scriptedSink,
  settle,
  testTrail,
  withAppend,
} from './support.ts'

describe('close', () => {
  it('sends what is queued, ends the stream, and refuses what comes after', async () => {
    const { trail, store, kept } = testTrail({ mode: 'buffered' })
    await trail.record(numbered(1))
    const closing = trail.close()
    expect(trail.close()).toBe(closing)
    await closing
    expect(bodiesOf(await rowsOf(store)).map((body) => body['event_type'])).toEqual([
      'audit.opened',
      'secret.accessed',
      'audit.closed',
    ])
    expect(bodiesOf(await rowsOf(store))[2]).toMatchObject({ operation: 'close', user_id: 'mcpvault', success: true })
    expect(kept).toHaveLength(1)
    expect(await codeOf(trail.record(event))).toBe('VAULT_CLOSED')
    const write = { event, commit: () => true, applied: () => true }
    expect(await codeOf(trail.recordWith(write))).toBe('VAULT_CLOSED')
    expect(await rowsOf(store)).toHaveLength(3)
  })

  it('leaves no timer', async () => {
    for (const mode of ['required', 'buffered'] as const) {
      const { trail, clock } = testTrail({ mode })
      await trail.record(event)
      await trail.close()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  it('writes nothing when nothing was recorded', async () => {
    const { trail, store, kept } = testTrail()
    await trail.close()
    expect(await rowsOf(store)).toEqual([])
    expect(kept).toEqual([])
  })

  it('closes every sink, also when one fails to', async () => {
    const good = scriptedSink([], { id: 'good' })
    const bad = scriptedSink([], { id: 'bad' })
    const { close: _, ...plain } = scriptedSink([], { id: 'plain' }).sink
    const close = () => Promise.reject(new Error('The sink does not close.'))
    const { trail, alarms } = testTrail({ sinks: [{ ...bad.sink, close }, plain, good.sink] })
    await trail.record(event)
    await trail.close()
    expect(good.closes()).toBe(1)
    expect(alarms).toMatchObject([{ kind: 'sink-failed', sink: 'bad' }])
  })

  it('ends in bounded time when the store hangs, and says that events are lost', async () => {
    const inner = memoryStore()
    const store = withAppend(inner, () => new Promise(() => undefined))
    const { trail, clock } = testTrail({ store })
    const recorded = codeOf(trail.record(event))
    const closed = codeOf(trail.close())
    for (const _ of range(8)) {
      await settle()
      clock.advance(5_000)
    }
    expect(await closed).toBe('VAULT_AUDIT_FAILED')
    expect(await recorded).toBe('VAULT_AUDIT_FAILED')
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits no longer than its limit for a sink that takes one batch after another', async () => {
    const store = memoryStore()
    const clockSteps: (() => void)[] = []
    const slow = withAppend(store, async (rows) => {
      const gate = deferred<void>()
      clockSteps.push(() => gate.resolve())
      await gate.promise
      return store.audit.append(rows)
    })
    const { trail, clock } = testTrail({ store: slow, mode: 'buffered', limits: { batchRows: 1 } })
    await trail.record(range(20).map(numbered))
    const closed = codeOf(trail.close())
    for (const _ of range(6)) {
      await settle()
      clock.advance(4_000)
      clockSteps.shift()?.()
    }
    await settle()
    clock.advance(10_000)
    expect(await closed).toBe('VAULT_AUDIT_FAILED')
  })
})
