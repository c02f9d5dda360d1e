// The wait between two attempts: at random, longer after each attempt, and limited.
import { expect, it } from 'vitest'
import { backOffMs } from '../../src/time/index.ts'

it.each([
  [1, 2],
  [2, 4],
  [6, 64],
  [7, 100],
  [2_000, 100],
])('after %i attempts stays below %i ms', (attempt, limitMs) => {
  expect(backOffMs(attempt, { random: () => 0 })).toBe(0)
  expect(backOffMs(attempt, { random: () => 0.25 })).toBe(limitMs / 4)
})

it.each([
  [5, 32],
  [6, 50],
])('after %i attempts stays below %i ms with a limit of 50', (attempt, limitMs) => {
  expect(backOffMs(attempt, { maxMs: 50, random: () => 0.5 })).toBe(limitMs / 2)
})

it('differs from writer to writer', () => {
  const waits = Array.from({ length: 20 }, () => backOffMs(7))
  expect(new Set(waits).size).toBeGreaterThan(1)
  for (const waitMs of waits) expect(waitMs).toBeLessThan(100)
})
