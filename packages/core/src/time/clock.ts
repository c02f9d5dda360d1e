// Time as an argument: the wall clock, a clock that never goes back, and timers that never keep a process alive.

import { afterDelay, elapsedMs } from './native.ts'

/** Where time comes from. Give another one in tests. */
export interface Clock {
  /** Wall-clock time, for what is stored and for expiry. */
  now(): Date
  /** Milliseconds of a clock that never goes back, for ages and time limits. */
  monotonicMs(): number
  /** Runs `task` once after `delayMs`; returns the function that cancels it. */
  schedule(task: () => void, delayMs: number): () => void
}

/** The machine's own clock. */
export const systemClock: Clock = Object.freeze({
  now: () => new Date(),
  monotonicMs: elapsedMs,
  schedule: afterDelay,
})
