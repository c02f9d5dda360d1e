// Counts which keys are in use, from the wraps themselves, and proves that a key is unused before it may be deleted.
import { VaultError } from '../errors/index.ts'
import { readableKeyIds } from '../keys/index.ts'
import type { Call, Done, Outcome } from '../vault/operation.ts'
import { dataKeyPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

/** How many data keys each key id wraps. A data key with several wraps counts under each. */
export interface KeyCensus {
  readonly dataKeys: number
  readonly byKeyId: ReadonlyMap<string, number>
  /** Data keys with a wrap that is not well formed, or without any; they count under no key id. */
  readonly unreadable: number
  /** The key ids that new wraps are made under. */
  readonly currentKeyIds: ReadonlySet<string>
}

/** Counts every data key. */
export async function takeCensus(call: Call, { onProgress }: Pick<ParsedWork, 'onProgress'>): Promise<Done<KeyCensus>> {
  const byKeyId = new Map<string, number>()
  let dataKeys = 0
  let unreadable = 0
  for await (const rows of dataKeyPages(call, {})) {
    for (const row of rows) {
      const keyIds = readableKeyIds(row.wraps)
      if (keyIds === undefined) unreadable++
      for (const keyId of keyIds ?? []) byKeyId.set(keyId, (byKeyId.get(keyId) ?? 0) + 1)
    }
    dataKeys += rows.length
    onProgress?.({ done: dataKeys })
  }
  const currentKeyIds = await call.runtime.keys.wrapping.currentKeyIds()
  return { result: { dataKeys, byKeyId, unreadable, currentKeyIds }, event: { count: dataKeys } }
}

/** Throws unless every data key is readable, none is wrapped under `keyId`, and new ones will not be. */
export async function refuseUnlessRetirable(call: Call, keyId: string): Promise<Outcome<void>> {
  const { result } = await takeCensus(call, { onProgress: undefined })
  const { dataKeys, byKeyId, unreadable, currentKeyIds } = result
  const facts = { count: dataKeys, keyId }
  if (!byKeyId.has(keyId) && unreadable === 0 && !currentKeyIds.has(keyId)) return { result: undefined, event: facts }
  const detail = 'The key still wraps data keys, or new ones would be. Make another key current and rewrap first.'
  return { failure: new VaultError('VAULT_CONFLICT', { detail, keyId, retryable: false }), event: facts }
}
