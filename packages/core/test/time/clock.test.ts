// Clocks and deadlines: every wait ends by result, by time, or by signal.
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../src/testing/index.ts'
import { delay, isPromiseLike, systemClock, withDeadline } from '../../src/time/index.ts'

const never = new Promise<never>(() => {})
const late = new Error('late')

function deadline(signal?: AbortSignal) {
  const clock = manualClock()
  return { clock, options: { clock, limitMs: 100, signal, timeoutError: () => late } }
}

describe('withDeadline', () => {
  it('returns a plain value as it is, without a timer', () => {
    const { clock, options } = deadline()
    expect(withDeadline(options, () => 7)).toBe(7)
    expect(clock.pendingTimers).toBe(0)
  })

  it('resolves and rejects as the work does, and leaves no timer', async () => {
    const { clock, options } = deadline(new AbortController().signal)
    expect(await withDeadline(options, async () => 7)).toBe(7)
    await expect(withDeadline(options, () => Promise.reject(new Error('own')))).rejects.toThrow('own')
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends after its time, and aborts the signal of the work', async () => {
    const { clock, options } = deadline()
    let told: unknown
    const work = withDeadline(options, ({ signal }) => {
      signal?.addEventListener('abort', () => {
        told = signal.reason
      })
      return never
    })
    clock.advance(99)
    expect(told).toBeUndefined()
    clock.advance(1)
    await expect(work).rejects.toBe(late)
    expect(told).toBe(late)
  })

  it('ends when the caller aborts', async () => {
    const controller = new AbortController()
    const { clock, options } = deadline(controller.signal)
    const work = withDeadline(options, () => never)
    controller.abort(new Error('enough'))
    await expect(work).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
    expect(() => withDeadline(options, () => 7)).toThrow('enough')
  })
})

describe('delay', () => {
  it('waits its time', async () => {
    const clock = manualClock()
    let over = false
    const waiting = delay(clock, 10, new AbortController().signal).then(() => {
      over = true
    })
    clock.advance(9)
    await Promise.resolve()
    expect(over).toBe(false)
    clock.advance(1)
    await waiting
    expect(over).toBe(true)
  })

  it('ends with the signal, also when that came before', async () => {
    const clock = manualClock()
    const controller = new AbortController()
    const waiting = delay(clock, 10, controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(delay(clock, 10, controller.signal)).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe("the machine's clock", () => {
  it('tells time and runs timers', async () => {
    const before = systemClock.monotonicMs()
    expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1_000)
    const cancelled = systemClock.schedule(() => {
      throw new Error('cancelled')
    }, 0)
    cancelled()
    await delay(systemClock, 0)
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before)
  })

  it('knows what has to be waited for', () => {
    expect(isPromiseLike(Promise.resolve())).toBe(true)
    for (const value of [1, null, undefined, {}, [], 'text']) expect(isPromiseLike<unknown>(value)).toBe(false)
  })
})
