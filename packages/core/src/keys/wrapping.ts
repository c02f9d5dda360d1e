// Rows of data keys through the key provider: made, unwrapped and checked, wrapped again.
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { decodeHex, encodeHex, sameBytes, wipe } from '../bytes/index.ts'
import type { CallOptions, DataKeyScope, KeyProvider, KeyScope, StoredDataKey } from '../contracts/index.ts'
import { keyCheckValue, parseWrappedKey } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'
import type { DataKey, DataKeyLimits } from './data-key.ts'
import { classifyKeyFailure, keyError, tellingError } from './failure.ts'
import { createLimiter } from './limiter.ts'
import { type RewrappedRow, type RewrapRequest, rewrapRow } from './rewrap-row.ts'
import { checkedWraps, maxWraps, type RowWrap, type TriedWrap } from './wraps.ts'

export interface KeyWrappingOptions {
  readonly provider: KeyProvider
  readonly vaultId: Uint8Array
  readonly clock: Clock
  readonly limits: Pick<DataKeyLimits, 'unwraps' | 'callMs'>
}

/** The provider's side of data keys, without cache or store. */
export interface KeyWrapping {
  /** The key ids that a wrap made now would have. */
  currentKeyIds(): Promise<ReadonlySet<string>>
  /** A new key for a scope, as an active row of revision 1. */
  newRow(scope: DataKeyScope): Promise<StoredDataKey>
  /** Opens a row by any of its wraps and checks the key. */
  unwrapRow(row: StoredDataKey): Promise<DataKey>
  /** What a row should become: the same key, in the wraps that it should have. Stores nothing. */
  rewrapRow(row: StoredDataKey, request: RewrapRequest): Promise<RewrappedRow>
}

const dekBytes = 32

export function createKeyWrapping(options: KeyWrappingOptions): KeyWrapping {
  const { provider, vaultId, clock, limits } = options
  const limited = createLimiter(limits.unwraps)

  /** Every call to the provider: few at a time, within the time limit, with errors of the vault. */
  const call = <T>(work: (options: CallOptions) => T | PromiseLike<T>): Promise<T> =>
    limited(async () => {
      const timeoutError = (): Error => new VaultError('VAULT_KEY_UNAVAILABLE')
      try {
        return await withDeadline({ clock, limitMs: limits.callMs, timeoutError }, work)
      } catch (error) {
        throw keyError(error, provider)
      }
    })

  async function currentKeyIds(): Promise<ReadonlySet<string>> {
    const keyIds = await call((callOptions) => provider.currentKeyIds(callOptions))
    if (keyIds.size === 0)
      throw new VaultError('VAULT_CONFIG_INVALID', { field: 'keys', detail: 'must have a current key id.' })
    return keyIds
  }

  const keyScope = (scope: DataKeyScope): KeyScope => ({ ...scope, vaultId })

  async function newRow(scope: DataKeyScope): Promise<StoredDataKey> {
    const dekId = randomBytes(16)
    const request = { dekId, scope: keyScope(scope) }
    let wraps: readonly Uint8Array[]
    const generate = provider.generate?.bind(provider)
    if (generate !== undefined) {
      const generated = await call((callOptions) => generate(request, callOptions))
      wipe(generated.dek)
      wraps = generated.wraps
    } else {
      // Held in memory of its own, so that wiping it leaves no copy in a shared pool.
      const dek = Buffer.alloc(dekBytes)
      dek.set(randomBytes(dekBytes))
      try {
        wraps = await call((callOptions) => provider.wrap({ ...request, dek }, callOptions))
      } finally {
        wipe(dek)
      }
    }
    return {
      id: encodeHex(dekId),
      scope,
      state: 'active',
      wraps: checkedWraps(wraps),
      revision: 1,
      createdAt: clock.now(),
    }
  }

  async function unwrapRow(row: StoredDataKey): Promise<DataKey> {
    const idBytes = decodeHex(row.id)
    if (idBytes?.length !== 16 || row.wraps.length === 0) throw new VaultError('VAULT_ENVELOPE_INVALID')
    const errors: unknown[] = []
    for (const wrap of row.wraps.slice(0, maxWraps)) {
      try {
        const { key, keyId } = await openWrap({ wrap, dekId: row.id, scope: row.scope })
        return { id: row.id, idBytes, key, keyId }
      } catch (error) {
        errors.push(error)
      }
    }
    throw tellingError(errors)
  }

  async function openWrap(at: {
    readonly wrap: Uint8Array
    readonly dekId: string
    readonly scope: DataKeyScope
  }): Promise<{ readonly key: KeyObject; readonly keyId: string }> {
    const parsed = parseWrappedKey(at.wrap)
    if (parsed.dekId !== at.dekId) throw new VaultError('VAULT_OPEN_FAILED')
    const dek = await call((callOptions) => provider.unwrap(at.wrap, keyScope(at.scope), callOptions))
    try {
      if (dek.length !== dekBytes) throw new VaultError('VAULT_OPEN_FAILED')
      const key = createSecretKey(dek)
      if (!sameBytes(keyCheckValue(key, parsed.dekIdBytes), parsed.keyCheckValue))
        throw new VaultError('VAULT_OPEN_FAILED')
      return { key, keyId: parsed.keyId }
    } finally {
      wipe(dek)
    }
  }

  /** Opens one wrap, and classifies a failure. Throws when the provider did not answer. */
  async function tryWrap({ id, scope }: StoredDataKey, wrap: RowWrap): Promise<TriedWrap> {
    try {
      const { key } = await openWrap({ wrap: wrap.bytes, dekId: id, scope })
      return { ...wrap, state: 'opened', key }
    } catch (error) {
      if (isVaultError(error, 'VAULT_KEY_UNKNOWN')) return { ...wrap, state: 'unknown', error }
      const failure = classifyKeyFailure(error, provider)
      if (failure === 'transient') throw error
      return { ...wrap, state: failure === 'denied' ? 'denied' : 'damaged', error }
    }
  }

  return {
    currentKeyIds,
    newRow,
    unwrapRow,
    rewrapRow: (row, request) =>
      rewrapRow({ provider, scope: keyScope(row.scope), call, tryWrap: (wrap) => tryWrap(row, wrap) }, row, request),
  }
}
