// The secrets of a drill: whose they are, what their values say, and what is known of their versions.
import type { SecretScope, Vault } from '@mcpvault/core'

/** How many secrets there are, and among how many owners. */
export interface Population {
  readonly secrets: number
  readonly owners: number
}

export const server = 'github'

/** The owner of a secret by its number. Those beyond the population come while the drill runs, each to a new owner. */
export function ownerOf({ secrets, owners }: Population, index: number): string {
  return index < secrets ? `owner-${index % owners}` : `newcomer-${index}`
}

/** The owners that are there when the drill begins. */
export function firstOwners({ owners }: Population): readonly string[] {
  return Array.from({ length: owners }, (_, index) => `owner-${index}`)
}

export function nameOf(index: number): string {
  return `secret-${index}`
}

/** Says which secret and which version it is of, so that one that was lost or exchanged shows. */
export function textOf(index: number, version: number): string {
  return `value of ${index} in version ${version}`
}

export function scopeOf(vault: Vault, owner: string): SecretScope {
  return vault.as({ id: owner }).scope({ server })
}
