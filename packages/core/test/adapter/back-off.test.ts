// The wait between two tries: at random, longer after each try, and limited.
import { expect, it } from 'vitest'
import { backOffMs } from '../../src/adapter/index.ts'

it.each([
  [1, 2],
  [2, 4],
  [6, 64],
  [7, 100],
  [2_000, 100],
])('after %i tries stays below %i ms', (tries, limitMs) => {
  expect(backOffMs(tries, () => 0)).toBe(0)
  expect(backOffMs(tries, () => 0.25)).toBe(limitMs / 4)
})

it('differs from writer to writer', () => {
  const waits = Array.from({ length: 20 }, () => backOffMs(7))
  expect(new Set(waits).size).toBeGreaterThan(1)
  for (const waitMs of waits) expect(waitMs).toBeLessThan(100)
})
