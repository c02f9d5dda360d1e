// A clock that stands still until a test moves it.
import type { Clock } from '../time/index.ts'

/** A clock under the hands of a test. */
export interface ManualClock extends Clock {
  /**
   * Moves both times forward and runs the timers that come due, each at its own time and in order; timers that they
   * set run too when they come due within the step. Promises settle after this returns, so `await` what is to go on.
   */
  advance(milliseconds: number): void
  /** How many timers are set and neither run nor cancelled. */
  readonly pendingTimers: number
}

interface Timer {
  readonly dueMs: number
  readonly task: () => void
}

/** Makes a clock that stands at `startAt`, by default 2026-01-01T00:00:00.000Z. Its monotonic time begins at 0. */
export function manualClock(startAt: Date = new Date(Date.UTC(2026, 0, 1))): ManualClock {
  const startMs = startAt.getTime()
  // A Set keeps the order of setting, which decides between timers that are due at the same time.
  const timers = new Set<Timer>()
  let elapsedMs = 0

  const nextDue = (limitMs: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueMs <= limitMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }

  return {
    now: () => new Date(startMs + elapsedMs),
    monotonicMs: () => elapsedMs,
    schedule(task, delayMs) {
      const timer = { dueMs: elapsedMs + Math.max(0, delayMs), task }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    advance(milliseconds) {
      const endMs = elapsedMs + milliseconds
      for (let timer = nextDue(endMs); timer !== undefined; timer = nextDue(endMs)) {
        timers.delete(timer)
        elapsedMs = timer.dueMs
        timer.task()
      }
      elapsedMs = endMs
    },
    get pendingTimers() {
      return timers.size
    },
  }
}
