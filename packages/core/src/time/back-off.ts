// How long writers that had a conflict wait before they try again.

export interface BackOffOptions {
  /** No wait is this long or longer. Default 100. */
  readonly maxMs?: number
  /** Gives numbers from 0 up to 1, without 1. Default `Math.random`. */
  readonly random?: () => number
}

/**
 * The wait before a failed attempt is repeated, in milliseconds: exponential back-off with full jitter. It is a random
 * time below 2 after the first attempt, below twice as much after each further one, and always below `maxMs`, so that
 * writers that had a conflict once do not have it again.
 *
 * @example
 * await new Promise((resolve) => setTimeout(resolve, backOffMs(attempt)))
 */
export function backOffMs(attempt: number, { maxMs = 100, random = Math.random }: BackOffOptions = {}): number {
  return random() * Math.min(2 ** attempt, maxMs)
}
