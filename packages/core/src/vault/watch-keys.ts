// Follows what other processes do to data keys, so that none is used here after it was replaced or destroyed there.
import type { VaultStore } from '../contracts/index.ts'
import type { DataKeys } from '../keys/index.ts'
import type { VaultConfig } from './options.ts'

export interface KeyWatch {
  readonly store: VaultStore
  readonly keys: DataKeys
  readonly logger: VaultConfig['logger']
}

/**
 * Listens, where the store can tell; values are never cached, so only keys can be old. A store that fails to listen
 * leaves the vault with the ages of its cache. Returns the function that ends it.
 */
export function watchKeys({ store, keys, logger }: KeyWatch): () => void {
  try {
    const end = store.watch?.((change) => {
      if (change.kind === 'dataKey') keys.evictScope(change.scope)
      else if (change.kind === 'everything') keys.clear()
    })
    return end ?? (() => undefined)
  } catch {
    logger?.warn({ store: store.id }, 'The store cannot tell what other processes change.')
    return () => undefined
  }
}
