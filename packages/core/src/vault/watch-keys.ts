// Evicts data keys from the cache when another process has replaced or destroyed them.
import type { VaultStore } from '../contracts/index.ts'
import type { DataKeys } from '../keys/index.ts'
import { callSafely } from '../time/index.ts'
import type { VaultConfig } from './options.ts'

export interface KeyWatch {
  readonly store: VaultStore
  readonly keys: DataKeys
  readonly logger: VaultConfig['logger']
}

/**
 * Listens to the changes that the store notifies of. Values are never cached, so only keys can be stale. Where the
 * store cannot notify, a key is stale at most for its maximum age in the cache. Returns the function that ends it.
 */
export function watchKeys({ store, keys, logger }: KeyWatch): () => void {
  try {
    const end = store.watch?.((change) => {
      if (change.kind === 'dataKey') keys.evictScope(change.scope)
      else if (change.kind === 'everything') keys.clear()
    })
    // A store of somebody else's may end badly, which must not keep a vault from closing.
    return () => callSafely(() => end?.())
  } catch {
    logger?.warn({ store: store.id }, 'The store cannot tell what other processes change.')
    return () => undefined
  }
}
