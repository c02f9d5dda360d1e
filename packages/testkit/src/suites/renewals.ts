// Many callers of two processes that find a credential stale: the store's locks and compare-and-swap let one renew it.
import { type RenewFunction, VaultError } from '@mcpvault/core'
import { describe, expect, test } from 'vitest'
import { onStore } from './on-store.ts'
import type { StoreSetting } from './store-setting.ts'

const expiries = 5
const callers = 16

export function renewalSuite(setting: StoreSetting): void {
  describe('a stale credential', () => {
    test('is renewed once each time, and all callers of two processes get the same', () =>
      onStore(setting, async ({ vault, reopen }) => {
        const vaults = [vault(), vault({ store: await reopen() })]
        const [first, second] = vaults.map((each) => each.as({ id: 'alice' }).scope({ server: 'crm' }))
        if (first === undefined || second === undefined) throw new Error('There are two vaults.')
        const issuer = oneTimeIssuer()
        const { version } = await first.set('tokens', { refresh: issuer.state.valid })
        for (let expiry = 1; expiry <= expiries; expiry++) {
          const freshUntil = new Date(Date.now() - 1_000)
          await first.update('tokens', { freshUntil })
          const values = await Promise.all(
            Array.from({ length: callers }, (_, caller) =>
              (caller % 2 === 0 ? first : second).renew('tokens', issuer.refresh, { waitMs: 60_000 }),
            ),
          )
          expect(new Set(values.map((value) => value?.version))).toEqual(new Set([version + expiry]))
          expect(new Set(values.map((value) => value?.fields()['refresh']))).toEqual(new Set([issuer.state.valid]))
        }
        expect(issuer.state).toMatchObject({ asked: expiries, reused: 0 })
        expect((await second.describe('tokens'))?.needsSignIn).toBe(false)
      }))
  })
}

/** An issuer whose refresh tokens work once. */
function oneTimeIssuer() {
  const state = { asked: 0, reused: 0, valid: 'r0' }
  const refresh: RenewFunction = async (value) => {
    const isValid = value.fields()['refresh'] === state.valid
    state.asked += 1
    if (!isValid) {
      state.reused += 1
      throw new VaultError('VAULT_SIGN_IN_REQUIRED')
    }
    state.valid = `r${state.asked}`
    return { value: { refresh: state.valid }, freshUntil: new Date(Date.now() + 3_600_000) }
  }
  return { state, refresh }
}
