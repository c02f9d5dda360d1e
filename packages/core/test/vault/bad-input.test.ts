// Bad input: every public entry, every wrong shape, the right error, and nothing written.

import { fc } from '@mcpvault/testkit/property'
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { createVault } from '../../src/create-vault.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

const lone = '\ud800'
const badNames: readonly [string, string][] = [
  ['empty', ''],
  ['257 bytes', 'x'.repeat(257)],
  ['257 bytes of UTF-8', `${'é'.repeat(128)}x`],
  ['a control character', 'a\u0000b'],
  ['a line break', 'a\r\nb'],
  ['DEL', 'a\u007fb'],
  ['a C1 control character', 'a\u0085b'],
  ['a lone surrogate', `a${lone}`],
]
const badSecretNames: readonly [string, string][] = [
  ...badNames,
  ['a slash', 'a/b'],
  ['a star', 'a*'],
  ['an at sign', 'a@2'],
  ['one dot', '.'],
  ['two dots', '..'],
]
const notStrings: readonly unknown[] = [undefined, null, 1, true, {}, [], Symbol('x'), () => 'x', new Uint8Array(2)]

/** Calls a function with arguments of any shape: wrong shapes are the point here. */
function call(holder: object, method: string, given: readonly unknown[]): Promise<unknown> {
  const found: unknown = Reflect.get(holder, method)
  if (typeof found !== 'function') throw new Error(`there is no ${method}`)
  return (async () => Reflect.apply(found, holder, given))()
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'resolved'
  } catch (error) {
    if (isVaultError(error)) return error.code
    return error instanceof TypeError ? 'TypeError' : `unexpected ${String(error)}`
  }
}

// Every verb that takes a name first, with good further arguments.
const named: readonly [string, readonly unknown[]][] = [
  ['set', ['value']],
  ['get', []],
  ['use', [() => 1]],
  ['patch', [{ a: 'b' }]],
  ['update', [{ tags: [] }]],
  ['describe', []],
  ['history', []],
  ['restore', [1]],
  ['deactivate', []],
  ['activate', []],
  ['delete', []],
  ['undelete', []],
  ['destroy', []],
  ['share', [{ with: 'bob', permission: 'read' }]],
  ['unshare', [{ with: 'bob' }]],
  ['grants', []],
]

// What looks like an object or an array of the right kind, and holds none of it.
const hollow: readonly (readonly [string, object])[] = [
  ['a promise', Promise.resolve({ tags: ['ci'] })],
  ['a Map', new Map([['tags', ['ci']]])],
  ['a Set', new Set(['tags'])],
  ['a Date', new Date()],
  ['bytes', new Uint8Array(2)],
  ['a boxed string', Object('tags')],
]

describe('an object that has no options of its own', () => {
  it.each(hollow)('is refused wherever options are taken: %s', async (_, options) => {
    const { vault, scope, store } = testVault()
    const alice = scope('alice')
    for (const [verb, rest] of named.filter(([verb]) => verb !== 'share' && verb !== 'unshare')) {
      const given = verb === 'update' ? ['token', options] : ['token', ...rest, options]
      expect([verb, await outcomeOf(call(alice, verb, given))]).toEqual([verb, 'TypeError'])
    }
    for (const verb of ['share', 'unshare'])
      expect([verb, await outcomeOf(call(alice, verb, ['token', options]))]).toEqual([verb, 'TypeError'])
    for (const verb of ['list', 'getAll'])
      expect([verb, await outcomeOf(call(alice, verb, [options]))]).toEqual([verb, 'TypeError'])
    for (const verb of ['as', 'operator'])
      expect([verb, await outcomeOf(call(vault, verb, [{ id: 'alice' }, options]))]).toEqual([verb, 'TypeError'])
    expect(await store.audit.streams({ limit: 10 })).toEqual([])
  })

  it.each(hollow)('is refused by createVault: %s', (_, options) => {
    const parts = { keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }), store: memoryStore() }
    for (const name of ['keys', 'store', 'audit', 'tiers', 'limits', 'clock', 'logger'])
      expect(() => Reflect.apply(createVault, undefined, [{ ...parts, [name]: options }]), name).toThrow(TypeError)
    expect(() => Reflect.apply(createVault, undefined, [{ ...parts, tiers: { 1: options } }])).toThrow(TypeError)
  })

  it('is no value of a secret', async () => {
    const { scope } = testVault()
    for (const [what, value] of hollow.filter(([what]) => what !== 'bytes')) {
      expect([what, await outcomeOf(call(scope('alice'), 'set', ['token', value]))]).toEqual([what, 'TypeError'])
      expect([what, await outcomeOf(call(scope('alice'), 'patch', ['token', value]))]).toEqual([what, 'TypeError'])
    }
  })
})

