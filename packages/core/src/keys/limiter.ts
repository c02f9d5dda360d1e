// At most so many pieces of work at a time; the rest wait in order, and no longer than a limit.
import { type Clock, waitingList } from '../time/index.ts'

export interface LimiterOptions {
  /** The most pieces of work at a time. */
  readonly limit: number
  readonly clock: Clock
  /** How long work may wait until it is begun, in milliseconds. */
  readonly waitMs: number
  /** What work that waited for longer is rejected with. */
  readonly timeoutError: () => Error
}

/** Runs work, or queues it while `limit` pieces run. */
export function createLimiter(options: LimiterOptions): <T>(work: () => PromiseLike<T> | T) => Promise<T> {
  const { limit, clock, waitMs, timeoutError } = options
  let running = 0
  // The place goes to the next in the queue, so that later work cannot overtake it.
  const leave = (): void => {
    if (!queue.give(undefined)) running--
  }
  const queue = waitingList<undefined>(leave)
  return async (work) => {
    if (running >= limit) await queue.next({ clock, limitMs: waitMs, timeoutError })
    else running++
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
