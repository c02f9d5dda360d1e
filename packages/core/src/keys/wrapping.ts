// Rows of data keys through the key provider: made, unwrapped and checked, wrapped again.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { decodeHex, sameBytes, wipe } from '../bytes/index.ts'
import type { KeyScope, StoredDataKey } from '../contracts/index.ts'
import { keyCheckValue, parseWrappedKey } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import type { DataKey } from './data-key.ts'
import { classifyKeyFailure, tellingError } from './failure.ts'
import type { KeyFingerprints } from './fingerprints.ts'
import { type KeyRow, makeKey, type NewKey, type RowScope } from './new-key.ts'
import { createProviderCall, type ProviderCallOptions } from './provider-call.ts'
import { type RewrappedRow, type RewrapRequest, rewrapRow } from './rewrap-row.ts'
import { maxWraps, type OpenedWrap, type RowWrap, rowWrap, saySameKey, type TriedWrap } from './wraps.ts'

export interface KeyWrappingOptions extends ProviderCallOptions {
  readonly vaultId: Uint8Array
  readonly fingerprints: Pick<KeyFingerprints, 'explain'>
}

/** The provider's side of data keys, without cache or store. */
export interface KeyWrapping {
  /** The key ids that a wrap made now would have. */
  currentKeyIds(): Promise<ReadonlySet<string>>
  /** A new key for a scope, each wrap of which was opened. Stores nothing. */
  newKey<S extends RowScope>(scope: S): Promise<NewKey<S>>
  /** Opens a row by any of its wraps and checks the key. */
  unwrapRow(row: Pick<KeyRow<RowScope>, 'id' | 'scope' | 'wraps'>): Promise<DataKey>
  /** Whether a row opens now. Throws when the provider did not answer. */
  stateOf(row: StoredDataKey): Promise<KeyState>
  /** Whether any wrap of the vault has been opened in this process. */
  hasOpened(): boolean
  /** What a row should become: the same key, in the wraps that it should have. Stores nothing. */
  rewrapRow(row: StoredDataKey, request: RewrapRequest): Promise<RewrappedRow>
}

/**
 * `refused`: a key service has the key and does not let this process use it, which may change; or there is a wrap to a
 * recovery key, whose private half is kept elsewhere. `lost`: this provider does not hold the key of any wrap, or the wraps
 * are not what was written.
 */
export type KeyState = 'opens' | 'refused' | 'lost'

const dekBytes = 32

/** A wrap and the row that it is of. */
interface WrapAt {
  readonly wrap: RowWrap
  readonly dekId: string
  readonly scope: RowScope
  /** A wrap that opened, perhaps to the same key. */
  readonly known?: OpenedWrap | undefined
}

type OpenWrap = (at: WrapAt) => Promise<{ readonly key: KeyObject; readonly keyId: string }>

export function createKeyWrapping(options: KeyWrappingOptions): KeyWrapping {
  const { provider, vaultId, clock, fingerprints } = options
  const call = createProviderCall(options)
  let hasOpened = false

  async function currentKeyIds(): Promise<ReadonlySet<string>> {
    const keyIds = await call((callOptions) => provider.currentKeyIds(callOptions))
    if (keyIds.size === 0)
      throw new VaultError('VAULT_CONFIG_INVALID', { field: 'keys', detail: 'must have a current key id.' })
    return keyIds
  }

  const keyScope = (scope: RowScope): KeyScope => ({ ...scope, vaultId })

  /** What is not stored yet proves nothing of the keys that the vault has, so it does not count as opened. */
  const newKey: KeyWrapping['newKey'] = (scope) =>
    makeKey({ provider, call, clock, scope: keyScope(scope), tryWrap: tryWrapWith(openWrap) }, scope)

  async function unwrapRow(row: Pick<KeyRow<RowScope>, 'id' | 'scope' | 'wraps'>): Promise<DataKey> {
    const idBytes = decodeHex(row.id)
    if (idBytes?.length !== 16 || row.wraps.length === 0) throw new VaultError('VAULT_ENVELOPE_INVALID')
    const errors: unknown[] = []
    for (const wrap of row.wraps.slice(0, maxWraps)) {
      try {
        const { key, keyId } = await openStored({ wrap: rowWrap(wrap), dekId: row.id, scope: row.scope })
        return { id: row.id, idBytes, key, keyId }
      } catch (error) {
        errors.push(error)
      }
    }
    throw tellingError(errors)
  }

  async function stateOf(row: StoredDataKey): Promise<KeyState> {
    let state: KeyState = 'lost'
    for (const wrap of row.wraps.slice(0, maxWraps)) {
      try {
        await openStored({ wrap: rowWrap(wrap), dekId: row.id, scope: row.scope })
        return 'opens'
      } catch (error) {
        const failure = classifyKeyFailure(error, provider)
        if (failure === 'transient') throw error
        const isUnknown = isVaultError(error, 'VAULT_KEY_UNKNOWN')
        const isElsewhere = isUnknown || isVaultError(error, 'VAULT_KEY_MISMATCH')
        if (failure === 'denied' && !isElsewhere) state = 'refused'
        if (isUnknown && parseWrappedKey(wrap).wrapType === 'recovery') state = 'refused'
      }
    }
    return state
  }

  const openWrap: OpenWrap = async (at) => {
    const { dekId, keyId } = at.wrap.parsed
    if (dekId !== at.dekId) throw new VaultError('VAULT_OPEN_FAILED')
    try {
      return { key: await openParsed(at), keyId }
    } catch (error) {
      throw await fingerprints.explain(keyId, error)
    }
  }

  const openStored: OpenWrap = async (at) => {
    const opened = await openWrap(at)
    hasOpened = true
    return opened
  }

  async function openParsed({ wrap, scope, known }: WrapAt): Promise<KeyObject> {
    const { dekIdBytes, keyCheckValue: wanted } = wrap.parsed
    const dek = await call((callOptions) => provider.unwrap(wrap.bytes, keyScope(scope), callOptions))
    try {
      if (dek.length !== dekBytes) throw new VaultError('VAULT_OPEN_FAILED')
      const key = createSecretKey(dek)
      // The same key under the same id has the check value that was compared when the other wrap opened.
      if (known !== undefined && saySameKey(wrap, known) && known.key.equals(key)) return key
      if (!sameBytes(keyCheckValue(dek, dekIdBytes), wanted)) throw new VaultError('VAULT_OPEN_FAILED')
      return key
    } finally {
      wipe(dek)
    }
  }

  /** Opens one wrap, and classifies a failure. Throws when the provider did not answer. */
  const tryWrapWith =
    (open: OpenWrap) =>
    async ({ id, scope }: StoredDataKey, wrap: RowWrap, known?: OpenedWrap): Promise<TriedWrap> => {
      try {
        const { key } = await open({ wrap, dekId: id, scope, known })
        return { ...wrap, state: 'opened', key }
      } catch (error) {
        if (isVaultError(error, 'VAULT_KEY_UNKNOWN')) return { ...wrap, state: 'unknown', error }
        const failure = classifyKeyFailure(error, provider)
        if (failure === 'transient') throw error
        return { ...wrap, state: failure === 'denied' ? 'denied' : 'damaged', error }
      }
    }
  const tryStored = tryWrapWith(openStored)

  return {
    currentKeyIds,
    newKey,
    unwrapRow,
    stateOf,
    hasOpened: () => hasOpened,
    rewrapRow: (row, request) =>
      rewrapRow(
        { provider, scope: keyScope(row.scope), call, tryWrap: (wrap, known) => tryStored(row, wrap, known) },
        row,
        request,
      ),
  }
}
