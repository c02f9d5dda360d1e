// The limits of work on whole stores: parsed as those of createVault, and put around each store.
import { requireObject } from '../bytes/index.ts'
import { guardStore, ownOptions, type VaultStore } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import type { Clock } from '../time/index.ts'

/** Longer than that of a vault, since a call reads or writes a page. */
const defaultMs = 30_000
const maxMs = 600_000

/** Returns what puts the limit around a store. Throws `VAULT_CONFIG_INVALID`, which names the limit, and TypeError. */
export function parseStoreLimits(
  given: unknown = {},
  { clock }: { readonly clock: Clock },
): (store: VaultStore) => VaultStore {
  requireObject(given, 'limits')
  const { storeMs = defaultMs, ...others } = ownOptions(given)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(`limits.${unknown}`, 'must be absent: there is no such limit.')
  if (typeof storeMs !== 'number' || !Number.isSafeInteger(storeMs) || storeMs < 1 || storeMs > maxMs)
    throw invalid('limits.storeMs', `must be an integer from 1 to ${maxMs}.`)
  return (store) => guardStore({ store, clock, limitMs: storeMs })
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
