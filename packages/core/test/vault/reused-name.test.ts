// A name that is set again after its deletion: whose the old versions are, and which grants stay.

import { codeOf, testPolicy, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { decodeManaged } from '../../src/index.ts'

const policy = { roles: { ...testPolicy.roles, 'admin-of-ci': [{ allow: ['admin'], tags: ['ci'] }] } } as const

/** Alice's token of two versions, which was shared with everyone here and then deleted. */
async function deletedToken() {
  const test = tickingVault({ policy })
  const owner = test.scope('alice')
  await owner.set('token', { a: 'old 1' }, { tags: ['ci'] })
  await owner.set('token', { a: 'old 2' })
  await owner.share('token', { with: 'reader', permission: 'read' })
  await owner.share('token', { with: 'writer', permission: 'write' })
  await owner.share('token', { with: 'admin', permission: 'admin' })
  await owner.share('token', { with: 'prod-admin', permission: 'admin', deploymentId: 'prod' })
  await owner.delete('token')
  const as = (id: string, roles: readonly string[] = []) => test.scope('alice', { id, roles }, { deploymentId: 'prod' })
  const stored = () => test.store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'all')
  return { ...test, owner, as, stored }
}

describe('versions from before a deletion', () => {
  it.each(['alice', 'admin'])("[S19] are the owner's alone when the name is set again by %s", async (setter) => {
    const { owner, as } = await deletedToken()
    expect(await as(setter).set('token', { a: 'new' }, { ifVersion: 0 })).toMatchObject({ version: 3 })
    expect(await owner.grants('token')).toEqual([])
    await owner.share('token', { with: 'bob', permission: 'admin' })
    for (const scope of [as('bob'), as('rita', ['reader']), as('will', ['writer'])]) {
      expect((await scope.get('token'))?.reveal()).toContain('new')
      expect((await scope.get('token', { version: 3 }))?.reveal()).toContain('new')
      expect((await scope.history('token'))?.map(({ version }) => version)).toEqual([3])
      for (const version of [1, 2, 9]) expect(await scope.get('token', { version })).toBeUndefined()
      for (const version of [1, 2, 9]) expect(await scope.use('token', () => 1, { version })).toBeUndefined()
    }
    for (const version of [1, 2, 9]) expect(await as('bob').restore('token', version)).toBeUndefined()
    expect(await as('bob').restore('token', 3)).toMatchObject({ version: 4 })
    expect((await owner.history('token'))?.map(({ version }) => version)).toEqual([4, 3, 2, 1])
    expect((await owner.get('token', { version: 1 }))?.reveal()).toContain('old 1')
    expect(await owner.restore('token', 1)).toMatchObject({ version: 5 })
    expect((await as('bob').get('token'))?.reveal()).toContain('old 1')
  })

  it('look in the log of a grantee as versions that are not kept', async () => {
    const { owner, as, vault } = await deletedToken()
    await owner.set('token', 'new')
    await owner.share('token', { with: 'bob', permission: 'read' })
    const bob = as('bob')
    for (const version of [1, 9]) await bob.get('token', { version })
    const { items } = await vault.as({ id: 'bob' }).auditLog()
    const [absent, old] = items.map(({ event: { durationMs: _, version: __, ...event } }) => event)
    expect(old).toEqual(absent)
  })

  it('are counted from the last deletion, after any number of them', async () => {
    const { owner, as, stored } = await deletedToken()
    for (const value of ['third', 'fourth']) {
      await owner.set('token', value)
      await owner.delete('token')
    }
    await owner.set('token', 'fifth')
    await owner.share('token', { with: 'bob', permission: 'read' })
    expect((await as('bob').history('token'))?.map(({ version }) => version)).toEqual([5])
    expect(Buffer.from((await stored())?.managed ?? []).toString('hex')).toBe(
      '01010d66697273742d76657273696f6e000400000005',
    )
  })

  it('are shut by the record seal, and beside what else is managed', async () => {
    const { owner, as, store, stored } = await deletedToken()
    await owner.set('token', 'new')
    await owner.share('token', { with: 'bob', permission: 'read' })
    const record = await stored()
    if (record === undefined) throw new Error('the record is not there')
    expect([...decodeManaged(record.managed).keys()]).toEqual(['first-version'])
    const opened = { ...record, managed: new Uint8Array(), revision: record.revision + 1 }
    await store.secrets.put(opened, { ifRevision: record.revision })
    expect(await codeOf(as('bob').get('token', { version: 1 }))).toBe('VAULT_OPEN_FAILED')
  })

  it('are those of the secret when it was undeleted', async () => {
    const { owner, as } = await deletedToken()
    await owner.undelete('token')
    expect((await as('reader').get('token', { version: 1 }))?.reveal()).toContain('old 1')
  })
})

describe('a name that is set again by someone who may not take away every grant', () => {
  it.each([
    ['writer', []],
    ['prod-admin', []],
    ['will', ['writer']],
    ['carl', ['admin-of-ci']],
  ] as const)('[S18] keeps grants and history: %s', async (id, roles) => {
    const { owner, as } = await deletedToken()
    expect(await as(id, roles).set('token', 'new')).toMatchObject({ version: 3, state: 'active' })
    expect((await owner.grants('token'))?.map(({ principal }) => principal)).toEqual([
      'admin',
      'prod-admin',
      'reader',
      'writer',
    ])
    expect((await as('reader').history('token'))?.map(({ version }) => version)).toEqual([3, 2, 1])
  })

  it('keeps them also when the authorize hook refuses unshare', async () => {
    const test = tickingVault({ authorize: ({ operation }) => operation !== 'unshare' })
    const owner = test.scope('alice')
    await owner.set('token', 'old')
    await owner.share('token', { with: 'bob', permission: 'read' })
    await owner.delete('token')
    await owner.set('token', 'new')
    expect((await test.scope('alice', { id: 'bob' }).get('token'))?.reveal()).toBe('new')
  })
})
