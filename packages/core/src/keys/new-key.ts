// Makes a data key with its wraps, each of which is opened and compared before anything is stored.
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { encodeHex, wipe } from '../bytes/index.ts'
import type { KeyProvider, KeyScope, StoredDataKey, WrapRequest } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import type { Clock } from '../time/index.ts'
import type { DataKey } from './data-key.ts'
import { tellingError } from './failure.ts'
import { isTrusted, type RowTools } from './rewrap-row.ts'
import { checkedWraps, isOpened, parseWraps, type RowWrap, saySameKey, type TriedWrap } from './wraps.ts'

/** The scope of a row, of a store or of an archive; the vault is that of the wrapping. */
export type RowScope = Omit<KeyScope, 'vaultId'>

/** A row of a key, as a store has it or as the header of an archive does. */
export type KeyRow<S extends RowScope> = Omit<StoredDataKey, 'scope'> & { readonly scope: S }

/** A data key that is not stored yet: the row to store, and the key as its wraps gave it. */
export interface NewKey<S extends RowScope> {
  readonly row: KeyRow<S>
  readonly key: DataKey
}

/** What a data key is made with. */
export interface NewKeyTools extends Pick<RowTools, 'provider' | 'call' | 'scope'> {
  readonly clock: Clock
  /** Opens one wrap of the row. Throws when the provider did not answer. */
  tryWrap(row: KeyRow<RowScope>, wrap: RowWrap): Promise<TriedWrap>
}

/**
 * A new key for a scope, as an active row of revision 1. Throws `VAULT_OPEN_FAILED` when a wrap does not open to the key
 * that was wrapped, and `VAULT_KEY_UNKNOWN` when the provider opens none: with such a row its scope could never be opened.
 */
export async function makeKey<S extends RowScope>(tools: NewKeyTools, scope: S): Promise<NewKey<S>> {
  const idBytes = randomBytes(16)
  const { made, wraps } = await wrapNew(tools, idBytes)
  const row: KeyRow<S> = {
    id: encodeHex(idBytes),
    scope,
    state: 'active',
    wraps: checkedWraps(wraps),
    revision: 1,
    createdAt: tools.clock.now(),
  }
  const tried: TriedWrap[] = []
  for (const wrap of parseWraps(row.wraps)) tried.push(await tools.tryWrap(row, wrap))
  const opened = tried.find(isOpened)
  if (opened === undefined) throw tellingError(tried.flatMap((wrap) => (isOpened(wrap) ? [] : [wrap.error])))
  // A process may be allowed to wrap to a recovery key in a key service, and not to open what it wrapped.
  const isRight = (wrap: TriedWrap): boolean =>
    wrap.state === 'denied' ? saySameKey(wrap, opened) : isTrusted(wrap, opened)
  if (!opened.key.equals(made) || !tried.every(isRight)) throw new VaultError('VAULT_OPEN_FAILED')
  return { row, key: { id: row.id, idBytes, key: opened.key, keyId: opened.parsed.keyId } }
}

interface Wrapped {
  readonly made: KeyObject
  readonly wraps: readonly Uint8Array[]
}

async function wrapNew({ provider, call, scope }: NewKeyTools, dekId: Uint8Array): Promise<Wrapped> {
  const request: Omit<WrapRequest, 'dek'> = { dekId, scope }
  const generate: KeyProvider['generate'] = provider.generate?.bind(provider)
  if (generate !== undefined) {
    const { dek, wraps } = await call((options) => generate(request, options))
    return { made: takeKey(dek), wraps }
  }
  // Held in memory of its own, so that wiping it leaves no copy in a shared pool.
  const dek = Buffer.alloc(dekBytes)
  dek.set(randomBytes(dekBytes))
  const made = createSecretKey(dek)
  try {
    return { made, wraps: await call((options) => provider.wrap({ ...request, dek }, options)) }
  } finally {
    wipe(dek)
  }
}

const dekBytes = 32

function takeKey(dek: Uint8Array): KeyObject {
  try {
    if (dek.length !== dekBytes) throw new VaultError('VAULT_OPEN_FAILED')
    return createSecretKey(dek)
  } finally {
    wipe(dek)
  }
}
