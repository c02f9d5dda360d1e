// Knows which calls a store has yet to answer, so that time can wait for them.
import type { VaultStore } from '@mcpvault/core'
import { interceptStore } from '@mcpvault/core/testing'

export interface PendingCalls {
  readonly store: VaultStore
  /** Calls that have begun and are not answered. */
  readonly calls: ReadonlySet<Promise<unknown>>
}

/** Wraps a store. A store that answers at once never has a call under way. */
export function pendingCalls(plain: VaultStore): PendingCalls {
  const calls = new Set<Promise<unknown>>()
  const store = interceptStore(plain, ({ run }) => {
    const answer = run()
    if (!(answer instanceof Promise)) return answer
    calls.add(answer)
    const done = (): void => void calls.delete(answer)
    answer.then(done, done)
    return answer
  })
  return { store, calls }
}
