// Which keys are in use: counted from the wraps themselves, and proven unused before one may go.
import type { StoredDataKey } from '../contracts/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { wrapKeyIds } from '../keys/index.ts'
import type { Call } from '../vault/call.ts'
import { dataKeyPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

/** How many data keys each key id wraps. A data key with several wraps counts under each. */
export interface KeyCensus {
  readonly dataKeys: number
  readonly byKeyId: ReadonlyMap<string, number>
  /** Data keys with a wrap that is not well formed; they count under no key id. */
  readonly unreadable: number
  /** The key ids that new wraps are made under. */
  readonly currentKeyIds: ReadonlySet<string>
}

/** Counts every data key. */
export async function takeCensus(call: Call, { onProgress }: Pick<ParsedWork, 'onProgress'>): Promise<KeyCensus> {
  const byKeyId = new Map<string, number>()
  let dataKeys = 0
  let unreadable = 0
  for await (const rows of dataKeyPages(call, {})) {
    for (const row of rows) {
      const keyIds = readableKeyIds(row)
      if (keyIds === undefined) unreadable++
      for (const keyId of keyIds ?? []) byKeyId.set(keyId, (byKeyId.get(keyId) ?? 0) + 1)
    }
    dataKeys += rows.length
    onProgress?.({ done: dataKeys })
  }
  call.facts.count = dataKeys
  return { dataKeys, byKeyId, unreadable, currentKeyIds: await call.runtime.keys.wrapping.currentKeyIds() }
}

function readableKeyIds({ wraps }: StoredDataKey): readonly string[] | undefined {
  try {
    return wrapKeyIds(wraps)
  } catch (error) {
    if (isVaultError(error)) return undefined
    throw error
  }
}

/** Throws unless every data key is readable, none is wrapped under `keyId`, and new ones will not be. */
export async function refuseUnlessRetirable(call: Call, keyId: string): Promise<void> {
  call.facts.keyId = keyId
  const { byKeyId, unreadable, currentKeyIds } = await takeCensus(call, { onProgress: undefined })
  if (!byKeyId.has(keyId) && unreadable === 0 && !currentKeyIds.has(keyId)) return
  const detail = 'The key still wraps data keys, or new ones would be. Make another key current and rewrap first.'
  throw new VaultError('VAULT_CONFLICT', { detail, keyId, retryable: false })
}
