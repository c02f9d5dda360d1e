// Sharing between principals: what each permission gives, and what it never gives.

import { codeOf, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { Permission, Policy } from '../../src/contracts/index.ts'
import type { SecretScope } from '../../src/vault/scope.ts'

/** Alice's token, with one grantee for each permission. */
async function sharedToken() {
  const test = tickingVault()
  const owner = test.scope('alice')
  await owner.set('token', 'one')
  for (const permission of ['read', 'write', 'admin'] as const) {
    await owner.share('token', { with: permission, permission })
  }
  return { ...test, owner, as: (id: string) => test.scope('alice', { id }) }
}

// What each of the seven operations answers for owner, read, write, admin and a stranger.
const operations: readonly [string, (scope: SecretScope) => Promise<unknown>, readonly Permission[]][] = [
  ['get', (scope) => scope.get('token'), ['read', 'write', 'admin']],
  ['describe', (scope) => scope.describe('token'), ['read', 'write', 'admin']],
  ['set', (scope) => scope.set('token', 'two'), ['write', 'admin']],
  ['delete', (scope) => scope.delete('token'), ['write', 'admin']],
  ['share', (scope) => scope.share('token', { with: 'carol', permission: 'read' }), ['admin']],
  ['unshare', (scope) => scope.unshare('token', { with: 'read' }), ['admin']],
  ['destroy', (scope) => scope.destroy('token'), ['admin']],
]

describe('permissions', () => {
  it.each(operations)('[S19][S31] hold for %s', async (_, operation, allowed) => {
    for (const permission of ['read', 'write', 'admin'] as const) {
      const { as } = await sharedToken()
      const outcome = await codeOf(operation(as(permission)))
      if (allowed.includes(permission)) expect(outcome).toMatchObject({ resolved: expect.anything() })
      else expect([permission, outcome]).toEqual([permission, 'VAULT_ACCESS_DENIED'])
    }
    const { owner } = await sharedToken()
    expect(await codeOf(operation(owner))).toMatchObject({ resolved: expect.anything() })
  })

  it.each(operations)('[T3][S29] show a stranger of %s what an absent secret shows', async (_, operation) => {
    const { as, scope } = await sharedToken()
    const there = await codeOf(operation(as('mallory')))
    const absent = await codeOf(operation(scope('nobody', { id: 'mallory' })))
    expect(there).toEqual(absent)
  })

  it('[S29] tell a stranger from an absent secret in the trail', async () => {
    const { as, vault } = await sharedToken()
    await as('mallory').get('token')
    await as('mallory').get('absent')
    const { items } = await vault.as({ id: 'root', roles: ['auditor'] }).auditLog({ principal: 'mallory' })
    expect(items.map(({ event }) => [event.name, event.outcome])).toEqual([
      ['absent', 'missing'],
      ['token', 'denied'],
    ])
  })
})

describe('share', () => {
  it('[S18][N20] grants, upgrades, downgrades and revokes, one grant for each principal', async () => {
    const { scope, clock } = testVault()
    const owner = scope('alice')
    const bob = scope('alice', { id: 'bob' })
    await owner.set('token', 'one')
    expect(await owner.share('token', { with: 'bob', permission: 'read' })).toEqual({
      principal: 'bob',
      permission: 'read',
      grantedBy: 'alice',
      grantedAt: clock.now(),
      deploymentId: undefined,
    })
    expect(await codeOf(bob.set('token', 'two'))).toBe('VAULT_ACCESS_DENIED')
    await owner.share('token', { with: 'bob', permission: 'write' })
    expect(await bob.set('token', 'two')).toMatchObject({ version: 2 })
    expect(await owner.grants('token')).toHaveLength(1)
    await owner.share('token', { with: 'bob', permission: 'read' })
    expect(await codeOf(bob.set('token', 'three'))).toBe('VAULT_ACCESS_DENIED')
    expect(await owner.unshare('token', { with: 'bob' })).toBe(true)
    expect(await owner.unshare('token', { with: 'bob' })).toBe(false)
    expect(await bob.get('token')).toBeUndefined()
    expect(await owner.grants('token')).toEqual([])
  })

  it('[S18] records who granted', async () => {
    const { as, owner } = await sharedToken()
    await as('admin').share('token', { with: 'carol', permission: 'admin' })
    const carol = (await owner.grants('token'))?.find(({ principal }) => principal === 'carol')
    expect(carol).toMatchObject({ permission: 'admin', grantedBy: 'admin' })
  })

  it('[T37] records giving more than one has under a name of its own', async () => {
    const { as, vault } = await sharedToken()
    await codeOf(as('read').share('token', { with: 'carol', permission: 'admin' }))
    await codeOf(as('write').share('token', { with: 'carol', permission: 'read' }))
    const { items } = await vault.as({ id: 'root', roles: ['auditor'] }).auditLog({ outcomes: ['denied'] })
    expect(items.map(({ event }) => [event.principal, event.action, event.grantee])).toEqual([
      ['write', 'secret.shared', 'carol'],
      ['read', 'access.escalation', 'carol'],
    ])
  })

  it('needs no grant for the owner, and takes no more than the vault allows', async () => {
    const owner = testVault({ limits: { grants: 2 } }).scope('alice')
    await owner.set('token', 'one')
    expect(await codeOf(owner.share('token', { with: 'alice', permission: 'read' }))).toBe('VAULT_VALUE_INVALID')
    await owner.share('token', { with: 'b', permission: 'read' })
    await owner.share('token', { with: 'a', permission: 'read' })
    await owner.share('token', { with: 'a', permission: 'write' })
    expect(await codeOf(owner.share('token', { with: 'c', permission: 'read' }))).toBe('VAULT_VALUE_INVALID')
    expect((await owner.grants('token'))?.map(({ principal }) => principal)).toEqual(['a', 'b'])
  })

  it('[S36] holds a grant to its deployment', async () => {
    const { scope } = testVault()
    await scope('alice').set('token', 'one')
    await scope('alice').share('token', { with: 'ci', permission: 'read', deploymentId: 'prod' })
    expect((await scope('alice', { id: 'ci' }, { deploymentId: 'prod' }).get('token'))?.reveal()).toBe('one')
    expect(await scope('alice', { id: 'ci' }, { deploymentId: 'test' }).get('token')).toBeUndefined()
    expect(await scope('alice', { id: 'ci' }).get('token')).toBeUndefined()
  })

  it('gives no way to change the tags that roles look at', async () => {
    const { as } = await sharedToken()
    expect(await codeOf(as('write').update('token', { tags: ['public'] }))).toBe('VAULT_ACCESS_DENIED')
    expect(await codeOf(as('write').set('token', 'two', { tier: 3 }))).toBe('VAULT_ACCESS_DENIED')
    expect(await as('write').update('token', { description: 'mine now' })).toMatchObject({ description: 'mine now' })
    expect(await as('admin').update('token', { tags: ['public'] })).toMatchObject({ tags: ['public'] })
  })
})

describe('roles', () => {
  it('give access to the secrets of others, and no way to share them', async () => {
    const { scope } = testVault()
    await scope('alice').set('token', 'one')
    const reader = scope('alice', { id: 'rita', roles: ['reader'] })
    const writer = scope('alice', { id: 'will', roles: ['writer'] })
    expect((await reader.get('token'))?.reveal()).toBe('one')
    expect(await codeOf(reader.set('token', 'two'))).toBe('VAULT_ACCESS_DENIED')
    expect(await writer.set('token', 'two')).toMatchObject({ version: 2 })
    expect(await writer.set('new', 'three')).toMatchObject({ owner: 'alice', version: 1 })
    expect(await codeOf(writer.share('token', { with: 'carol', permission: 'read' }))).toBe('VAULT_ACCESS_DENIED')
  })

  it('are narrowed by the authorize hook, never widened', async () => {
    const asked: unknown[] = []
    const { scope } = testVault({
      authorize(request) {
        asked.push(request)
        return request.operation !== 'get'
      },
    })
    await scope('alice').set('token', 'one', { tags: ['x'] })
    expect(await codeOf(scope('alice').get('token'))).toBe('VAULT_ACCESS_DENIED')
    expect(await scope('alice', { id: 'mallory' }).describe('token')).toBeUndefined()
    expect(asked).toMatchObject([
      {
        operation: 'create',
        principal: { id: 'alice' },
        secret: { owner: 'alice', server: 'github', name: 'token', tags: ['x'] },
      },
      { operation: 'get' },
    ])
    expect(Object.isFrozen(asked[0])).toBe(true)
    expect(Object.keys(Object(asked[0]).secret).sort()).toEqual(['name', 'owner', 'server', 'tags', 'tier', 'type'])
  })

  it('show the secret to a hook that can change nothing of it', async () => {
    const { scope } = testVault({
      authorize({ secret }) {
        if (secret !== undefined && secret.tags.length > 0) Reflect.apply(Array.prototype.push, secret.tags, ['public'])
        return true
      },
    })
    await scope('alice').set('token', 'one')
    expect(await scope('alice').update('token', { tags: ['x'] })).toMatchObject({ tags: ['x'] })
    expect(await codeOf(scope('alice').get('token'))).toBe('VAULT_ACCESS_DENIED')
  })
})

describe('tiers', () => {
  it('[T7][T8][T9] are kept, listed by, and may ask for a reason', async () => {
    const { scope } = testVault({ tiers: { 1: { reasonRequired: true } } })
    const github = scope('alice')
    for (const tier of [1, 2, 3] as const) await github.set(`tier-${tier}`, 'x', { tier })
    for (const tier of [1, 2, 3] as const) {
      expect((await github.list({ tier })).items.map(({ name }) => name)).toEqual([`tier-${tier}`])
    }
    await expect(github.get('tier-1')).rejects.toMatchObject({ code: 'VAULT_ACCESS_DENIED', field: 'reason' })
    expect((await github.get('tier-2'))?.reveal()).toBe('x')
    expect((await scope('alice', { id: 'alice' }, { reason: 'rotation' }).get('tier-1'))?.reveal()).toBe('x')
  })
})

describe('may', () => {
  it('tells what roles allow on the whole vault, and leaves no event', async () => {
    const policy: Policy = { roles: { auditor: [{ allow: ['audit'] }], operator: [{ allow: ['operate'] }] } }
    const { vault } = testVault({ policy })
    const answers = [[], ['auditor'], ['operator']].map((roles) => {
      const session = vault.as({ id: 'olga', roles })
      return [session.may('audit'), session.may('operate')]
    })
    expect(answers).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ])
    expect((await vault.as({ id: 'olga' }).auditLog()).items).toEqual([])
  })
})
