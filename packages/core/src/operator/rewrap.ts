// rewrap: every data key under the provider's current key, while reads and writes go on.
import type { StoredDataKey } from '../contracts/index.ts'
import { isVaultError, type VaultErrorCode } from '../errors/index.ts'
import { wrapKeyIds } from '../keys/index.ts'
import { type Call, signalOf } from '../vault/call.ts'
import { dataKeyPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

/** What became of the data keys that were not under the current key. */
export interface RewrapReport {
  readonly rewrapped: number
  /** Rows that another worker, or another process, had done first. */
  readonly alreadyDone: number
  /** Rows that failed, left as they were. */
  readonly quarantined: readonly { readonly dekId: string; readonly code: VaultErrorCode }[]
}

/**
 * Rewraps what is not wrapped by the current key. The wraps themselves are the state, so a new run goes on where one
 * ended, and a row that says something else of itself is not passed over.
 */
export async function rewrapKeys(call: Call, { onProgress }: ParsedWork): Promise<RewrapReport> {
  const current = await call.runtime.keys.wrapping.currentKeyIds()
  const quarantined: { dekId: string; code: VaultErrorCode }[] = []
  let rewrapped = 0
  let alreadyDone = 0
  for await (const rows of dataKeyPages(call, {})) {
    for (const row of rows) {
      call.signal?.throwIfAborted()
      try {
        if (isWrappedBy(row, current)) continue
        if (await rewrapRow(call, row)) rewrapped++
        else alreadyDone++
      } catch (error) {
        if (!isVaultError(error)) throw error
        quarantined.push({ dekId: row.id, code: error.code })
      }
    }
    onProgress?.({ done: rewrapped + alreadyDone + quarantined.length })
  }
  call.facts.count = rewrapped
  call.facts.keyId = [...current].join(',')
  return { rewrapped, alreadyDone, quarantined }
}

/** Whether the wraps are under the current keys, all of them and no other. */
function isWrappedBy({ wraps }: StoredDataKey, current: ReadonlySet<string>): boolean {
  const keyIds = new Set(wrapKeyIds(wraps))
  return keyIds.size === current.size && [...keyIds].every((keyId) => current.has(keyId))
}

async function rewrapRow(call: Call, row: StoredDataKey): Promise<boolean> {
  const { keys, store } = call.runtime
  const next = await keys.wrapping.rewrapRow(row)
  const replaced = await store.dataKeys.replace(next, { ifRevision: row.revision, ...signalOf(call) })
  // The key in the cache is the same, but says that the old KEK opened it.
  if (replaced) keys.evict(row.id, row.scope)
  return replaced
}