describe('a cursor with text that no page has', () => {
  it.each(['a\0b', 'a\nb', '\ud800', 'x'.repeat(257)])('is refused before the store is asked: %j', async (id) => {
    const { vault, scope } = testVault()
    const forged = (parts: readonly unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
    expect(await outcomeOf(call(scope('alice'), 'list', [{ cursor: forged([0, id]) }]))).toBe('VAULT_VALUE_INVALID')
    const alice = vault.as({ id: 'alice' })
    expect(await outcomeOf(call(alice, 'listAll', [{ cursor: forged([0, id]) }]))).toBe('VAULT_VALUE_INVALID')
    expect(await outcomeOf(call(alice, 'auditLog', [{ cursor: forged([0, id, 0]) }]))).toBe('VAULT_VALUE_INVALID')
  })
})

describe('an array with holes, or too long to look at', () => {
  const holes: unknown[] = ['ci']
  holes[3] = 'web'
  const endless: unknown[] = []
  endless.length = 2 ** 32 - 1

  it.each([
    ['holes', holes],
    ['no end', endless],
  ])('is refused wherever strings are listed: %s', async (_, list) => {
    const { vault, scope, store } = testVault()
    const alice = scope('alice')
    expect(await outcomeOf(call(alice, 'set', ['token', 'x', { tags: list }]))).toBe('TypeError')
    expect(await outcomeOf(call(alice, 'update', ['token', { tags: list }]))).toBe('TypeError')
    expect(await outcomeOf(call(alice, 'require', [list]))).toBe('TypeError')
    for (const field of ['anyTag', 'allTags'])
      expect(await outcomeOf(call(alice, 'list', [{ [field]: list }]))).toBe('TypeError')
    for (const field of ['actions', 'outcomes'])
      expect(await outcomeOf(call(vault.as({ id: 'alice' }), 'auditLog', [{ [field]: list }]))).toBe('TypeError')
    expect(await outcomeOf(call(vault, 'as', [{ id: 'alice', roles: list }]))).toBe('TypeError')
    expect(await outcomeOf(call(vault.operator(operatorPrincipal), 'rewrap', [{ drop: list }]))).toBe('TypeError')
    const parts = { keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }), store }
    expect(() => Reflect.apply(createVault, undefined, [{ ...parts, types: list }])).toThrow(TypeError)
    expect(await store.secrets.list({ limit: 10 })).toEqual([])
  })
})

describe('names', () => {
  it.each(named)('of %s are checked', async (verb, rest) => {
    const { scope, store } = testVault()
    for (const [what, name] of badSecretNames) {
      expect([what, await outcomeOf(call(scope('alice'), verb, [name, ...rest]))]).toEqual([what, 'VAULT_REF_INVALID'])
    }
    for (const name of notStrings)
      expect(await outcomeOf(call(scope('alice'), verb, [name, ...rest]))).toBe('TypeError')
    expect(await store.secrets.list({ limit: 10 })).toEqual([])
    expect(await store.audit.streams({ limit: 10 })).toEqual([])
  })

  it.each(badNames)('of owners, servers and principals are refused when they have: %s', (_, name) => {
    const { vault } = testVault()
    const invalid = expect.objectContaining({ code: 'VAULT_REF_INVALID' })
    expect(() => vault.as({ id: 'alice' }).scope({ owner: name })).toThrowError(invalid)
    expect(() => vault.as({ id: 'alice' }).scope({ server: name })).toThrowError(invalid)
    expect(() => vault.as({ id: name })).toThrowError(invalid)
    expect(() => vault.as({ id: 'alice', roles: [name] })).toThrowError(invalid)
    expect(() => vault.as({ id: 'alice' }, { deploymentId: name })).toThrowError(invalid)
    expect(() => vault.operator({ id: name })).toThrowError(invalid)
  })

  it('of owners and servers may be anything that login systems and registries use', async () => {
    const { vault } = testVault()
    const owners = [
      'auth0|1',
      'alice@example.com',
      '../x',
      '*',
      '{"$ne":1}',
      "'; DROP TABLE x; --",
      'a/b',
      'x'.repeat(256),
      '用户',
    ]
    for (const owner of owners) {
      const scope = vault.as({ id: owner }).scope({ server: 'io.github.acme/files' })
      await scope.set('token', owner)
      expect((await scope.get('token'))?.reveal()).toBe(owner)
    }
  })
})

