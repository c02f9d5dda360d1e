// What the suites of several processes need to know of a store.
import type { VaultStore } from '@mcpvault/core'
import type { ProgramOptions } from '../bundle.ts'

export interface ProcessSetting<Address> {
  /** The program that serves `vaultJobs` for this store. */
  readonly program: ProgramOptions
  /** Makes a store that is migrated, empty, and shares nothing with the ones made before. */
  open(options: { readonly watch: boolean }): Promise<AddressedStore<Address>>
  /** Ends what a killed process left open on the server, where that stands in the way of the others for long. */
  afterKill?(): Promise<void>
  /** Whether stores of this kind can tell what other processes change. */
  readonly watch: boolean
  /** How many operations each process does. Default 100. */
  readonly operations?: number
}

export interface AddressedStore<Address> {
  readonly store: VaultStore
  /** How another process opens the same data. */
  readonly address: Address
  cleanup(): Promise<void>
}
