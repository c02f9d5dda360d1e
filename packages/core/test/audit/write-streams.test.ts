// Streams of writes: how many there are, who waits for one, and for how long.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  auditFailed,
  codeOf,
  countsOf,
  deferred,
  event,
  numbered,
  rowsOf,
  settle,
  streamId,
  testTrail,
  write,
} from './support.ts'

describe('streams of writes', () => {
  it('waits for a stream when all are in use, in order', async () => {
    const parts = testTrail()
    const gate = deferred<string>()
    const first = parts.trail.recordWith({ event: numbered(1), commit: () => gate.promise, applied: () => false })
    const second = write(parts, 2)
    const third = write(parts, 3)
    await settle()
    expect(await rowsOf(parts.store)).toEqual([])
    gate.resolve('over')
    await Promise.all([first, second, third])
    expect(countsOf(await rowsOf(parts.store))).toEqual([2, 3])
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 1 })
  })

  it('uses as many streams as the store takes concurrent writes', async () => {
    const parts = testTrail({ store: memoryStore({ supports: { writers: 2 } }) })
    const gates = [deferred<boolean>(), deferred<boolean>()]
    const started: number[] = []
    const writes = [0, 1, 2].map((n) =>
      parts.trail.recordWith({
        event: numbered(n),
        async commit(rows) {
          started.push(n)
          await gates[n]?.promise
          return (await parts.store.audit.append(rows ?? [])) === 'stored'
        },
        applied: (done) => done,
      }),
    )
    await settle()
    expect(started).toEqual([0, 1])
    for (const gate of gates) gate.resolve(true)
    await Promise.all(writes)
    expect(started).toEqual([0, 1, 2])
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 2, events: 5 })
  })

  it('goes on in a new stream when the one it waits for is abandoned', async () => {
    const parts = testTrail()
    const gate = deferred<boolean>()
    const first = codeOf(parts.trail.recordWith({ event, commit: () => gate.promise, applied: () => true }))
    const second = write(parts, 2)
    await settle()
    gate.reject(new Error('lost'))
    expect(await first).toBeInstanceOf(Error)
    await second
    expect((await rowsOf(parts.store))[0]?.stream).toBe(streamId(2))
  })

  it('waits no longer than the limit', async () => {
    const parts = testTrail()
    const gate = deferred<boolean>()
    const first = parts.trail.recordWith({ event, commit: () => gate.promise, applied: (done) => done })
    const second = expect(write(parts, 2)).rejects.toMatchObject(auditFailed('Too many writes'))
    await settle()
    parts.clock.advance(5_000)
    await second
    gate.resolve(false)
    await first
    await write(parts, 3)
    expect(countsOf(await rowsOf(parts.store))).toEqual([3])
  })

  it('keeps the stream for the next when a waiting call is aborted, also in the tick in which it was granted', async () => {
    const parts = testTrail()
    const abortWhileWaiting = (controller: AbortController, first: () => void): void => {
      controller.abort(new Error('enough'))
      first()
    }
    const abortOnceGranted = (_: AbortController, first: () => void): void => first()
    for (const abort of [abortWhileWaiting, abortOnceGranted]) {
      const gate = deferred<boolean>()
      const controller = new AbortController()
      const { signal } = controller
      const applied = () => {
        // Runs after the stream was granted, and before the waiting call goes on.
        queueMicrotask(() => controller.abort(new Error('enough')))
        return false
      }
      const first = parts.trail.recordWith({ event, commit: () => gate.promise, applied })
      const second = parts.trail.recordWith({ event, commit: () => 1, applied: () => true, signal })
      const aborted = expect(second).rejects.toThrow('enough')
      await settle()
      abort(controller, () => gate.resolve(false))
      await Promise.all([first, aborted])
    }
    await write(parts, 3)
    expect(countsOf(await rowsOf(parts.store))).toEqual([3])
  })
})