describe('as', () => {
  it.each([
    undefined,
    null,
    'alice',
    1,
    [],
    {},
    { roles: [] },
    { id: 1 },
    { id: 'a', roles: 'x' },
    { id: 'a', roles: [1] },
  ])('refuses %j as a principal', async (principal) => {
    const { vault } = testVault()
    expect(await outcomeOf(call(vault, 'as', [principal]))).toBe('TypeError')
  })

  const contexts: readonly [unknown, string][] = [
    ['x', 'TypeError'],
    [{ correlationId: 1 }, 'TypeError'],
    [{ sourceIp: 'not an address' }, 'VAULT_REF_INVALID'],
    [{ reason: '' }, 'VAULT_REF_INVALID'],
    [{ other: 'x' }, 'VAULT_VALUE_INVALID'],
  ]
  it.each(contexts)('refuses %j as a context', async (context, code) => {
    expect(await outcomeOf(call(testVault().vault, 'as', [{ id: 'alice' }, context]))).toBe(code)
  })

  it('takes `undefined` for every field of a context, as for one that is not there', () => {
    const unknown = { correlationId: undefined, sourceIp: undefined, userAgent: undefined, deploymentId: undefined }
    const { context, principal } = testVault().vault.as(
      { id: 'a', roles: undefined },
      { ...unknown, reason: undefined },
    )
    expect({ context: { ...context }, principal: { ...principal } }).toStrictEqual({
      context: { correlationId: context.correlationId },
      principal: { id: 'a' },
    })
    expect(typeof context.correlationId).toBe('string')
  })

  it('[S15] takes IPv4 and IPv6, and cuts a user agent to what may be kept', async () => {
    const { vault } = testVault()
    for (const sourceIp of ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1']) {
      expect(vault.as({ id: 'a' }, { sourceIp }).context.sourceIp).toBe(sourceIp)
    }
    expect(vault.as({ id: 'a' }, { userAgent: `a\n${'é'.repeat(400)}` }).context.userAgent).toBe(`a?${'?'.repeat(254)}`)
    expect(vault.as({ id: 'a' }, { userAgent: '' }).context.userAgent).toBe('-')
  })

  it('refuses unknown keys and too many roles', async () => {
    const { vault } = testVault()
    expect(await outcomeOf(call(vault, 'as', [{ id: 'a', admin: true }]))).toBe('VAULT_VALUE_INVALID')
    const roles = Array.from({ length: 101 }, (_, index) => `r${index}`)
    expect(await outcomeOf(call(vault, 'as', [{ id: 'a', roles }]))).toBe('VAULT_REF_INVALID')
    expect(await outcomeOf(call(vault.as({ id: 'a' }), 'scope', [{ owners: 'x' }]))).toBe('VAULT_VALUE_INVALID')
    expect(await outcomeOf(call(vault.as({ id: 'a' }), 'scope', ['x']))).toBe('TypeError')
  })
})

