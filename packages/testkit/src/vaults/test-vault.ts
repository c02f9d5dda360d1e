// A vault in memory for tests, together with its parts, so that a test can look at the store.
import {
  type CallContext,
  createVault,
  generateKey,
  type KeyProvider,
  keyRing,
  memoryStore,
  type SecretScope,
  type Vault,
  type VaultOptions,
  type VaultStore,
} from '@mcpvault/core'
import { manualClock } from '@mcpvault/core/testing'
import { testPolicy } from './principals.ts'

export interface TestVault {
  readonly vault: Vault
  readonly store: VaultStore
  readonly keys: KeyProvider
  readonly clock: ReturnType<typeof manualClock>
  /** The scope of an owner's secrets, by default as the owner. */
  scope(
    owner: string,
    as?: { readonly id: string; readonly roles?: readonly string[] | undefined },
    context?: CallContext,
  ): SecretScope
  /** A second vault, like another process on the same store. */
  other(options?: Partial<VaultOptions>): Vault
}

/** Like `testVault`, with a clock that advances at each reading, so that all events have different times. */
export function tickingVault(options: Partial<VaultOptions> = {}): TestVault {
  const clock = manualClock()
  const now = (): Date => {
    clock.advance(1)
    return clock.now()
  }
  return testVault({ ...options, clock: { ...clock, now } })
}

/** Makes a vault with a manual clock, a fresh key and a memory store, unless other parts are given. */
export function testVault(options: Partial<VaultOptions> = {}): TestVault {
  const clock = manualClock()
  const store = options.store ?? memoryStore({ clock })
  const keys = options.keys ?? keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const parts = { policy: testPolicy, clock, ...options, store, keys }
  const vault = createVault(parts)
  return {
    vault,
    store,
    keys,
    clock,
    scope: (owner, as = { id: owner }, context = {}) => vault.as(as, context).scope({ owner, server: 'github' }),
    other: (more = {}) => createVault({ ...parts, ...more }),
  }
}

/** The code that a promise rejects with, or what it resolved to. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await work }
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : error
  }
}
