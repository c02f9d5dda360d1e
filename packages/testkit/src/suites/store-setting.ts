// What the shared suites need to know of a store.
import type { Scope, SecretRef, VaultStore } from '@mcpvault/core'

/** Writes past the store, as somebody who can write the database does. */
export interface Tampering {
  /** Changes the bytes that hold all of a record but its names, its counters and its envelopes. */
  recordBytes(ref: SecretRef, change: (bytes: Uint8Array) => Uint8Array): Promise<void>
  /** Makes the store find a record under one more tag. */
  addTag(ref: SecretRef, tag: string): Promise<void>
  /** Puts a text where the revision of a record is kept; absent where the database takes none there. */
  revision?(ref: SecretRef): Promise<void>
  /** Puts something else where the wraps of the data keys for values of a scope are kept. */
  wraps(scope: Scope): Promise<void>
}

/** A fresh store for one test. */
export interface OpenedStore {
  readonly store: VaultStore
  /** Another handle on the same data, as another process has it. */
  reopen(): Promise<VaultStore>
  cleanup(): Promise<void>
  readonly tamper: Tampering
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
