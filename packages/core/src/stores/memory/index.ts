// A store in the memory of this process: for tests, and for servers whose secrets need not outlive them.

import {
  type AuditRow,
  ownOptions,
  type StoreChange,
  type StoreSupport,
  type VaultStore,
} from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, callSafely, systemClock } from '../../time/index.ts'
import { memoryAudit } from './audit.ts'
import { memoryDataKeys } from './data-keys.ts'
import { memoryLocks, memoryMeta } from './meta-locks.ts'
import { memorySecrets } from './secrets.ts'

export interface MemoryStoreOptions {
  /** Decides when locks expire. Default: the machine's clock. */
  readonly clock?: Clock
  /**
   * Overrides what the store says it can do, so that tests reach what a vault does with lesser stores. Without
   * `transactions` a write that brings audit rows is refused with `VAULT_NOT_SUPPORTED`; without `watch` there is no
   * `watch`.
   */
  readonly supports?: Partial<StoreSupport>
}

/**
 * Makes an empty store that lives as long as this process. Every call answers at once with a plain value, never a
 * promise. Vaults on the same store share its data, and `watch` tells each of them which data keys changed, also by itself.
 *
 * @example
 * const vault = createVault({ keys, store: memoryStore() })
 */
export function memoryStore(given: MemoryStoreOptions = {}): VaultStore {
  const options = ownOptions(given)
  const { clock = systemClock } = options
  const supports: StoreSupport = Object.freeze({
    transactions: true,
    watch: true,
    durability: 'best-effort',
    writers: 1,
    ...options.supports,
  })
  const audit = memoryAudit()
  const listeners = new Set<(change: StoreChange) => void>()
  const store: VaultStore = {
    id: 'memory',
    supports,
    secrets: memorySecrets((rows) => {
      if (!supports.transactions) throw new VaultError('VAULT_NOT_SUPPORTED')
      appendOrThrow(rows)
    }),
    dataKeys: memoryDataKeys((scope) => notifyAll({ kind: 'dataKey', scope })),
    audit,
    meta: memoryMeta(),
    locks: memoryLocks(clock),
  }

  function appendOrThrow(rows: readonly AuditRow[]): void {
    if (audit.append(rows) === 'stored') return
    throw new VaultError('VAULT_STORE_FAILED', { detail: 'The audit rows fork their stream.', retryable: false })
  }

  /** Later, as from another process: a listener that throws must not fail a write that has happened. */
  function notifyAll(change: StoreChange): void {
    for (const listener of listeners) {
      queueMicrotask(() => {
        if (listeners.has(listener)) callSafely(() => listener(structuredClone(change)))
      })
    }
  }

  if (!supports.watch) return store
  return {
    ...store,
    watch(listener) {
      const entry = (change: StoreChange): void => listener(change)
      listeners.add(entry)
      return () => {
        listeners.delete(entry)
      }
    },
  }
}
