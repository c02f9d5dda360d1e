// rewrap of 100,000 data keys, against hand-written batches: what a large vault takes.
import { rewrapMany } from './rewrap.mjs'

const keyCount = { full: 100_000, smoke: 16 }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return rewrapMany({ count: keyCount[effort], options: { rounds: 1, warmUps: 0 }, goal: 'rewrap-many' })
}
