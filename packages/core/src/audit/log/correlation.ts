// The correlation id of the running call, carried across every await.
import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Runs `fn` so that every vault session made inside it, also after awaits, uses this correlation id by default.
 *
 * @example
 * ```ts
 * await withCorrelation(request.id, async () => {
 *   await vault.as({ id: 'alice' }).scope({ server: 'github' }).get('token')
 * })
 * ```
 *
 * @throws TypeError when the id is not a string. `vault.as` cuts one that is empty, longer than 256 bytes or has control
 * characters, as it does with a `correlationId` that it is given.
 */
export function withCorrelation<T>(id: string, fn: () => T): T {
  if (typeof id !== 'string') throw new TypeError('A correlation id is a string.')
  return correlation.run(id, fn)
}

/** The id of the innermost `withCorrelation`, or undefined outside of any. */
export function currentCorrelationId(): string | undefined {
  return correlation.getStore()
}

const correlation = new AsyncLocalStorage<string>()
