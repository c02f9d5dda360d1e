// A name that another process destroys and uses again: a late write for the old secret never touches the new one.

import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { SecretStore, VaultStore } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import type { SecretScope } from '../../src/vault/scope.ts'

/** A vault of one process, whose first write or removal is overtaken by another process. */
async function overtaken(parts: {
  readonly plain: VaultStore
  readonly intercept: (secrets: SecretStore, meanwhile: () => Promise<unknown>) => Partial<SecretStore>
  readonly meanwhile: (there: SecretScope) => Promise<unknown>
}) {
  const { plain, intercept, meanwhile } = parts
  const { scope, other } = testVault({ store: plain })
  const there = scope('alice')
  await there.set('token', 'old')
  await there.share('token', { with: 'bob', permission: 'read' })
  let isFirst = true
  const once = async (): Promise<boolean> => {
    const now = isFirst
    isFirst = false
    if (now) await meanwhile(there)
    return now
  }
  const store = { ...plain, secrets: { ...plain.secrets, ...intercept(plain.secrets, once) } }
  const open = (id: string, from: VaultStore) =>
    other({ store: from }).as({ id }).scope({ owner: 'alice', server: 'github' })
  return { here: open('alice', store), fresh: open('alice', plain), bob: open('bob', plain) }
}

const createAgain = async (there: SecretScope): Promise<void> => {
  await there.destroy('token')
  await there.set('token', 'again')
  await there.update('token', { tags: ['again'] })
}

describe('a name that another process destroys and uses again', () => {
  it.each<[string, (scope: SecretScope) => Promise<unknown>]>([
    ['a change of settings', (scope) => scope.update('token', { description: 'late' })],
    ['a new value', (scope) => scope.set('token', 'late', { ifVersion: 1 })],
    ['a permission', (scope) => scope.share('token', { with: 'carol', permission: 'read' })],
  ])('[N6][S44] is kept from %s that was planned before', async (_, write) => {
    const intercept = (secrets: SecretStore, meanwhile: () => Promise<unknown>): Partial<SecretStore> => ({
      async put(record, options) {
        await meanwhile()
        return secrets.put(record, options)
      },
    })
    const { here, fresh, bob } = await overtaken({ plain: memoryStore(), intercept, meanwhile: createAgain })
    await write(here)
    const history = await fresh.history('token')
    expect((await fresh.get('token', { version: 1 }))?.reveal()).toBe('again')
    expect(history?.map(({ version }) => version)).toEqual(
      (await fresh.describe('token'))?.version === 2 ? [2, 1] : [1],
    )
    expect(await bob.get('token')).toBeUndefined()
  })

  it.each([true, false])(
    '[N6][S44] is kept from a removal that is tried again, transactions %s',
    async (transactions) => {
      const store = memoryStore()
      const plain = { ...store, supports: { ...store.supports, transactions } }
      const intercept = (secrets: SecretStore, meanwhile: () => Promise<unknown>): Partial<SecretStore> => ({
        async remove(ref, options) {
          const removed = await secrets.remove(ref, options)
          if ((await meanwhile()) === true) throw new VaultError('VAULT_STORE_FAILED')
          return removed
        },
      })
      const again = async (there: SecretScope): Promise<void> => {
        await there.set('token', 'again')
        await there.update('token', { tags: ['again'] })
      }
      const { here, fresh } = await overtaken({ plain, intercept, meanwhile: again })
      expect(await codeOf(here.destroy('token', { ifVersion: 1 }))).toEqual({ resolved: expect.any(Boolean) })
      expect((await fresh.get('token'))?.reveal()).toBe('again')
    },
  )
})
