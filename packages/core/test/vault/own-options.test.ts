// Options and names that nobody gave: properties of a prototype, and the names that the vault uses itself.

import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { createVault } from '../../src/create-vault.ts'
import { generateKey, keyFromEnv, keyFromPassphrase, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

/** What `work` gives while every object of the process has one more property. */
async function polluted(property: string, value: unknown, work: () => unknown): Promise<unknown> {
  Object.defineProperty(Object.prototype, property, { value, configurable: true, enumerable: false, writable: true })
  try {
    return await codeOf((async () => work())())
  } finally {
    Reflect.deleteProperty(Object.prototype, property)
  }
}

/** A vault with a secret of alice's that bob may read in the deployment `prod`. */
async function sharedInProd() {
  const test = testVault({ tiers: { 1: { reasonRequired: true } } })
  await test.scope('alice').set('token', 'one')
  await test.scope('alice').set('token', 'two')
  await test.scope('alice').set('off', 'of alice', { tier: 1 })
  await test.scope('alice').deactivate('off')
  await test.scope('alice').share('token', { with: 'bob', permission: 'read', deploymentId: 'prod' })
  return test
}

type Test = Awaited<ReturnType<typeof sharedInProd>>

const denied = 'VAULT_ACCESS_DENIED'
const plainKeys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

// A property, its value, what is called meanwhile, and what must come of it.
const properties: readonly [string, unknown, (test: Test) => unknown, unknown][] = [
  ['roles', ['operator'], ({ vault }) => vault.operator({ id: 'mallory' }).census(), denied],
  ['roles', ['reader'], ({ scope }) => scope('alice', { id: 'mallory' }).get('token'), { resolved: undefined }],
  ['id', 'alice', ({ vault }) => vault.as(JSON.parse('{}')), expect.any(TypeError)],
  ['deploymentId', 'prod', ({ scope }) => scope('alice', { id: 'bob' }).get('token'), { resolved: undefined }],
  ['owner', 'alice', ({ vault }) => vault.as({ id: 'bob' }).scope({ server: 'x' }).owner, { resolved: 'bob' }],
  ['owner', 'mallory', async ({ vault }) => (await vault.as({ id: 'mallory' }).auditLog()).items, { resolved: [] }],
  ['state', 'any', async ({ scope }) => (await scope('alice').list()).items.length, { resolved: 1 }],
  ['version', 1, async ({ scope }) => (await scope('alice').get('token', {}))?.reveal(), { resolved: 'two' }],
  ['ifRevision', 7, async ({ scope }) => (await scope('alice').set('token', 'x', {})).version, { resolved: 3 }],
  ['ifVersion', 7, async ({ scope }) => (await scope('alice').set('token', 'x', {})).version, { resolved: 3 }],
  ['tier', 3, async ({ scope }) => (await scope('alice').set('new', 'x', {})).tier, { resolved: 2 }],
  [
    'permission',
    'admin',
    ({ scope }) => scope('alice').share('token', JSON.parse('{"with":"bob"}')),
    expect.any(TypeError),
  ],
  [
    'reason',
    'deploy',
    async ({ scope }) => {
      await scope('alice').activate('off')
      return scope('alice').get('off')
    },
    denied,
  ],
  [
    'policy',
    { roles: { root: [{ allow: ['operate'] }] } },
    ({ store, keys }) =>
      createVault({ store, keys })
        .operator({ id: 'x', roles: ['root'] })
        .census(),
    denied,
  ],
  [
    'mode',
    'dangerously-off',
    async ({ other }) => (await other({ audit: {} }).as(operatorPrincipal).auditLog({ limit: 1 })).items.length,
    { resolved: 1 },
  ],
  [
    'allow',
    ['operate'],
    ({ other }) => other({ policy: { roles: { a: [JSON.parse('{}')] } } }),
    'VAULT_CONFIG_INVALID',
  ],
  ['MCPVAULT_KEY', generateKey(), () => keyFromEnv({ env: {} }), 'VAULT_NO_KEY'],
  ['allowInsecureKey', true, () => keyFromEnv({ env: { MCPVAULT_KEY: 'secret' } }), 'VAULT_CONFIG_INVALID'],
  [
    'salt',
    'x'.repeat(43),
    () => keyFromPassphrase(JSON.parse('{"passphrase":"a long and good one"}')),
    expect.any(TypeError),
  ],
  ['current', 'main#1', () => keyRing(JSON.parse('{"keys":{}}')), expect.any(TypeError)],
  ['supports', { transactions: false }, () => memoryStore({}).supports.transactions, { resolved: true }],
  ['keys', plainKeys, () => createVault(JSON.parse('{}')), 'VAULT_NO_KEY'],
]

describe('a property of every object', () => {
  it.each(properties)('[N19][T3] such as %s is no option', async (property, value, work, expected) => {
    const test = await sharedInProd()
    expect(await polluted(property, value, () => work(test))).toEqual(expected)
  })

  it('of the name __proto__ in options from JSON is an unknown option', () => {
    const principal = JSON.parse('{"id":"mallory","__proto__":{"roles":["operator"]}}')
    expect(() => testVault().vault.as(principal)).toThrowError(expect.objectContaining({ code: 'VAULT_VALUE_INVALID' }))
  })
})

describe('the names of the vault itself', () => {
  const names = ['mcpvault', 'erased-0123456789abcdef']

  it.each(names)('[S38] are no login, owner or grantee: %s', async (name) => {
    const { vault, scope } = testVault()
    const refused = expect.objectContaining({ code: 'VAULT_REF_INVALID' })
    expect(() => vault.as({ id: name })).toThrowError(refused)
    expect(() => vault.operator({ ...operatorPrincipal, id: name })).toThrowError(refused)
    expect(() => vault.as({ id: 'alice' }).scope({ owner: name })).toThrowError(refused)
    await scope('alice').set('token', 'one')
    expect(await codeOf(scope('alice').share('token', { with: name, permission: 'read' }))).toBe('VAULT_REF_INVALID')
    expect(await codeOf(scope('alice').unshare('token', { with: name }))).toBe('VAULT_REF_INVALID')
    expect(await codeOf(vault.operator(operatorPrincipal).eraseOwner(name))).toBe('VAULT_REF_INVALID')
  })

  it('are those in the trail, which an auditor can search', async () => {
    const { vault, scope } = testVault()
    await scope('alice').set('token', 'one')
    const { items } = await vault.as(operatorPrincipal).auditLog({ principal: 'mcpvault' })
    expect(items.map(({ event }) => event.action)).toContain('key.generated')
    await vault.operator(operatorPrincipal).eraseOwner('alice', { trail: 'pseudonymise' })
    const { items: after } = await vault.as(operatorPrincipal).auditLog({ actions: ['secret.created'] })
    expect(after[0]?.event.principal).toMatch(/^erased-[0-9a-f]{16}$/)
  })

  it('leave other names to logins', () => {
    const { vault } = testVault()
    for (const id of ['MCPVault', 'mcpvault2', 'erased-', 'erased-x']) expect(vault.as({ id }).scope().owner).toBe(id)
  })
})