const future = new Date('2199-01-01')
// A call on a scope, and the error it must give. The secret "token" is there.
const wrongCalls: readonly [string, readonly unknown[], string][] = [
  ['set', ['n', ''], 'VAULT_VALUE_INVALID'],
  ['set', ['n', new Uint8Array()], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x'.repeat(65_537)], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'é'.repeat(32_769)], 'VAULT_VALUE_INVALID'],
  ['set', ['n', new Uint8Array(65_537)], 'VAULT_VALUE_INVALID'],
  ['set', ['n', `x${lone}`], 'VAULT_VALUE_INVALID'],
  ['set', ['n', {}], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { a: '' }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { '': 'x' }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { [lone]: 'x' }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { a: lone }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { ['x'.repeat(257)]: 'x' }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, 'x']))], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { a: 'x'.repeat(65_536) }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', { a: 1 }], 'TypeError'],
  ['set', ['n', ['x']], 'TypeError'],
  ['set', ['n', 7], 'TypeError'],
  ['set', ['n', null], 'TypeError'],
  ['set', ['n', undefined], 'TypeError'],
  ['set', ['n', 'x', 'options'], 'TypeError'],
  ['set', ['n', 'x', { expires: future }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { type: 'password' }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { type: 1 }], 'TypeError'],
  ['set', ['n', 'x', { tier: 0 }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { tier: '1' }], 'TypeError'],
  ['set', ['n', 'x', { description: 'x'.repeat(1_025) }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { description: lone }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { description: 1 }], 'TypeError'],
  ['set', ['n', 'x', { tags: 'a' }], 'TypeError'],
  ['set', ['n', 'x', { tags: [1] }], 'TypeError'],
  ['set', ['n', 'x', { tags: [''] }], 'VAULT_REF_INVALID'],
  ['set', ['n', 'x', { tags: Array.from({ length: 65 }, (_, i) => `t${i}`) }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { expiresAt: new Date(0) }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { expiresAt: new Date(Number.NaN) }], 'TypeError'],
  ['set', ['n', 'x', { expiresAt: '2199-01-01' }], 'TypeError'],
  ['set', ['n', 'x', { ifVersion: -1 }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { ifVersion: 1.5 }], 'TypeError'],
  ['set', ['n', 'x', { ifRevision: -1 }], 'VAULT_VALUE_INVALID'],
  ['set', ['n', 'x', { ifRevision: '1' }], 'TypeError'],
  ['set', ['n', 'x', { signal: {} }], 'TypeError'],
  ['get', ['token', { version: 0 }], 'VAULT_VALUE_INVALID'],
  ['get', ['token', { version: '1' }], 'TypeError'],
  ['get', ['token', { minVersion: 0 }], 'VAULT_VALUE_INVALID'],
  ['get', ['token', { versions: 1 }], 'VAULT_VALUE_INVALID'],
  ['get', ['token', { onlyIf: true }], 'TypeError'],
  ['use', ['token', () => 1, { onlyIf: null }], 'TypeError'],
  ['get', ['token', 1], 'TypeError'],
  ['use', ['token'], 'TypeError'],
  ['use', ['token', 'fn'], 'TypeError'],
  ['patch', ['token', {}], 'VAULT_VALUE_INVALID'],
  ['patch', ['token', { '': null }], 'VAULT_VALUE_INVALID'],
  ['patch', ['token', { a: 1 }], 'TypeError'],
  ['patch', ['token', 'a'], 'TypeError'],
  ['update', ['token', { value: 'x' }], 'VAULT_VALUE_INVALID'],
  ['update', ['token', { expiresAt: new Date(0) }], 'VAULT_VALUE_INVALID'],
  ['restore', ['token', 0], 'VAULT_VALUE_INVALID'],
  ['restore', ['token'], 'TypeError'],
  ['delete', ['token', { hard: true }], 'VAULT_VALUE_INVALID'],
  ['destroy', ['token', { ifVersion: 'x' }], 'TypeError'],
  ['share', ['token'], 'TypeError'],
  ['share', ['token', { with: 'bob' }], 'TypeError'],
  ['share', ['token', { with: '', permission: 'read' }], 'VAULT_REF_INVALID'],
  ['share', ['token', { with: 'bob', permission: 'owner' }], 'VAULT_VALUE_INVALID'],
  ['share', ['token', { with: 'bob', permission: 'read', until: future }], 'VAULT_VALUE_INVALID'],
  ['share', ['token', { with: 'bob', permission: 'read', deploymentId: '' }], 'VAULT_REF_INVALID'],
  ['unshare', ['token', { from: 'bob' }], 'VAULT_VALUE_INVALID'],
  ['unshare', ['token', {}], 'TypeError'],
  ['share', ['token', { with: 'bob', permission: 'read', ifRevision: -1 }], 'VAULT_VALUE_INVALID'],
  ['unshare', ['token', { with: 'bob', ifRevision: 0.5 }], 'TypeError'],
  ['getAll', [{ signal: 'now' }], 'TypeError'],
  ['getAll', [{ limit: 1 }], 'VAULT_VALUE_INVALID'],
  ['require', ['token'], 'TypeError'],
  ['require', [[]], 'VAULT_REF_INVALID'],
  ['require', [[1]], 'TypeError'],
  ['require', [Array.from({ length: 1_001 }, (_, i) => `n${i}`)], 'VAULT_REF_INVALID'],
  ['list', [{ limit: 0 }], 'VAULT_VALUE_INVALID'],
  ['list', [{ limit: 1_001 }], 'VAULT_VALUE_INVALID'],
  ['list', [{ limit: '1' }], 'TypeError'],
  ['list', [{ state: 'gone' }], 'VAULT_VALUE_INVALID'],
  ['list', [{ cursor: 'x' }], 'VAULT_VALUE_INVALID'],
  ['list', [{ namePrefix: '' }], 'VAULT_REF_INVALID'],
  ['list', [{ namePrefix: /x/ }], 'TypeError'],
  ['list', [{ server: 'github' }], 'VAULT_VALUE_INVALID'],
  ['list', [{ shared: true }], 'VAULT_VALUE_INVALID'],
  ['list', [{ cursor: Buffer.from('[1,2]').toString('base64url') }], 'VAULT_VALUE_INVALID'],
  ['list', [{ cursor: Buffer.from('{}').toString('base64url') }], 'VAULT_VALUE_INVALID'],
  ['list', [{ cursor: Buffer.from('["x","y"]').toString('base64url') }], 'VAULT_VALUE_INVALID'],
  ['list', [{ cursor: 1 }], 'TypeError'],
  ['list', [{ tag: '' }], 'VAULT_REF_INVALID'],
  ['list', [{ tags: ['x'] }], 'VAULT_VALUE_INVALID'],
  ['list', [{ tier: 4 }], 'VAULT_VALUE_INVALID'],
  ['list', [{ expiresBefore: 'x' }], 'TypeError'],
]

