// The manual clock moves by hand alone and runs timers in order.
import { expect, test } from 'vitest'
import { manualClock } from '../../src/testing/index.ts'

test('stands still until it is moved, and both times move alike', () => {
  const clock = manualClock(new Date(5000))
  expect([clock.now().getTime(), clock.monotonicMs()]).toEqual([5000, 0])
  clock.advance(250)
  expect([clock.now().getTime(), clock.monotonicMs()]).toEqual([5250, 250])
})

test('begins at the start of 2026 by default, in fresh dates', () => {
  const clock = manualClock()
  clock.now().setTime(0)
  expect(clock.now().toISOString()).toBe('2026-01-01T00:00:00.000Z')
})

test('runs due timers at their time, in order of time and then of setting', () => {
  const clock = manualClock()
  const ran: string[] = []
  const note = (label: string) => () => ran.push(`${label} at ${clock.monotonicMs()}`)
  clock.schedule(note('late'), 30)
  clock.schedule(note('first'), 10)
  clock.schedule(note('second'), 10)
  clock.schedule(note('never'), 31)
  clock.advance(30)
  expect(ran).toEqual(['first at 10', 'second at 10', 'late at 30'])
  expect([clock.monotonicMs(), clock.pendingTimers]).toEqual([30, 1])
})

test('runs timers that a timer sets, when they come due within the step', () => {
  const clock = manualClock()
  const ran: number[] = []
  const again = (): void => {
    ran.push(clock.monotonicMs())
    clock.schedule(again, 10)
  }
  clock.schedule(again, 10)
  clock.advance(35)
  expect(ran).toEqual([10, 20, 30])
})

test('a cancelled timer does not run, also when another one cancels it', () => {
  const clock = manualClock()
  const ran: string[] = []
  const cancelSecond = clock.schedule(() => ran.push('second'), 20)
  clock.schedule(() => {
    ran.push('first')
    cancelSecond()
  }, 10)
  clock.schedule(() => ran.push('cancelled'), 5)()
  clock.advance(100)
  expect([ran, clock.pendingTimers]).toEqual([['first'], 0])
})

test('a timer that is set for the past runs with the next step, even one of nothing', () => {
  const clock = manualClock()
  const ran: number[] = []
  clock.schedule(() => ran.push(clock.monotonicMs()), -5)
  expect(ran).toEqual([])
  clock.advance(0)
  expect(ran).toEqual([0])
})
