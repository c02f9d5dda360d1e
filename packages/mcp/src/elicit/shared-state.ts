// What all processes of a server share of their links, kept in the vault: the key that seals them, and which were used.
import { randomBytes } from 'node:crypto'
import { isVaultError, type SecretScope, VaultError } from '@mcpvault/core'
import type { ElicitConfig } from './options.ts'

export interface SharedState {
  /** Calls `use` with the key, which is made when there is none. Its bytes are wiped afterwards. */
  withKey<T>(use: (key: Uint8Array) => T): Promise<T>
  /** Marks a link as used. False when it was before: of many at a time, one gets true. */
  claim(link: { readonly id: string; readonly expiresAtMs: number }): Promise<boolean>
  /** Takes a claim back, when nothing was stored. */
  release(id: string): Promise<void>
  /** Says that what the link asked for is stored. */
  markStored(id: string): Promise<void>
  /** `claimed`: used, and maybe nothing is stored yet. */
  stateOf(id: string, signal?: AbortSignal): Promise<'unused' | 'claimed' | 'stored'>
}

const keyName = 'link-key'
const stored = 'stored'
/** Longer than any two clocks differ: until then a link that has expired here may still count there. */
const keptMs = 3_600_000

export function sharedState({ vault, service, clock }: ElicitConfig): SharedState {
  const session = vault.as(service, { reason: 'elicitation' })
  const keys = session.scope({ server: 'elicitation' })
  const used = session.scope({ server: 'elicitation-used' })

  async function claim({ id, expiresAtMs }: { readonly id: string; readonly expiresAtMs: number }): Promise<boolean> {
    await removeOld(used)
    const expiresAt = new Date(Math.max(expiresAtMs, clock.now().getTime()) + keptMs)
    return createOnce(used, { name: id, value: 'used', expiresAt })
  }

  return {
    async withKey(use) {
      const run = (bytes: Uint8Array) => ({ result: use(bytes) })
      const found = await keys.use(keyName, run)
      if (found !== undefined) return found.result
      await createOnce(keys, { name: keyName, value: new Uint8Array(randomBytes(32)) })
      const made = await keys.use(keyName, run)
      if (made !== undefined) return made.result
      throw new VaultError('VAULT_CONFIG_INVALID', {
        field: 'service',
        detail: 'must be a principal that may store and read secrets of its own.',
      })
    },
    claim,
    async release(id) {
      await used.destroy(id)
    },
    async markStored(id) {
      await used.update(id, { description: stored })
    },
    async stateOf(id, signal) {
      const info = await used.describe(id, { signal })
      if (info === undefined) return 'unused'
      return info.description === stored ? 'stored' : 'claimed'
    },
  }
}

interface NewSecret {
  readonly name: string
  readonly value: string | Uint8Array
  readonly expiresAt?: Date
}

/** False when there was one before. */
async function createOnce(scope: SecretScope, { name, value, expiresAt }: NewSecret): Promise<boolean> {
  try {
    await scope.set(name, value, { ifVersion: 0, ...(expiresAt !== undefined && { expiresAt }) })
    return true
  } catch (error) {
    if (isVaultError(error, 'VAULT_CONFLICT')) return false
    throw error
  }
}

/** Records of links that no process takes any more. A few at a time: each was made by a form that somebody sent. */
async function removeOld(used: SecretScope): Promise<void> {
  const { items } = await used.list({ state: 'expired', limit: 20 })
  for (const { name } of items) await used.destroy(name)
}