describe('arguments', () => {
  it.each(wrongCalls)('[S26] %s %j is refused and writes nothing', async (verb, given, expected) => {
    const { scope, store } = testVault()
    await scope('alice').set('token', { a: '1' })
    const before = await store.audit.query({}, { limit: 100 })
    expect(await outcomeOf(call(scope('alice'), verb, given))).toBe(expected)
    expect(await scope('alice').describe('token')).toMatchObject({ version: 1, tags: [] })
    expect(await store.secrets.list({ limit: 10 })).toHaveLength(1)
    expect((await store.audit.query({}, { limit: 100 })).length).toBe(before.length + 1)
  })

  const sessionCalls: readonly [string, readonly unknown[], string][] = [
    ['listAll', [{ limit: 0 }], 'VAULT_VALUE_INVALID'],
    ['listAll', ['x'], 'TypeError'],
    ['auditLog', [{ actions: ['secret.stolen'] }], 'VAULT_VALUE_INVALID'],
    ['auditLog', [{ actions: 'x' }], 'TypeError'],
    ['auditLog', [{ outcomes: ['x'] }], 'VAULT_VALUE_INVALID'],
    ['auditLog', [{ from: 1 }], 'TypeError'],
    ['auditLog', [{ stream: 'x' }], 'VAULT_VALUE_INVALID'],
    ['auditLog', [{ cursor: Buffer.from('[1,"x"]').toString('base64url') }], 'VAULT_VALUE_INVALID'],
    ['auditLog', [{ principal: '' }], 'VAULT_REF_INVALID'],
  ]
  it.each(sessionCalls)('%s %j is refused', async (verb, given, expected) => {
    expect(await outcomeOf(call(testVault().vault.as({ id: 'alice' }), verb, given))).toBe(expected)
  })

  const operatorCalls: readonly [string, readonly unknown[], string][] = [
    ['rewrap', ['x'], 'TypeError'],
    ['rewrap', [{ onProgress: 1 }], 'TypeError'],
    ['rewrap', [{ limit: 1 }], 'VAULT_VALUE_INVALID'],
    ['rewrap', [{ drop: 'main#1' }], 'TypeError'],
    ['rewrap', [{ drop: [1] }], 'TypeError'],
    ['rewrap', [{ drop: ['main 1'] }], 'VAULT_VALUE_INVALID'],
    ['rewrap', [{ drop: ['other#1', 'main#1'] }], 'VAULT_VALUE_INVALID'],
    ['rewrap', [{ verify: 1 }], 'TypeError'],
    ['rewrap', [{ dryRun: 1 }], 'TypeError'],
    ['census', [{ limit: 1 }], 'VAULT_VALUE_INVALID'],
    ['assertRetirable', [1], 'TypeError'],
    ['assertRetirable', ['main 1'], 'VAULT_VALUE_INVALID'],
    ['assertRetirable', ['main#9'], 'VAULT_VALUE_INVALID'],
    ['dropDataKey', [{ owner: 'alice' }], 'TypeError'],
    ['rekey', [{ server: 'github' }], 'TypeError'],
    ['rekey', [{ owner: 'alice', server: 'github' }, { force: true }], 'VAULT_VALUE_INVALID'],
    ['dropDataKey', [{ owner: '', server: 'github' }], 'VAULT_REF_INVALID'],
    ['dropDataKey', [{ owner: 'alice', server: 'github', name: 'token' }], 'VAULT_VALUE_INVALID'],
    ['dropDataKey', [{ owner: 'alice', server: 'github' }, { evenIfItOpens: 1 }], 'TypeError'],
    ['dropDataKey', [{ owner: 'alice', server: 'github' }, { force: true }], 'VAULT_VALUE_INVALID'],
    ['backup', [], 'TypeError'],
    ['backup', [{ to: 'monday.mcvault' }], 'TypeError'],
    ['backup', [{ to: () => undefined, force: true }], 'VAULT_VALUE_INVALID'],
    ['backup', [{ to: () => undefined, onProgress: 1 }], 'TypeError'],
    ['pruneBackups', [], 'TypeError'],
    ['pruneBackups', [{ places: [{ list: () => [] }] }], 'TypeError'],
    ['verifyAudit', [{ checkpoints: 'x' }], 'TypeError'],
    ['sweep', [{ signal: 1 }], 'TypeError'],
    ['eraseOwner', [''], 'VAULT_REF_INVALID'],
    ['eraseOwner', ['bob', { trail: 'delete' }], 'TypeError'],
  ]
  it.each(operatorCalls)('%s %j is refused', async (verb, given, expected) => {
    expect(await outcomeOf(call(testVault().vault.operator(operatorPrincipal), verb, given))).toBe(expected)
  })
})

