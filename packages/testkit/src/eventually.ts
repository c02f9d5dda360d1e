// Waits for what comes in its own time, for as long as a machine with much else to do may need.
import { vi } from 'vitest'

/** Repeats `check` until it passes, and gives its result; after 30 seconds, fails as it last failed. */
export function eventually<T>(
  check: () => T | Promise<T>,
  { intervalMs = 20 }: { readonly intervalMs?: number } = {},
): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: intervalMs })
}
