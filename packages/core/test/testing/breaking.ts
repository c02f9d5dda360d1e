// How stores are broken on purpose: one part replaced, the rest sound.
import type { SecretStore, VaultStore } from '../../src/contracts/index.ts'

/** A store that breaks the contract in one way, with the case that has to notice. */
export interface BrokenStore {
  /** What it does wrong. */
  readonly broken: string
  /** The name of the case that fails. */
  readonly caught: string
  readonly wrap: (store: VaultStore) => VaultStore
}

/** Replaces methods of the secrets of a store. */
export type SecretBreak = (secrets: SecretStore) => Partial<SecretStore>

export function brokenSecrets(what: string, caught: string, part: SecretBreak): BrokenStore {
  return { broken: what, caught, wrap: (store) => withSecrets(store, part) }
}

export function withSecrets(store: VaultStore, part: SecretBreak): VaultStore {
  return { ...store, secrets: { ...store.secrets, ...part(store.secrets) } }
}

/** Lets everything else that is under way go on. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
