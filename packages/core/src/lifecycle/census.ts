// Which keys are in use: counted, and proven unused before one may go.
import { VaultError } from '../errors/index.ts'
import { type Call, signalOf } from '../vault/call.ts'
import type { ParsedWork } from './operator.ts'
import { dataKeyPages } from './pages.ts'

/** How many data keys each key id wraps. A data key with several wraps counts under each. */
export interface KeyCensus {
  readonly dataKeys: number
  readonly byKeyId: ReadonlyMap<string, number>
  /** The key id that new wraps are made under. */
  readonly currentKeyId: string
}

/** Counts every data key. */
export async function takeCensus(call: Call, { onProgress }: ParsedWork): Promise<KeyCensus> {
  const byKeyId = new Map<string, number>()
  let dataKeys = 0
  for await (const rows of dataKeyPages(call, {})) {
    for (const { keyIds } of rows) for (const keyId of keyIds) byKeyId.set(keyId, (byKeyId.get(keyId) ?? 0) + 1)
    dataKeys += rows.length
    onProgress?.({ done: dataKeys })
  }
  call.facts.count = dataKeys
  return { dataKeys, byKeyId, currentKeyId: call.runtime.config.keys.currentKeyId() }
}

/** Throws unless no data key is wrapped under `keyId`, and new ones will not be. */
export async function refuseUnlessRetirable(call: Call, keyId: string): Promise<void> {
  call.facts.keyId = keyId
  const { config, store } = call.runtime
  const inUse = await store.dataKeys.list({ wrappedBy: keyId, limit: 1 }, signalOf(call))
  if (inUse.length === 0 && config.keys.currentKeyId() !== keyId) return
  const detail = 'The key still wraps data keys, or is the current one. Make another current and rewrap first.'
  throw new VaultError('VAULT_CONFLICT', { detail, keyId, retryable: false })
}
