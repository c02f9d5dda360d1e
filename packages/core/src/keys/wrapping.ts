// Rows of data keys through the key provider: made, unwrapped and checked, wrapped again.
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { decodeHex, encodeHex, sameBytes, wipe } from '../bytes/index.ts'
import type { CallOptions, DataKeyScope, KeyProvider, KeyScope, StoredDataKey } from '../contracts/index.ts'
import { keyCheckValue, parseWrappedKey } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'
import type { DataKey, DataKeyLimits } from './data-key.ts'
import { keyError } from './failure.ts'
import { createLimiter } from './limiter.ts'

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
  /** The same key in wraps under the current KEK, each opened once more and compared. */
  rewrapRow(row: StoredDataKey): Promise<StoredDataKey>
}

const dekBytes = 32
const maxWraps = 8

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
    let firstFailure: unknown
    for (const wrap of row.wraps.slice(0, maxWraps)) {
      try {
        const { key, keyId } = await openWrap({ wrap, dekId: row.id, scope: row.scope })
        return { id: row.id, idBytes, key, keyId }
      } catch (error) {
        // A wrap of a key that this provider never held says less than any other failure.
        if (firstFailure === undefined || isVaultError(firstFailure, 'VAULT_KEY_UNKNOWN')) firstFailure = error
      }
    }
    throw firstFailure
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

  async function rewrapRow(row: StoredDataKey): Promise<StoredDataKey> {
    const before = await unwrapRow(row)
    const dek = before.key.export()
    let wraps: readonly Uint8Array[]
    try {
      const request = { dekId: before.idBytes, dek, scope: keyScope(row.scope) }
      wraps = await call((callOptions) => provider.wrap(request, callOptions))
      for (const wrap of wraps) {
        const after = await openWrap({ wrap, dekId: row.id, scope: row.scope })
        if (!before.key.equals(after.key)) throw new VaultError('VAULT_OPEN_FAILED')
      }
    } finally {
      wipe(dek)
    }
    return { ...row, wraps: checkedWraps(wraps), revision: row.revision + 1 }
  }

  return { currentKeyIds, newRow, unwrapRow, rewrapRow }
}

function checkedWraps(wraps: readonly Uint8Array[]): readonly Uint8Array[] {
  if (wraps.length === 0 || wraps.length > maxWraps) {
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'keys', detail: 'must give one to eight wraps.' })
  }
  return wraps
}

/** The key ids that wraps name themselves. Throws `VAULT_ENVELOPE_INVALID` or `VAULT_ENVELOPE_UNSUPPORTED`. */
export function wrapKeyIds(wraps: readonly Uint8Array[]): readonly string[] {
  return [...new Set(wraps.map((wrap) => parseWrappedKey(wrap).keyId))]
}
