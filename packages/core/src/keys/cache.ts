// The cache of unwrapped data keys: least recently used goes first, ages by a clock that never goes back.
import { LRUCache } from 'lru-cache'
import type { DataKeyScope, StoredDataKey } from '../contracts/index.ts'
import type { Clock } from '../time/index.ts'
import type { DataKey } from './data-key.ts'

/** How long a provider that did not answer for a key is not asked for it again, in milliseconds. */
const retryMs = 10_000

interface Entry {
  readonly key: DataKey
  readonly scope: DataKeyScope
  readonly state: StoredDataKey['state']
  readonly unwrappedMs: number
  /** Since when its provider does not answer. A new entry comes of an answer, and has none. */
  outage?: { askAgainMs: number }
}

/** A cached key and how long ago its provider gave it. */
export interface CachedKey {
  readonly key: DataKey
  readonly ageMs: number
  /** The provider did not answer a moment ago, and need not be asked again yet. */
  readonly isAway: boolean
}

export interface KeyCache {
  /** The key of this id, when it is cached for the same scope. */
  get(id: string, scope: DataKeyScope): CachedKey | undefined
  activeOf(scope: DataKeyScope): CachedKey | undefined
  hasActive(scope: DataKeyScope): boolean
  put(key: DataKey, row: StoredDataKey): void
  /** Notes that the provider did not answer for a key. True at the first time since it last did. */
  noteOutage(id: string): boolean
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
    const nowMs = clock.monotonicMs()
    const { key, unwrappedMs, outage } = entry
    return { key, ageMs: nowMs - unwrappedMs, isAway: outage !== undefined && nowMs < outage.askAgainMs }
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
    noteOutage(id) {
      const entry = cache.get(id)
      if (entry === undefined) return false
      const isFirst = entry.outage === undefined
      entry.outage = { askAgainMs: clock.monotonicMs() + retryMs }
      return isFirst
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
