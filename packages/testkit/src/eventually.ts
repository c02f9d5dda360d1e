// Waits until a check passes, for as long as a busy machine may need.
import { vi } from 'vitest'

/** Repeats `check` until it passes, and gives its result; after 30 seconds, fails as it last failed. */
export function eventually<T>(
  check: () => T | Promise<T>,
  { intervalMs = 20 }: { readonly intervalMs?: number } = {},
): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: intervalMs })
}
