// Timers of the process as they are when it starts, which a test that replaces the global ones does not stop.

const { clearTimeout: nativeClear, setImmediate: nativeImmediate, setTimeout: nativeTimeout } = globalThis
const nativeNow = performance.now.bind(performance)

/** Runs `task` when the current turn of the event loop is over. */
export function afterTurn(task: () => void): void {
  nativeImmediate(task)
}

/** Runs `task` once after `delayMs`, and does not keep the process alive. Returns the function that cancels it. */
export function afterDelay(task: () => void, delayMs: number): () => void {
  const timer = nativeTimeout(task, delayMs)
  timer.unref()
  return () => nativeClear(timer)
}

/** Keeps the process alive until the function that it returns is called: the timers of a wait do not. */
export function keepProcess(): () => void {
  const timer = nativeTimeout(() => undefined, 2 ** 31 - 1)
  return () => nativeClear(timer)
}

/** Milliseconds that never go back. */
export function elapsedMs(): number {
  return nativeNow()
}
