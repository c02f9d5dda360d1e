// The cache of unwrapped data keys: least recently used goes first, ages by a clock that never goes back.
import { LRUCache } from 'lru-cache'
import type { DataKeyScope, StoredDataKey } from '../contracts/index.ts'
import type { Clock } from '../time/index.ts'
import type { DataKey } from './data-key.ts'

interface Entry {
  readonly key: DataKey
  readonly scope: DataKeyScope
  readonly state: StoredDataKey['state']
  readonly unwrappedMs: number
}

/** A cached key and how long ago its provider gave it. */
export interface CachedKey {
  readonly key: DataKey
  readonly ageMs: number
}

export interface KeyCache {
  /** The key of this id, when it is cached for the same scope. */
  get(id: string, scope: DataKeyScope): CachedKey | undefined
  activeOf(scope: DataKeyScope): CachedKey | undefined
  hasActive(scope: DataKeyScope): boolean
  put(key: DataKey, row: StoredDataKey): void
  evict(id: string): void
  evictScope(scope: DataKeyScope): void
  clear(): void
  /** An injective name of a scope. */
  scopeKey(scope: DataKeyScope): string
}

/** Creates an empty cache of at most `entries` keys. */
export function createKeyCache({ clock, entries }: { readonly clock: Clock; readonly entries: number }): KeyCache {
  const activeIds = new Map<string, string>()
  const cache = new LRUCache<string, Entry>({
    max: entries,
    dispose({ scope, key }) {
      const name = scopeKey(scope)
      if (activeIds.get(name) === key.id) activeIds.delete(name)
    },
    noDisposeOnSet: true,
  })
  const get: KeyCache['get'] = (id, scope) => {
    const entry = cache.get(id)
    if (entry === undefined || !sameScope(entry.scope, scope)) return undefined
    return { key: entry.key, ageMs: clock.monotonicMs() - entry.unwrappedMs }
  }
  return {
    get,
    activeOf(scope) {
      const id = activeIds.get(scopeKey(scope))
      return id === undefined ? undefined : get(id, scope)
    },
    hasActive: (scope) => activeIds.has(scopeKey(scope)),
    put(key, { scope, state }) {
      cache.set(key.id, { key, scope, state, unwrappedMs: clock.monotonicMs() })
      const name = scopeKey(scope)
      if (state === 'active') activeIds.set(name, key.id)
      // A read that finds its key retired must not make it look fresh to writes, which need the new one.
      else if (activeIds.get(name) === key.id) activeIds.delete(name)
    },
    evict: (id) => void cache.delete(id),
    evictScope(scope) {
      for (const [id, entry] of cache.entries()) if (sameScope(entry.scope, scope)) cache.delete(id)
    },
    clear: () => cache.clear(),
    scopeKey,
  }
}

// Names have no control characters, so the separator cannot be part of one.
function scopeKey({ kind, owner, server }: DataKeyScope): string {
  return `${kind}\n${server}\n${owner}`
}

function sameScope(a: DataKeyScope, b: DataKeyScope): boolean {
  return a.owner === b.owner && a.server === b.server && a.kind === b.kind
}
