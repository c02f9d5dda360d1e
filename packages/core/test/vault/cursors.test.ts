// Cursors of pages: sealed, bound to their question, and silent about what a page left out.

import { codeOf, operatorPrincipal, testPolicy, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { Vault } from '../../src/create-vault.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'

const policy = { roles: { ...testPolicy.roles, 'reader-of-ci': [{ allow: ['read'], tags: ['ci'] }] } } as const

interface Page {
  readonly items: readonly unknown[]
  readonly cursor: string | undefined
}

interface Options {
  readonly cursor?: string
  readonly limit?: number
}

type Ask = (vault: Vault, options: Options) => Promise<Page>

const github = (vault: Vault, id = 'alice') => vault.as({ id }).scope({ owner: 'alice', server: 'github' })

// Each list with a page that has a next one.
const lists: readonly [string, Ask][] = [
  ['list', (vault, options) => github(vault).list({ tag: 'ci', ...options })],
  ['list of a grantee', (vault, options) => github(vault, 'bob').list({ tag: 'ci', ...options })],
  ['listAll', (vault, options) => vault.as({ id: 'alice' }).listAll({ tag: 'ci', ...options })],
  ['auditLog', (vault, options) => vault.as({ id: 'alice' }).auditLog({ server: 'github', ...options })],
  [
    'auditLog of an auditor',
    (vault, options) => vault.as(operatorPrincipal).auditLog({ owner: 'alice', server: 'github', ...options }),
  ],
]

/** A vault in which each list has three items or more. */
async function filledVault(options: Parameters<typeof testVault>[0] = {}) {
  const test = tickingVault({ policy, ...options })
  for (const name of ['a', 'b', 'c']) {
    await test.scope('alice').set(name, 'x', { tags: ['ci'] })
    await test.scope('alice').share(name, { with: 'bob', permission: 'read' })
  }
  return test
}

async function cursorOf(ask: Ask, vault: Vault, limit = 1): Promise<string> {
  const { cursor } = await ask(vault, { limit })
  if (cursor === undefined) throw new Error('there is no next page')
  return cursor
}

const refused = 'VAULT_VALUE_INVALID'

describe.each(lists)('a cursor of %s', (_, ask) => {
  it('[S29][S30] is sealed: no id and no time can be read in it, and its length says nothing', async () => {
    const { vault, store } = await filledVault()
    const cursors = [await cursorOf(ask, vault), await cursorOf(ask, vault), await cursorOf(ask, vault, 2)]
    expect(new Set(cursors).size).toBe(3)
    expect(new Set(cursors.map(({ length }) => length)).size).toBe(1)
    const records = await store.secrets.list({ limit: 10 })
    for (const cursor of cursors) {
      const text = Buffer.from(cursor, 'base64url').toString('latin1')
      for (const { id, createdAt } of records) {
        expect(text).not.toContain(id)
        expect(text).not.toContain(String(createdAt.getTime()).slice(0, 6))
      }
    }
  })

  it('[S30] goes on in another process, and after a restart', async () => {
    const test = await filledVault()
    const cursor = await cursorOf(ask, test.vault)
    const here = await ask(test.vault, { cursor, limit: 2 })
    expect(here.items.length).toBeGreaterThan(0)
    await test.vault.close()
    expect((await ask(test.other(), { cursor, limit: 2 })).items.slice(-1)).toEqual(here.items.slice(-1))
  })

  it('is of no other vault', async () => {
    const cursor = await cursorOf(ask, (await filledVault()).vault)
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    expect(await codeOf(ask((await filledVault({ keys })).vault, { cursor }))).toBe(refused)
  })

  it('is refused when it was altered', async () => {
    const { vault } = await filledVault()
    const cursor = await cursorOf(ask, vault)
    const bytes = Buffer.from(cursor, 'base64url')
    const altered = Array.from({ length: bytes.length }, (__, at) => {
      const copy = Buffer.from(bytes)
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
      return copy.toString('base64url')
    })
    const wrong = [
      '',
      'x',
      cursor.slice(4),
      cursor.slice(0, -4),
      `${cursor}AAAA`,
      'A'.repeat(5_000),
      ...altered.slice(-40),
    ]
    for (const each of [...wrong, ...altered.filter((__, at) => at % 16 === 0)]) {
      expect([each, await codeOf(ask(vault, { cursor: each }))]).toEqual([each, refused])
    }
  })
})

describe('a cursor', () => {
  it('[S29] is for its own principal, verb, scope and filters alone', async () => {
    const { vault } = await filledVault()
    const alice = vault.as({ id: 'alice' })
    const at = new Date(10_000_000_000_000)
    const cursor = await cursorOf((_, options) => github(vault).list(options), vault)
    const others: readonly ((given: { readonly cursor: string }) => Promise<unknown>)[] = [
      (given) => alice.listAll(given),
      (given) => alice.auditLog(given),
      (given) => alice.scope({ server: 'figma' }).list(given),
      (given) => github(vault, 'bob').list(given),
      (given) => vault.as({ id: 'bob' }).scope({ server: 'github' }).list(given),
      (given) => github(vault).list({ ...given, tag: 'ci' }),
      (given) => github(vault).list({ ...given, anyTag: ['ci'] }),
      (given) => github(vault).list({ ...given, type: 'custom' }),
      (given) => github(vault).list({ ...given, tier: 2 }),
      (given) => github(vault).list({ ...given, state: 'any' }),
      (given) => github(vault).list({ ...given, expiresBefore: at }),
    ]
    for (const other of others) expect(await codeOf(other({ cursor }))).toBe(refused)
    expect((await github(vault).list({ cursor, state: 'active', limit: 7 })).items).toHaveLength(2)
    const ofLog = await cursorOf((_, options) => alice.auditLog(options), vault)
    for (const filter of [
      { name: 'a' },
      { outcomes: ['allowed'] },
      { from: new Date(0) },
      { owner: 'alice' },
    ] as const) {
      expect(await codeOf(alice.auditLog({ ...filter, cursor: ofLog }))).toBe(refused)
    }
    expect((await alice.auditLog({ cursor: ofLog })).items.length).toBeGreaterThan(0)
  })

  it('[S29] is not given when all that comes after it is left out', async () => {
    const { vault, scope } = tickingVault({ policy })
    const carol = vault.as({ id: 'carol', roles: ['reader-of-ci'] }).scope({ owner: 'alice', server: 'github' })
    for (let index = 0; index < 300; index++) await scope('alice').set(`hidden${index}`, 'x')
    expect(await carol.list({ limit: 1 })).toEqual({ items: [], cursor: undefined })
    await scope('alice').set('shown', 'x', { tags: ['ci'] })
    for (let index = 0; index < 3; index++)
      await scope('alice').share(`hidden${index}`, { with: 'dora', permission: 'read', deploymentId: 'prod' })
    expect(await carol.list({ limit: 1 })).toMatchObject({ items: [{ name: 'shown' }], cursor: undefined })
    await scope('alice').share('shown', { with: 'dora', permission: 'read' })
    expect(await vault.as({ id: 'dora' }).listAll({ limit: 1 })).toMatchObject({
      items: [{ name: 'shown' }],
      cursor: undefined,
    })
  })

  it('is made without auditing too, by the root key of the vault', async () => {
    const test = await filledVault({ audit: { mode: 'dangerously-off' } })
    const rows = () => test.store.dataKeys.list({ owner: '', limit: 10 })
    expect((await github(test.vault).list({ limit: 3 })).cursor).toBeUndefined()
    const root = await rows()
    const cursor = await cursorOf((vault, options) => github(vault).list(options), test.vault)
    expect(root).toHaveLength(1)
    expect(await rows()).toEqual(root)
    const there = test.other({ audit: { mode: 'required' } })
    expect((await github(there).list({ cursor })).items).toHaveLength(2)
  })

  it('asks a store for no more than it takes, also on the largest pages', async () => {
    const { scope, store } = testVault()
    for (let index = 0; index < 1_001; index++) await scope('alice').set(`s${index}`, 'x')
    const { list } = store.secrets
    const limits: number[] = []
    Object.assign(store.secrets, {
      list(...given: Parameters<typeof list>) {
        limits.push(given[0].limit)
        return list(...given)
      },
    })
    const { items, cursor } = await scope('alice').list({ limit: 1_000 })
    expect([items.length, limits]).toEqual([1_000, [1_000, 1]])
    const rest = await scope('alice').list(cursor === undefined ? {} : { cursor })
    expect([rest.items.length, rest.cursor]).toEqual([1, undefined])
  })
})
