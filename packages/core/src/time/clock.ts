// Time as an argument: the wall clock, a clock that never goes back, and timers that never keep a process alive.

/** Where time comes from. Give another one in tests. */
export interface Clock {
  /** Wall-clock time, for what is stored and for expiry. */
  now(): Date
  /** Milliseconds of a clock that never goes back, for ages and time limits. */
  monotonicMs(): number
  /** Runs `task` once after `delayMs`; returns the function that cancels it. */
  schedule(task: () => void, delayMs: number): () => void
}

// As they are when the process starts: a test that replaces the global ones stops no vault.
const { clearTimeout: nativeClear, setImmediate: nativeImmediate, setTimeout: nativeTimeout } = globalThis
const nativeNow = performance.now.bind(performance)

/** The machine's own clock. */
export const systemClock: Clock = Object.freeze({
  now: () => new Date(),
  monotonicMs: () => nativeNow(),
  schedule: afterDelay,
})

/** Runs `task` when the current turn of the event loop is over. */
export function afterTurn(task: () => void): void {
  nativeImmediate(task)
}

/** Runs `task` once after `delayMs`, and does not keep the process alive. Returns the function that cancels it. */
function afterDelay(task: () => void, delayMs: number): () => void {
  const timer = nativeTimeout(task, delayMs)
  timer.unref()
  return () => nativeClear(timer)
}

/** Keeps the process alive until the function that it returns is called: the timers of a wait do not. */
export function keepProcess(): () => void {
  const timer = nativeTimeout(() => undefined, 2 ** 31 - 1)
  return () => nativeClear(timer)
}
