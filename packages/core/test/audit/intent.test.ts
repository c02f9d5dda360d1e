// Writes without transactions: an intent before and an outcome after, or the event alone when buffered.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  bodiesOf,
  codeOf,
  deferred,
  event,
  numbered,
  rowsOf,
  scriptedSink,
  settle,
  testTrail,
  withAppend,
  write,
} from './support.ts'

type Parts = ReturnType<typeof testTrail>

describe('a write on a store without transactions', () => {
  const lesser = () => testTrail({ store: memoryStore({ supports: { transactions: false } }) })
  const told = async ({ store }: Parts) => bodiesOf(await rowsOf(store)).map(({ outcome, count }) => [outcome, count])

  it('has an intent before and an outcome after', async () => {
    const parts = lesser()
    const seen: unknown[] = []
    const result = await parts.trail.recordWith({
      event: numbered(1),
      async commit(rows) {
        seen.push(rows, await told(parts))
        return 'done'
      },
      applied: () => true,
    })
    expect(result).toBe('done')
    expect(seen).toEqual([
      undefined,
      [
        ['allowed', undefined],
        ['intent', 1],
      ],
    ])
    expect(await told(parts)).toEqual([
      ['allowed', undefined],
      ['intent', 1],
      ['allowed', 1],
    ])
    expect(await parts.verify()).toMatchObject({ ok: true })
  })

  it('has no outcome when it was not applied', async () => {
    const parts = lesser()
    await write(parts, 1, 'conflict')
    expect(await told(parts)).toEqual([
      ['allowed', undefined],
      ['intent', 1],
    ])
  })

  it('has no outcome when it threw, and that error is thrown', async () => {
    const parts = lesser()
    const commit = () => Promise.reject(new Error('lost'))
    await expect(parts.trail.recordWith({ event: numbered(1), commit, applied: () => true })).rejects.toThrow('lost')
    expect(await told(parts)).toEqual([
      ['allowed', undefined],
      ['intent', 1],
    ])
  })

  it('does not begin when the intent is not durable', async () => {
    const store = memoryStore({ supports: { transactions: false } })
    const broken = withAppend(store, () => Promise.reject(new Error('The store fails.')))
    const parts = testTrail({ store: broken })
    let committed = false
    const commit = () => {
      committed = true
      return true
    }
    expect(await codeOf(parts.trail.recordWith({ event, commit, applied: () => true }))).toBe('VAULT_AUDIT_FAILED')
    expect(committed).toBe(false)
  })

  it('has its outcome recorded although the signal is aborted meanwhile', async () => {
    const parts = lesser()
    const controller = new AbortController()
    const commit = () => {
      controller.abort(new Error('enough'))
      return 'done'
    }
    const { signal } = controller
    expect(await parts.trail.recordWith({ event: numbered(1), commit, applied: () => true, signal })).toBe('done')
    expect(await told(parts)).toHaveLength(3)
  })

  it('stops at the intent when the signal is aborted before', async () => {
    const parts = lesser()
    const signal = AbortSignal.abort(new Error('enough'))
    const work = parts.trail.recordWith({ event, commit: () => 1, applied: () => true, signal })
    await expect(work).rejects.toThrow('enough')
  })

  it('goes the same way when only other sinks are written', async () => {
    const { sink, accepted } = scriptedSink()
    const { trail } = testTrail({ store: undefined, sinks: [sink] })
    await trail.recordWith({ event: numbered(1), commit: (rows) => rows === undefined, applied: (done) => done })
    expect(bodiesOf(accepted).map(({ outcome }) => outcome)).toEqual(['allowed', 'intent', 'allowed'])
  })

  it('has its outcome recorded by a close that came meanwhile', async () => {
    const parts = lesser()
    const gate = deferred<string>()
    const writing = parts.trail.recordWith({ event: numbered(1), commit: () => gate.promise, applied: () => true })
    await settle()
    const closing = parts.trail.close()
    await settle()
    gate.resolve('done')
    await Promise.all([writing, closing])
    expect((await told(parts)).map(([outcome]) => outcome)).toEqual(['allowed', 'intent', 'allowed', 'allowed'])
    expect(await parts.verify()).toMatchObject({ ok: true, unclosed: 0 })
  })

  it('is refused its outcome when it ends long after the close', async () => {
    const parts = lesser()
    const gate = deferred<string>()
    const writing = codeOf(parts.trail.recordWith({ event, commit: () => gate.promise, applied: () => true }))
    await settle()
    const closing = parts.trail.close()
    await settle()
    parts.clock.advance(10_000)
    await closing
    gate.resolve('done')
    expect(await writing).toBe('VAULT_CLOSED')
    expect(await parts.verify()).toMatchObject({ ok: true })
  })
})

describe('a write in buffered mode', () => {
  it('is done first, and its event follows if it was applied', async () => {
    const parts = testTrail({ mode: 'buffered' })
    const given: unknown[] = []
    for (const outcome of ['done', 'conflict'] as const) {
      const commit = (rows: unknown) => {
        given.push(rows)
        return outcome
      }
      await parts.trail.recordWith({ event: { ...event, reason: outcome }, commit, applied: (did) => did === 'done' })
    }
    await parts.trail.flush()
    expect(given).toEqual([undefined, undefined])
    expect(bodiesOf(await rowsOf(parts.store)).map(({ reason }) => reason)).toEqual([undefined, 'done'])
  })
})
