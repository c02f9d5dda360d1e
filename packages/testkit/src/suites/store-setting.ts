// What the shared suites need to know of a store.
import type { VaultStore } from '@mcpvault/core'

/** A fresh store for one test. */
export interface OpenedStore {
  readonly store: VaultStore
  /** Another handle on the same data, as another process has it. */
  reopen(): Promise<VaultStore>
  cleanup(): Promise<void>
}

export interface StoreSetting {
  /** Makes a store that is migrated, empty, and shares nothing with the ones made before. */
  open(): Promise<OpenedStore>
  /** How many secrets the paging test makes. Default 10,000. */
  readonly pagedSecrets?: number
  /** How many random operations the tenants do. Default 2,000, and five times as many with `MCPVAULT_LONG=1`. */
  readonly tenantOperations?: number
  /** How long 32 writers write, in milliseconds. Default 2,000, and 10,000 with `MCPVAULT_LONG=1`. */
  readonly writingMs?: number
}
