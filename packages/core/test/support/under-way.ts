// Knows which calls a store has yet to answer, so that time can wait for them.

import type { VaultStore } from '../../src/contracts/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'
import { isPromiseLike } from '../../src/time/index.ts'

export interface UnderWay {
  readonly store: VaultStore
  /** Calls that have begun and are not answered. */
  readonly calls: ReadonlySet<PromiseLike<unknown>>
}

/** Wraps a store. A store that answers at once never has a call under way. */
export function underWay(plain: VaultStore): UnderWay {
  const calls = new Set<PromiseLike<unknown>>()
  const store = interceptStore(plain, ({ run }) => {
    const answer = run()
    if (!isPromiseLike(answer)) return answer
    calls.add(answer)
    const done = (): void => void calls.delete(answer)
    answer.then(done, done)
    return answer
  })
  return { store, calls }
}
