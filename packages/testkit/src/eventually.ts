// Waits until a check passes or a call has ended, for as long as a busy machine may need.
import type { ManualClock } from '@mcpvault/core/testing'
import { expect, vi } from 'vitest'

/** Repeats `check` until it passes, and gives its result; after 30 seconds, fails as it last failed. */
export function eventually<T>(
  check: () => T | Promise<T>,
  { intervalMs = 20 }: { readonly intervalMs?: number } = {},
): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: intervalMs })
}

const stepMs = 100

/** Moves a clock on until the work has ended, well or not, by a limit on time; how far it had to be moved. */
export async function msUntilEnded(work: Promise<unknown>, clock: ManualClock): Promise<number> {
  const begunMs = clock.monotonicMs()
  let isEnded = false
  const end = (): void => {
    isEnded = true
  }
  work.then(end, end)
  await eventually(() => {
    if (!isEnded) clock.advance(stepMs)
    expect(isEnded).toBe(true)
  })
  return clock.monotonicMs() - begunMs
}