describe('createVault', () => {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const store = memoryStore()
  const parts = { keys, store }
  const wrong: readonly [string, unknown, string][] = [
    ['no options', undefined, 'TypeError'],
    ['no keys', { store }, 'VAULT_NO_KEY'],
    ['null keys', { store, keys: null }, 'VAULT_NO_KEY'],
    ['keys that are no provider', { store, keys: {} }, 'VAULT_CONFIG_INVALID'],
    ['keys that are a string', { store, keys: 'secret' }, 'TypeError'],
    ['no store', { keys }, 'TypeError'],
    ['a store without parts', { keys, store: {} }, 'VAULT_CONFIG_INVALID'],
    ['an unknown option', { ...parts, cache: true }, 'VAULT_CONFIG_INVALID'],
    ['a policy that is none', { ...parts, policy: [] }, 'VAULT_CONFIG_INVALID'],
    ['a hook that is none', { ...parts, authorize: true }, 'VAULT_CONFIG_INVALID'],
    ['an unknown audit mode', { ...parts, audit: { mode: 'off' } }, 'VAULT_CONFIG_INVALID'],
    ['an unknown audit option', { ...parts, audit: { sink: [] } }, 'VAULT_CONFIG_INVALID'],
    ['a sink that is none', { ...parts, audit: { sinks: [{}] } }, 'VAULT_CONFIG_INVALID'],
    ['sinks that are no array', { ...parts, audit: { sinks: {} } }, 'VAULT_CONFIG_INVALID'],
    ['a store switch that is none', { ...parts, audit: { store: 'yes' } }, 'VAULT_CONFIG_INVALID'],
    ['an audit hook that is none', { ...parts, audit: { onAlarm: 1 } }, 'VAULT_CONFIG_INVALID'],
    ['required audit without a durable sink', { ...parts, audit: { store: false } }, 'VAULT_CONFIG_INVALID'],
    ['types that are no array', { ...parts, types: 'x' }, 'TypeError'],
    ['an empty type', { ...parts, types: [''] }, 'VAULT_REF_INVALID'],
    ['a tier that is none', { ...parts, tiers: { 4: {} } }, 'VAULT_CONFIG_INVALID'],
    ['an unknown tier rule', { ...parts, tiers: { 1: { cache: false } } }, 'VAULT_CONFIG_INVALID'],
    ['a tier rule that is no switch', { ...parts, tiers: { 1: { reasonRequired: 1 } } }, 'VAULT_CONFIG_INVALID'],
    ['an unknown limit', { ...parts, limits: { secrets: 1 } }, 'VAULT_CONFIG_INVALID'],
    ['a limit out of range', { ...parts, limits: { versions: 0 } }, 'VAULT_CONFIG_INVALID'],
    ['a limit that is no integer', { ...parts, limits: { versions: 1.5 } }, 'VAULT_CONFIG_INVALID'],
    ['a limit that is no number', { ...parts, limits: { versions: '5' } }, 'VAULT_CONFIG_INVALID'],
    ['a logger that is none', { ...parts, logger: { debug: 1 } }, 'VAULT_CONFIG_INVALID'],
    ['a clock that is none', { ...parts, clock: {} }, 'VAULT_CONFIG_INVALID'],
  ]
  it.each(wrong)('[A31] refuses %s', async (_, options, expected) => {
    expect(await outcomeOf(call({ createVault }, 'createVault', [options]))).toBe(expected)
  })

  it('[A31] throws at once, not at the first read', () => {
    expect(() => Reflect.apply(createVault, undefined, [{ store }])).toThrowError(
      expect.objectContaining({ code: 'VAULT_NO_KEY', message: expect.stringContaining('MCPVAULT_KEY') }),
    )
  })

  it('answers every call after close with VAULT_CLOSED', async () => {
    const { vault, scope } = testVault()
    await scope('alice').set('token', 'x')
    await vault.close()
    await vault.close()
    expect(await codeOf(scope('alice').get('token'))).toBe('VAULT_CLOSED')
    expect(await codeOf(vault.as({ id: 'alice' }).listAll())).toBe('VAULT_CLOSED')
  })
})

