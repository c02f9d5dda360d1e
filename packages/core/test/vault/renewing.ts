// An issuer whose refresh tokens work once, and vaults with a credential of it.
import { type TestVault, testVault } from '@mcpvault/testkit/vaults'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { systemClock } from '../../src/time/index.ts'
import type { VaultOptions } from '../../src/vault/options.ts'
import type { RenewFunction } from '../../src/vault/secrets/renew.ts'

/** Rotates refresh tokens and counts what was used twice. What it gives works for `lifeMs` (default an hour). */
export function issuer({
  clock = systemClock,
  lifeMs = 3_600_000,
}: {
  readonly clock?: typeof systemClock
  readonly lifeMs?: number
} = {}) {
  let count = 0
  const state = { asked: 0, reused: 0, valid: 'r0' }
  const refresh: RenewFunction = async (value) => {
    state.asked += 1
    const { refresh: token } = value.fields()
    await new Promise((resolve) => setImmediate(resolve))
    if (token !== state.valid) {
      state.reused += 1
      throw new VaultError('VAULT_SIGN_IN_REQUIRED')
    }
    count += 1
    state.valid = `r${count}`
    const freshUntil = new Date(clock.now().getTime() + lifeMs)
    return { value: { access: `a${count}`, refresh: state.valid }, freshUntil }
  }
  return { state, refresh }
}

/** A vault on the clock of the machine, with a credential of which nobody has said how long it works. */
export async function staleVault(options: Partial<VaultOptions> = {}): Promise<TestVault> {
  const test = testVault({ store: memoryStore(), clock: systemClock, ...options })
  await test.scope('alice').set('oauth', { access: 'a0', refresh: 'r0' })
  return test
}

export const oauthRef = { owner: 'alice', server: 'github', name: 'oauth' }
