// Questions on a connection: who does not answer is silent, within a bound.
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../src/testing/index.ts'
import { type HeartbeatOptions, heartbeat } from '../../src/time/index.ts'

interface Question {
  readonly askedMs: number
  readonly signal: AbortSignal
  answer(): Promise<void>
  fail(): Promise<void>
}

function beating(options: Pick<HeartbeatOptions, 'everyMs'> = {}) {
  const clock = manualClock()
  const questions: Question[] = []
  const silences: number[] = []
  const end = heartbeat({
    ...options,
    clock,
    ask: (signal) =>
      new Promise<void>((resolve, reject) => {
        questions.push({
          askedMs: clock.monotonicMs(),
          signal,
          answer: async () => resolve(),
          fail: async () => reject(new Error('failed')),
        })
      }),
    onSilence: () => silences.push(clock.monotonicMs()),
  })
  const asked = (): readonly number[] => questions.map(({ askedMs }) => askedMs)
  return { clock, questions, silences, end, asked }
}

describe('heartbeat', () => {
  it('asks at once and every 2 seconds, however late the answers are', async () => {
    const { clock, questions, silences, asked } = beating()
    for (const lateMs of [0, 1_900, 100]) {
      clock.advance(lateMs)
      await questions.at(-1)?.answer()
      clock.advance(2_000 - lateMs)
    }
    expect(asked()).toEqual([0, 2_000, 4_000, 6_000])
    expect(silences).toEqual([])
  })

  it('asks as often as everyMs says', async () => {
    const { clock, questions, asked } = beating({ everyMs: 50 })
    await questions[0]?.answer()
    clock.advance(49)
    expect(asked()).toEqual([0])
    clock.advance(1)
    expect(asked()).toEqual([0, 50])
  })

  it('calls onSilence when no answer has come within 2 seconds, and every 2 seconds from then on', async () => {
    const { clock, questions, silences, asked } = beating({ everyMs: 50 })
    clock.advance(1_999)
    expect(asked()).toEqual([0])
    expect(silences).toEqual([])
    clock.advance(4_001)
    expect(silences).toEqual([2_000, 4_000, 6_000])
    expect(asked()).toEqual([0, 2_000, 4_000, 6_000])
    expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false])
  })

  it('is silent no more once there is an answer, which a late one is not', async () => {
    const { clock, questions, silences, asked } = beating()
    clock.advance(2_000)
    await questions[0]?.answer()
    clock.advance(2_000)
    expect(silences).toEqual([2_000, 4_000])
    await questions[2]?.answer()
    clock.advance(2_000)
    expect(silences).toEqual([2_000, 4_000])
    expect(asked()).toEqual([0, 2_000, 4_000, 6_000])
  })

  it('takes a question that failed for one without an answer', async () => {
    const { clock, questions, silences, asked } = beating()
    await questions[0]?.fail()
    clock.advance(1_999)
    expect(silences).toEqual([])
    clock.advance(1)
    expect(silences).toEqual([2_000])
    expect(asked()).toEqual([0, 2_000])
  })

  it('ends while it waits for an answer or for the next question, and leaves no timer', async () => {
    const waiting = beating()
    waiting.end()
    expect(waiting.questions[0]?.signal.aborted).toBe(true)
    const answered = beating()
    await answered.questions[0]?.answer()
    answered.end()
    for (const { clock, silences, asked } of [waiting, answered]) {
      expect(clock.pendingTimers).toBe(0)
      clock.advance(10_000)
      expect(silences).toEqual([])
      expect(asked()).toEqual([0])
    }
  })

  it('can be ended by onSilence', () => {
    const clock = manualClock()
    let questions = 0
    const end = heartbeat({
      clock,
      ask() {
        questions += 1
        return new Promise(() => {})
      },
      onSilence: () => end(),
    })
    clock.advance(10_000)
    expect(questions).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })
})