describe('any input at all', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.constantFrom('token', 'alice', { with: 'bob', permission: 'read' }, { signal: AbortSignal.abort() }),
    fc.constantFrom(() => 1, Symbol('s'), 1n, new Date(Number.NaN), Object.create(null), new Proxy({}, {})),
  )
  const verbs = [...named.map(([verb]) => verb), 'getAll', 'list', 'require']

  it('gives values, VaultErrors and TypeErrors, and nothing else', async () => {
    const { vault, scope } = testVault()
    await scope('alice').set('token', { a: '1' })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...verbs), fc.array(anything, { maxLength: 3 }), async (verb, given) => {
        const aborted = given.some((value) => typeof value === 'object' && value !== null && 'signal' in value)
        const outcome = await outcomeOf(call(scope('alice'), verb, given))
        if (!aborted) expect(outcome).not.toContain('unexpected')
      }),
      { numRuns: 1_000 },
    )
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, async (principal, context, scopeOptions) => {
        const session = async () => call(Object(await call(vault, 'as', [principal, context])), 'scope', [scopeOptions])
        expect(await outcomeOf(session())).not.toContain('unexpected')
        expect(await outcomeOf(call({ createVault }, 'createVault', [principal]))).not.toContain('unexpected')
      }),
      { numRuns: 500 },
    )
  })
})
