// Waiting with a limit: every wait of the vault ends by result, by time, or by the caller's signal.
import type { Clock } from './clock.ts'

/** How long to wait, and what to throw when that was too long. */
export interface Deadline {
  readonly clock: Clock
  readonly limitMs: number
  readonly signal?: AbortSignal | undefined
  readonly timeoutError: () => Error
}

/** What work under a limit is given. */
export interface LimitedCall {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
}

/**
 * Runs `work` under a time limit. A plain value is returned as it is, without a timer; a promise is raced against the
 * limit and the signal, and whichever of these ends the wait aborts the signal that the work was given.
 */
export function withDeadline<T>(deadline: Deadline, work: (call: LimitedCall) => T | PromiseLike<T>): T | Promise<T> {
  deadline.signal?.throwIfAborted()
  const controller = new AbortController()
  const result = work({
    // Node makes the signal when it is read, which takes longer than the controller. Being an own property, it survives
    // a spread.
    get signal() {
      return controller.signal
    },
  })
  if (!isPromiseLike(result)) return result
  return race(result, deadline, (reason) => controller.abort(reason))
}

function race<T>(result: PromiseLike<T>, deadline: Deadline, abandon: (reason: unknown) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const { clock, limitMs, signal, timeoutError } = deadline
    const stopWaiting = (reason: unknown): void => {
      finish()
      abandon(reason)
      reject(reason)
    }
    const onAbort = (): void => stopWaiting(signal?.reason)
    const cancelTimer = clock.schedule(() => stopWaiting(timeoutError()), limitMs)
    const finish = (): void => {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
    }
    // The work may have had it aborted before it gave its promise.
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    result.then(
      (value) => {
        finish()
        resolve(value)
      },
      (error: unknown) => {
        finish()
        reject(error)
      },
    )
  })
}

/** Whether a value has to be waited for. */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Resolves after `delayMs`, or rejects with the signal's reason. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.schedule(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
