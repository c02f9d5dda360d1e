// The check of a clock that a caller gave.
import { hasFunctions } from '../bytes/index.ts'
import type { Clock } from '../time/index.ts'

/** Throws TypeError for what is no clock. */
export function requireClock(clock: unknown): asserts clock is Clock {
  if (!hasFunctions<Clock>(clock, ['now', 'monotonicMs', 'schedule'])) throw new TypeError('clock must be a clock')
}
