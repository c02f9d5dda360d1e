// The data keys (DEKs) of scopes: created once, unwrapped through the key provider, cached as KeyObjects.
import type { Awaitable, DataKeyScope, DataKeyStore, KeyProvider, StoredDataKey } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, isPromiseLike } from '../time/index.ts'
import { type CachedKey, createKeyCache } from './cache.ts'
import type { DataKey, DataKeyLimits, DataKeyRequest, RowAhead } from './data-key.ts'
import { classifyKeyFailure, tellingError } from './failure.ts'
import type { KeyFingerprints } from './fingerprints.ts'
import { singleFlight } from './single-flight.ts'
import { createKeyWrapping, type KeyWrapping } from './wrapping.ts'
import { sameWraps, wrapKeyIds } from './wraps.ts'

export interface DataKeysOptions {
  readonly provider: KeyProvider
  readonly store: DataKeyStore
  readonly vaultId: Uint8Array
  readonly clock: Clock
  readonly limits: DataKeyLimits
  readonly fingerprints: KeyFingerprints
  /**
   * The scope whose key is made before that of any other. A store lets one process make it; with it no process makes a key
   * before it has opened one of the vault's.
   */
  readonly root?: DataKeyScope | undefined
  /** Called after a new key has become the active key of its scope. */
  readonly onGenerated?: (key: DataKey, scope: DataKeyScope) => Awaitable<void>
  /** Called when a key is first used although the provider or the store did not answer: once for each key and outage. */
  readonly onServedStale?: (served: StaleKey) => Awaitable<void>
}

/** A key that is used beyond its soft age. */
export interface StaleKey {
  readonly key: DataKey
  readonly scope: DataKeyScope
  readonly ageMs: number
  /** Why it could not be opened again. */
  readonly error: unknown
}

/** More than one, since a single data key may be lost or damaged. */
const rowsToTry = 16

/** A key on its way from the store through its provider. */
interface Arrival {
  readonly scope: DataKeyScope
  /** False once its scope was forgotten. */
  readonly isCurrent: () => boolean
  readonly ahead: RowAhead | undefined
}

/** The keys of one vault. */
export interface DataKeys {
  readonly wrapping: KeyWrapping
  readonly fingerprints: KeyFingerprints
  /**
   * To be called before new wraps are stored: has the vault keep their key ids. Throws `VAULT_KEY_MISMATCH` when it keeps
   * another key of one of them, and the error of the wraps when this process opens none of the vault's data keys: it
   * then has the wrong keys, and would bring a second set of them into the vault.
   */
  admit(wraps: readonly Uint8Array[]): Promise<void>
  /** The active key of a scope, made when there is none. */
  active(scope: DataKeyScope, request?: DataKeyRequest): Awaitable<DataKey>
  /** The key of this id, only when it belongs to the scope. Throws `VAULT_KEY_UNKNOWN` when it is not stored. */
  byId(id: string, scope: DataKeyScope, request?: DataKeyRequest): Awaitable<DataKey>
  /**
   * The row of a scope's active key, to be read concurrently with something else; nothing is made or unwrapped.
   * Undefined when the key is cached, when there is none, and when it cannot be read: the call that needs the key then
   * reports the error.
   */
  readAhead(scope: DataKeyScope): Awaitable<RowAhead | undefined>
  /** Forgets one key of a scope at once, such as a destroyed one. */
  evict(id: string, scope: DataKeyScope): void
  /** Forgets every key of a scope, such as one whose keys another process changed. */
  evictScope(scope: DataKeyScope): void
  /** Forgets every key. */
  clear(): void
}

