// The limit on how many values one principal reads in a minute.
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { httpError } from '../http-error.ts'
import type { HandlerConfig } from '../options.ts'

/** How long a limiter may take, in ms. One of several processes has a connection, and may wait for it without end. */
const answerMs = 5_000

/** Counts one reveal; throws when there were too many, or when the limiter does not answer. */
export type LimitReveals = (principal: string) => Promise<void>

export function revealLimit({ limits, revealLimiter }: Pick<HandlerConfig, 'limits' | 'revealLimiter'>): LimitReveals {
  const limiter = revealLimiter ?? new RateLimiterMemory({ points: limits.revealsPerMinute, duration: 60 })
  return async (principal) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(noLimiter()), answerMs)
    })
    try {
      await Promise.race([limiter.consume(principal), late])
    } catch (refusal) {
      throw refusal instanceof Error ? noLimiter() : tooMany(refusal)
    } finally {
      clearTimeout(timer)
    }
  }
}

function tooMany(refusal: unknown): Error {
  const waitMs =
    typeof refusal === 'object' && refusal !== null && 'msBeforeNext' in refusal ? refusal.msBeforeNext : undefined
  const seconds = typeof waitMs === 'number' ? Math.max(1, Math.ceil(waitMs / 1_000)) : 60
  const message = 'Too many values were read in the last minute.'
  return httpError({ status: 429, code: 'HTTP_RATE_LIMITED', message, headers: { 'retry-after': `${seconds}` } })
}

/** Without an answer nobody knows how many there were, so none is given. */
function noLimiter(): Error {
  const message = 'The limit on reveals could not be checked.'
  return httpError({ status: 503, code: 'HTTP_LIMITER_FAILED', message, headers: { 'retry-after': '1' } })
}
