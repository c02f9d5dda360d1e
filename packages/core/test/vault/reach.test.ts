// What a right in one deployment, or under conditions, never changes: nobody gives or takes away more than they have.

import { codeOf, testPolicy, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { Policy } from '../../src/contracts/index.ts'
import type { SecretScope } from '../../src/vault/scope.ts'

const policy: Policy = {
  roles: {
    ...testPolicy.roles,
    admin: [{ allow: ['admin'] }],
    'admin-of-scope': [{ allow: ['admin'], owner: 'alice', server: 'git*', name: 'tok*' }],
    'admin-of-ci': [{ allow: ['admin'], tags: ['ci'] }],
    'admin-but-prod': [{ allow: ['admin'], withoutTags: ['prod'] }],
    'admin-of-type': [{ allow: ['admin'], types: ['custom'] }],
    'admin-of-tier': [{ allow: ['admin'], tiers: [2] }],
  },
}

/** Alice's token with grants of every reach, and the scope as the holder of a right sees it. */
async function sharedToken(holder: Holder) {
  const test = tickingVault({ policy })
  const owner = test.scope('alice')
  await owner.set('token', 'one', { tags: ['ci'] })
  await owner.share('token', { with: 'prod-reader', permission: 'read', deploymentId: 'prod' })
  await owner.share('token', { with: 'test-reader', permission: 'read', deploymentId: 'test' })
  await owner.share('token', { with: 'reader', permission: 'read' })
  const { grant, roles = [] } = holder
  if (grant !== undefined) await owner.share('token', { with: 'hal', permission: 'admin', ...grant })
  return { ...test, owner, held: test.scope('alice', { id: 'hal', roles }, { deploymentId: 'prod' }) }
}

interface Holder {
  readonly grant?: { readonly deploymentId?: string }
  readonly roles?: readonly string[]
}

type Act = (scope: SecretScope) => Promise<unknown>

const read = { permission: 'read' } as const
const inProd = { deploymentId: 'prod' } as const

/** What stays in the deployment. */
const inDeployment: readonly [string, Act][] = [
  ['gives a grant there', (scope) => scope.share('token', { with: 'carol', ...read, ...inProd })],
  ['raises one there', (scope) => scope.share('token', { with: 'prod-reader', permission: 'admin', ...inProd })],
  ['takes one away there', (scope) => scope.unshare('token', { with: 'prod-reader' })],
]

/** What reaches further. */
const beyond: readonly [string, Act][] = [
  ['gives a grant for everywhere', (scope) => scope.share('token', { with: 'carol', ...read })],
  [
    'gives one in another deployment',
    (scope) => scope.share('token', { with: 'carol', ...read, deploymentId: 'test' }),
  ],
  ['widens its own right', (scope) => scope.share('token', { with: 'hal', permission: 'admin' })],
  ['widens the right of another', (scope) => scope.share('token', { with: 'prod-reader', ...read })],
  ['narrows a grant for everywhere', (scope) => scope.share('token', { with: 'reader', ...read, ...inProd })],
  ['moves one from elsewhere', (scope) => scope.share('token', { with: 'test-reader', ...read, ...inProd })],
  ['takes away a grant for everywhere', (scope) => scope.unshare('token', { with: 'reader' })],
  ['takes away one from elsewhere', (scope) => scope.unshare('token', { with: 'test-reader' })],
  ['changes tags', (scope) => scope.update('token', { tags: ['ci', 'public'] })],
  ['changes the tier', (scope) => scope.update('token', { tier: 3 })],
  ['changes the type', (scope) => scope.update('token', { type: 'api_key' })],
  ['changes tags with a value', (scope) => scope.set('token', 'two', { tags: ['ci', 'public'] })],
  ['destroys', (scope) => scope.destroy('token')],
]

const wide: readonly [string, Holder][] = [
  ['a grant', { grant: {} }],
  ['a role', { roles: ['admin'] }],
  ['a role over names, which never change', { roles: ['admin-of-scope'] }],
  ['a role, beside a narrow grant', { roles: ['admin'], grant: inProd }],
]

const conditional: readonly [string, Holder][] = [
  ['tags', { roles: ['admin-of-ci'] }],
  ['tags that are absent', { roles: ['admin-but-prod'] }],
  ['types', { roles: ['admin-of-type'] }],
  ['tiers', { roles: ['admin-of-tier'] }],
  ['several conditions', { roles: ['admin-of-ci', 'admin-of-type', 'writer'] }],
]

const narrow: readonly [string, Holder][] = [['one deployment', { grant: inProd }]]

interface Limit {
  readonly name: string
  readonly holders: readonly [string, Holder][]
  readonly allowed: readonly [string, Act][]
  readonly refused: readonly [string, Act][]
}

const limits: readonly Limit[] = [
  { name: 'a deployment', holders: narrow, allowed: inDeployment, refused: beyond },
  { name: 'conditions', holders: conditional, allowed: [], refused: [...inDeployment, ...beyond] },
  { name: 'no limit', holders: wide, allowed: [...inDeployment, ...beyond], refused: [] },
]

describe.each(limits)('the permission admin with $name', ({ holders, allowed, refused }) => {
  it.each(allowed.length > 0 ? holders : [])('[S19][S36] allows what stays within: %s', async (_name, holder) => {
    for (const [what, act] of allowed) {
      const { held } = await sharedToken(holder)
      expect([what, await codeOf(act(held))]).toEqual([what, { resolved: expect.anything() }])
    }
  })

  it.each(refused.length > 0 ? holders : [])(
    '[S19][S36][T37] refuses what reaches further, an escalation: %s',
    async (_name, holder) => {
      for (const [what, act] of refused) {
        const { held, owner, vault } = await sharedToken(holder)
        const before = [await owner.describe('token'), await owner.grants('token')]
        expect([what, await codeOf(act(held))]).toEqual([what, 'VAULT_ACCESS_DENIED'])
        expect([await owner.describe('token'), await owner.grants('token')]).toEqual(before)
        const { items } = await vault.as({ id: 'root', roles: ['auditor'] }).auditLog({ principal: 'hal' })
        expect(items.map(({ event }) => [what, event.action, event.outcome])).toEqual([
          [what, 'access.escalation', 'denied'],
        ])
      }
    },
  )

  it.each(holders)('reads, writes, deletes and lists grants: %s', async (_name, holder) => {
    const { held } = await sharedToken(holder)
    expect((await held.get('token'))?.reveal()).toBe('one')
    expect(await held.set('token', 'two')).toMatchObject({ version: 2 })
    expect(await held.update('token', { description: 'still mine' })).toMatchObject({ description: 'still mine' })
    expect((await held.grants('token'))?.length).toBeGreaterThanOrEqual(3)
    expect(await held.delete('token')).toBe(true)
    expect(await held.undelete('token')).toBe(true)
  })
})

describe('the permission write', () => {
  it('[T37] changes no tags, and the attempt is an escalation; a refusal by the hook is none', async () => {
    const test = tickingVault({ policy, authorize: ({ operation }) => operation !== 'reclassify' })
    await test.scope('alice').set('token', 'one')
    await test.scope('alice').share('token', { with: 'bob', permission: 'write' })
    const bob = test.scope('alice', { id: 'bob' })
    expect(await codeOf(bob.update('token', { tags: ['public'] }))).toBe('VAULT_ACCESS_DENIED')
    expect(await codeOf(test.scope('alice').update('token', { tags: ['public'] }))).toBe('VAULT_ACCESS_DENIED')
    const { items } = await test.vault.as({ id: 'root', roles: ['auditor'] }).auditLog({ outcomes: ['denied'] })
    expect(items.map(({ event }) => [event.principal, event.action])).toEqual([
      ['alice', 'secret.updated'],
      ['bob', 'access.escalation'],
    ])
  })
})