/** Creates the key cache of one vault; nothing is shared with another. */
export function createDataKeys(options: DataKeysOptions): DataKeys {
  const { provider, store, clock, limits, fingerprints, root } = options
  const wrapping = createKeyWrapping(options)
  const cache = createKeyCache({ clock, entries: limits.entries })
  const flights = singleFlight<DataKey>()
  const lookAheads = singleFlight<RowAhead | undefined>()
  let forgotten = 0

  const isFresh = ({ ageMs, isAway }: CachedKey, { maxAgeMs }: DataKeyRequest): boolean =>
    ageMs < (maxAgeMs ?? limits.softAgeMs) || (isAway && maxAgeMs === undefined && ageMs < limits.hardAgeMs)

  const byId: DataKeys['byId'] = (id, scope, request = {}) => {
    const cached = cache.get(id, scope)
    if (cached !== undefined && isFresh(cached, request)) return cached.key
    return forgiving(
      { id, scope, request },
      flights.join(flightName(`id ${id}`, scope), request.signal, (isCurrent) =>
        refresh({ id, scope, isCurrent, ahead: request.ahead }),
      ),
    )
  }

  const active: DataKeys['active'] = (scope, request = {}) => {
    const cached = cache.activeOf(scope)
    if (cached !== undefined && isFresh(cached, request)) return cached.key
    const flight = flights.join(flightName('active', scope), request.signal, (isCurrent) =>
      findOrCreate({ scope, isCurrent, ahead: request.ahead }),
    )
    return cached === undefined ? flight : forgiving({ id: cached.key.id, scope, request }, flight)
  }

  const flightName = (what: string, scope: DataKeyScope): string => `${what}\n${cache.scopeKey(scope)}`

  const readAhead: DataKeys['readAhead'] = (scope) => {
    if (cache.hasActive(scope)) return undefined
    return lookAheads.join(flightName('ahead', scope), undefined, async () => {
      const begun = forgotten
      try {
        const row = await store.active(scope)
        return row && { row, isCurrent: () => begun === forgotten }
      } catch {
        return undefined
      }
    })
  }

  async function refresh({ id, scope, isCurrent, ahead }: Arrival & { readonly id: string }): Promise<DataKey> {
    const row = ahead?.row.id === id && ahead.isCurrent() ? ahead.row : await store.find(id, scope)
    if (row === undefined) {
      cache.evict(id)
      throw new VaultError('VAULT_KEY_UNKNOWN', { detail: 'The data key is not stored any more.' })
    }
    return unwrapIntoCache(row, isCurrent)
  }

  async function findOrCreate(arrival: Arrival): Promise<DataKey> {
    const { ahead, scope } = arrival
    const row = ahead?.isCurrent() ? ahead.row : await store.active(scope)
    return row === undefined ? create(arrival) : unwrapIntoCache(row, arrival.isCurrent)
  }

  async function unwrapIntoCache(row: StoredDataKey, isCurrent: Arrival['isCurrent']): Promise<DataKey> {
    try {
      const key = await wrapping.unwrapRow(row)
      // A key that was evicted while it was loaded serves those who asked before, and is not cached.
      if (isCurrent()) cache.put(key, row)
      return key
    } catch (error) {
      if (classifyKeyFailure(error, provider) !== 'transient') cache.evict(row.id)
      throw error
    }
  }

  /** Uses the cached key while the provider or store is unavailable, unless the caller has set a maximum age. */
  async function forgiving(
    { id, scope, request }: { readonly id: string; readonly scope: DataKeyScope; readonly request: DataKeyRequest },
    flight: Promise<DataKey>,
  ): Promise<DataKey> {
    try {
      return await flight
    } catch (error) {
      request.signal?.throwIfAborted()
      if (request.maxAgeMs !== undefined || classifyKeyFailure(error, provider) !== 'transient') throw error
      const cached = cache.get(id, scope)
      if (cached === undefined || cached.ageMs >= limits.hardAgeMs) throw error
      const { key, ageMs } = cached
      if (cache.noteOutage(id)) await options.onServedStale?.({ key, scope, ageMs, error })
      return key
    }
  }

  async function create({ scope, isCurrent }: Arrival): Promise<DataKey> {
    if (root !== undefined && root.kind !== scope.kind && !wrapping.hasOpened()) await active(root)
    const fresh = await wrapping.newKey(scope)
    await admit(fresh.row.wraps)
    const inserted = await store.insert(fresh.row)
    // Only what the store gives back is used: a lost or altered row must show now, not at the first read.
    const row = inserted.id === fresh.row.id ? await store.active(scope) : inserted
    if (row === undefined) throw new VaultError('VAULT_STORE_FAILED', { detail: 'A new data key was not stored.' })
    if (row.id !== fresh.row.id || !sameWraps(row.wraps, fresh.row.wraps)) return unwrapIntoCache(row, isCurrent)
    // Opened from these very wraps a moment ago.
    if (isCurrent()) cache.put(fresh.key, row)
    const notified = options.onGenerated?.(fresh.key, scope)
    if (notified !== undefined && isPromiseLike(notified)) await notified
    return fresh.key
  }

  async function admit(wraps: readonly Uint8Array[]): Promise<void> {
    const keyIds = fingerprints.unrecorded(wrapKeyIds(wraps))
    if (keyIds.length === 0) return
    if (!wrapping.hasOpened()) await openAny()
    await fingerprints.record(keyIds)
  }

  /** Opens one data key of the vault, if there is any. */
  async function openAny(): Promise<void> {
    const errors: unknown[] = []
    for (const row of await store.list({ limit: rowsToTry })) {
      try {
        await wrapping.unwrapRow(row)
        return
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw tellingError(errors)
  }

  /** Keys of the scope that are being loaded are not cached. Names have no line feeds, so the suffix is unambiguous. */
  const abandonScope = (scope: DataKeyScope): void => {
    forgotten += 1
    const end = flightName('', scope)
    flights.abandon((name) => name.endsWith(end))
  }

  return {
    wrapping,
    fingerprints,
    admit,
    active,
    byId,
    readAhead,
    evict(id, scope) {
      cache.evict(id)
      abandonScope(scope)
    },
    evictScope(scope) {
      cache.evictScope(scope)
      abandonScope(scope)
    },
    clear() {
      forgotten += 1
      cache.clear()
      flights.abandon(() => true)
    },
  }
}
