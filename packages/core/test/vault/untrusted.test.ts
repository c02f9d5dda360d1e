// Records that cannot be believed: who gets the error, and to whom they look absent.

import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { StoredSecret } from '../../src/contracts/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { failingProvider } from '../../src/testing/index.ts'

const ref = { owner: 'alice', server: 'github', name: 'token' }

/** Alice's token, given to bob to read, behind a key provider that can be made to fail. */
async function sharedToken() {
  const keys = failingProvider(keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }))
  const test = testVault({ keys })
  await test.scope('alice').set('token', 'x')
  await test.scope('alice').share('token', { with: 'bob', permission: 'read' })
  const change = async (changed: Partial<StoredSecret>) => {
    const record = await test.store.secrets.find(ref, 'all')
    if (record === undefined) throw new Error('the record is not there')
    await test.store.secrets.put(
      { ...record, ...changed, revision: record.revision + 1 },
      { ifRevision: record.revision },
    )
  }
  return { ...test, keys, change, as: (id: string) => test.scope('alice', { id }) }
}

describe('a record with a broken seal', () => {
  it('is an error for those who would know of it, and absent for all others', async () => {
    const { as, change } = await sharedToken()
    await change({ tier: 3 })
    expect(await codeOf(as('alice').get('token'))).toBe('VAULT_OPEN_FAILED')
    expect(await codeOf(as('bob').get('token'))).toBe('VAULT_OPEN_FAILED')
    expect(await codeOf(as('alice').set('token', 'y'))).toBe('VAULT_OPEN_FAILED')
    expect(await codeOf(as('mallory').get('token'))).toEqual({ resolved: undefined })
    expect(await codeOf(as('mallory').set('token', 'y'))).toBe('VAULT_ACCESS_DENIED')
    expect([...(await as('mallory').getAll()).values.keys()]).toEqual([])
  })

  it('can be destroyed by its owner alone, who can then use the name again', async () => {
    const { as, change } = await sharedToken()
    await as('alice').share('token', { with: 'admin', permission: 'admin' })
    await change({ tier: 3 })
    expect(await codeOf(as('admin').destroy('token'))).toBe('VAULT_OPEN_FAILED')
    expect(await codeOf(as('mallory').destroy('token'))).toEqual({ resolved: false })
    expect(await as('alice').destroy('token')).toBe(true)
    expect(await as('alice').set('token', 'new')).toMatchObject({ version: 1 })
  })

  it('is counted by a sweep, and not touched', async () => {
    const { scope, vault, clock, change } = await sharedToken()
    await scope('alice').set('old', 'x', { expiresAt: new Date(clock.now().getTime() + 1) })
    await change({ expiresAt: clock.now() })
    clock.advance(1)
    expect(await vault.operator(operatorPrincipal).sweep()).toEqual({ deactivated: 1, failed: 1 })
  })

  it('is not believed when it names a permission that was never given', async () => {
    const { as, change } = await sharedToken()
    const grant = { principal: 'mallory', permission: 'admin', grantedBy: 'alice', grantedAt: new Date(0) } as const
    await change({ grants: [grant] })
    expect(await codeOf(as('mallory').get('token'))).toBe('VAULT_OPEN_FAILED')
    expect((await as('mallory').list()).items).toEqual([])
  })
})

describe('a record whose key cannot be had', () => {
  it('is an error for those who would know of it, and absent for all others', async () => {
    const { as, keys, clock, scope } = await sharedToken()
    clock.advance(3_600_000)
    keys.failWith('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(as('bob').get('token'))).toBe('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(as('mallory').get('token'))).toEqual({ resolved: undefined })
    expect(await codeOf(as('alice').list())).toBe('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(as('mallory').list())).toEqual({ resolved: { items: [], cursor: undefined } })
    expect(await codeOf(scope('nobody', { id: 'mallory' }).get('token'))).toEqual({ resolved: undefined })
  })

  it('is listed as untrusted when its key is gone, and hides nothing else', async () => {
    const { scope, store, other } = await sharedToken()
    await other().as({ id: 'alice' }).scope({ server: 'figma' }).set('kept', 'x')
    const row = await store.dataKeys.active({ kind: 'values', owner: 'alice', server: 'github' })
    if (row === undefined) throw new Error('the key is not there')
    await store.dataKeys.remove(row.id, row.scope)
    const { items } = await other().as({ id: 'alice' }).listAll()
    expect(items.map(({ name, state }) => [name, state]).sort()).toEqual([
      ['kept', 'active'],
      ['token', 'untrusted'],
    ])
    expect(await codeOf(other().as({ id: 'alice' }).scope({ server: 'github' }).get('token'))).toBe('VAULT_KEY_UNKNOWN')
    expect(await scope('alice').get('absent')).toBeUndefined()
  })
})

describe('getAll of a large scope', () => {
  it('says so to those who may read there, and to no one else', async () => {
    const { scope } = testVault({ limits: { getAll: 2 } })
    for (const name of ['a', 'b', 'c']) await scope('alice').set(name, 'x')
    expect(await codeOf(scope('alice').getAll())).toBe('VAULT_NOT_SUPPORTED')
    expect(await codeOf(scope('alice', { id: 'mallory' }).getAll())).toEqual({
      resolved: { values: new Map(), errors: new Map() },
    })
  })
})
