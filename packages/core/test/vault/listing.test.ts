// Listing: filters, pages, what is shared, and never a value.

import { codeOf, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { countingProvider } from '../../src/testing/index.ts'
import type { ListAllOptions, ListOptions } from '../../src/vault/parse/list.ts'
import type { SecretScope } from '../../src/vault/scope.ts'
import type { SecretPage } from '../../src/vault/secrets/list.ts'

async function namesOf(scope: SecretScope, options: ListOptions = {}): Promise<readonly string[]> {
  return (await scope.list(options)).items.map(({ name }) => name)
}

describe('list', () => {
  it('[S27][S30] shows the newest first, with everything but the value', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    for (const name of ['first', 'second', 'third']) {
      await github.set(name, `value of ${name}`)
      clock.advance(1)
    }
    const { items, cursor } = await github.list()
    expect(cursor).toBeUndefined()
    expect(items.map(({ name }) => name)).toEqual(['third', 'second', 'first'])
    expect(Object.keys(items[0] ?? {}).sort()).toEqual([
      'createdAt',
      'description',
      'encoding',
      'expiresAt',
      'freshUntil',
      'hosts',
      'id',
      'isActive',
      'lastUsedAt',
      'name',
      'needsSignIn',
      'owner',
      'revision',
      'server',
      'state',
      'tags',
      'tier',
      'type',
      'updatedAt',
      'useCount',
      'version',
    ])
    expect(JSON.stringify(items)).not.toContain('value of')
  })

  it('filters by tags, type, tier, state and expiry', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    const at = (ms: number) => new Date(clock.now().getTime() + ms)
    await github.set('a', 'x', { tags: ['ci', 'prod'], type: 'api_key', tier: 1 })
    await github.set('b', 'x', { tags: ['ci'], type: 'jwt_secret', tier: 3, expiresAt: at(1_000) })
    await github.set('c', 'x', { tags: ['prod'], expiresAt: at(5_000) })
    await github.set('d', 'x')
    await github.deactivate('d')
    const sorted = async (options: ListOptions) => [...(await namesOf(github, options))].sort()
    expect(await sorted({ tag: 'ci' })).toEqual(['a', 'b'])
    expect(await sorted({ anyTag: ['ci', 'prod'] })).toEqual(['a', 'b', 'c'])
    expect(await sorted({ allTags: ['ci', 'prod'] })).toEqual(['a'])
    expect(await sorted({ tag: 'ci', allTags: ['prod'] })).toEqual(['a'])
    expect(await sorted({ type: 'api_key' })).toEqual(['a'])
    expect(await sorted({ tier: 3 })).toEqual(['b'])
    expect(await sorted({ expiresBefore: at(1_000) })).toEqual([])
    expect(await sorted({ expiresBefore: at(1_001) })).toEqual(['b'])
    expect(await sorted({ state: 'inactive' })).toEqual(['d'])
    expect(await sorted({ state: 'any' })).toEqual(['a', 'b', 'c', 'd'])
    clock.advance(1_000)
    expect(await sorted({})).toEqual(['a', 'c'])
    expect(await sorted({ state: 'expired' })).toEqual(['b'])
    expect(await sorted({ state: 'expired', expiresBefore: at(-500) })).toEqual([])
  })

  it('filters by how a name begins, byte for byte', async () => {
    const { scope } = testVault()
    const github = scope('alice')
    for (const name of ['api_key', 'api_token', 'API_key', 'key', 'äpi']) await github.set(name, 'x')
    await github.set('api_old', 'x')
    await github.deactivate('api_old')
    const sorted = async (options: ListOptions) => [...(await namesOf(github, options))].sort()
    expect(await sorted({ namePrefix: 'api_' })).toEqual(['api_key', 'api_token'])
    expect(await sorted({ namePrefix: 'api_', state: 'any' })).toEqual(['api_key', 'api_old', 'api_token'])
    expect(await sorted({ namePrefix: 'api_key' })).toEqual(['api_key'])
    expect(await sorted({ namePrefix: 'ä' })).toEqual(['äpi'])
    expect(await sorted({ namePrefix: '%' })).toEqual([])
  })

  it('finds the few of many names that begin as asked, in few queries, and comes to an end', async () => {
    const { scope, store, clock } = testVault()
    const github = scope('alice')
    for (let index = 0; index < 450; index++) {
      await github.set(index % 149 === 0 ? `rare${index}` : `s${index}`, 'x')
      clock.advance(1)
    }
    const { list } = store.secrets
    const limits: number[] = []
    Object.assign(store.secrets, {
      list: (...given: Parameters<typeof list>) => {
        limits.push(given[0].limit)
        return list(...given)
      },
    })
    const first = await github.list({ namePrefix: 'rare', limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['rare447', 'rare298'])
    expect(limits).toEqual([200, 1_000])
    const second = await github.list({ namePrefix: 'rare', limit: 2, cursor: first.cursor ?? '' })
    expect(second.items.map(({ name }) => name)).toEqual(['rare149', 'rare0'])
    expect(second.cursor).toBeUndefined()
    expect(await codeOf(github.list({ namePrefix: 'rar', limit: 2, cursor: first.cursor ?? '' }))).toBe(
      'VAULT_VALUE_INVALID',
    )
  })

  it('goes through pages, each secret once, whatever is written in between', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    for (let index = 0; index < 25; index++) {
      await github.set(`s${index}`, 'x')
      clock.advance(index % 2)
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await github.list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) })
      expect(page.items.length).toBeLessThanOrEqual(7)
      seen.push(...page.items.map(({ name }) => name))
      clock.advance(1)
      await github.set(`new${seen.length}`, 'x')
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe(25)
  })

  it('fills a page also when much of it is left out, and always comes to an end', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    const soon = new Date(clock.now().getTime() + 1)
    for (let index = 0; index < 40; index++)
      await github.set(`s${index}`, 'x', index % 20 === 0 ? {} : { expiresAt: soon })
    clock.advance(1)
    let pages = 0
    const names: string[] = []
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page: Awaited<ReturnType<typeof github.list>> = await github.list({
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      })
      names.push(...page.items.map(({ name }) => name))
      cursor = page.cursor
      pages++
    }
    expect([...names].sort()).toEqual(['s0', 's20'])
    expect(pages).toBeLessThan(10)
  })

  it('[A24] decrypts nothing, and asks the store once a page', async () => {
    const keys = countingProvider(keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }))
    const { scope, store } = testVault({ keys })
    const github = scope('alice')
    for (let index = 0; index < 10; index++) await github.set(`s${index}`, 'x')
    const { list } = store.secrets
    const asked: unknown[] = []
    Object.assign(store.secrets, {
      list: (...given: Parameters<typeof list>) => {
        asked.push(given[0])
        return list(...given)
      },
      find: () => {
        throw new Error('no record is loaded')
      },
    })
    const { items } = await github.list({ limit: 5 })
    expect(items).toHaveLength(5)
    expect(asked).toHaveLength(1)
    const page = await store.secrets.list({ limit: 10 })
    expect(page.every(({ versions }) => versions.every(({ envelope }) => envelope === undefined))).toBe(true)
  })

  it('shows an owner a record that was tampered with as untrusted, and others not at all', async () => {
    const { scope, store } = testVault()
    const github = scope('alice')
    await github.set('token', 'x')
    await github.share('token', { with: 'bob', permission: 'read' })
    const record = await store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'all')
    if (record === undefined) throw new Error('the record is not there')
    await store.secrets.put({ ...record, tier: 3, revision: record.revision + 1 }, { ifRevision: record.revision })
    expect((await github.list()).items).toEqual([
      { owner: 'alice', server: 'github', name: 'token', state: 'untrusted' },
    ])
    expect((await scope('alice', { id: 'bob' }).list()).items).toEqual([])
  })
})

describe('listAll', () => {
  it('[A2][S30] shows everything that a principal owns or was given, over servers, in one query', async () => {
    const { vault, store, clock } = testVault()
    for (const owner of ['alice', 'bob', 'carol']) {
      for (const server of ['github', 'figma', 'stripe']) {
        await vault.as({ id: owner }).scope({ server }).set('token', 'x')
        clock.advance(1)
      }
    }
    await vault.as({ id: 'bob' }).scope({ server: 'figma' }).share('token', { with: 'alice', permission: 'read' })
    let queries = 0
    const { list } = store.secrets
    Object.assign(store.secrets, {
      list: (...given: Parameters<typeof list>) => {
        queries++
        return list(...given)
      },
    })
    const { items } = await vault.as({ id: 'alice' }).listAll()
    expect(items.map(({ owner, server }) => `${owner} ${server}`)).toEqual([
      'bob figma',
      'alice stripe',
      'alice figma',
      'alice github',
    ])
    expect(queries).toBe(1)
  })

  it('[S30] filters by server, and by whether others own what is listed', async () => {
    const { vault } = tickingVault()
    const of = (id: string, server: string) => vault.as({ id }).scope({ server })
    for (const server of ['github', 'figma']) {
      await of('alice', server).set('own', 'x', { tags: ['ci'] })
      await of('bob', server).set('given', 'x', { tags: ['ci'] })
      await of('bob', server).share('given', { with: 'alice', permission: 'read' })
      await of('bob', server).set('kept', 'x')
    }
    const all = async (options: ListAllOptions) =>
      (await vault.as({ id: 'alice' }).listAll(options)).items.map(({ owner, server, name }) => [owner, server, name])
    expect(await all({ server: 'figma' })).toEqual([
      ['bob', 'figma', 'given'],
      ['alice', 'figma', 'own'],
    ])
    expect(await all({ shared: true })).toEqual([
      ['bob', 'figma', 'given'],
      ['bob', 'github', 'given'],
    ])
    expect(await all({ shared: false })).toEqual([
      ['alice', 'figma', 'own'],
      ['alice', 'github', 'own'],
    ])
    expect(await all({ shared: true, server: 'github', tag: 'ci' })).toEqual([['bob', 'github', 'given']])
    expect(await all({ shared: true, namePrefix: 'own' })).toEqual([])
    expect(await all({ server: 'slack' })).toEqual([])
    await of('bob', 'figma').unshare('given', { with: 'alice' })
    expect(await all({ shared: true })).toEqual([['bob', 'github', 'given']])
  })

  it('refuses a cursor under another server or another kind of ownership', async () => {
    const { vault } = tickingVault()
    for (const name of ['a', 'b']) await vault.as({ id: 'alice' }).scope({ server: 'github' }).set(name, 'x')
    const alice = vault.as({ id: 'alice' })
    const { cursor = '' } = await alice.listAll({ server: 'github', shared: false, limit: 1 })
    const others: readonly ListAllOptions[] = [
      {},
      { server: 'github' },
      { shared: false },
      { shared: true, server: 'github' },
    ]
    for (const other of others) expect(await codeOf(alice.listAll({ ...other, cursor }))).toBe('VAULT_VALUE_INVALID')
    expect((await alice.listAll({ server: 'github', shared: false, cursor })).items).toHaveLength(1)
  })

  it('takes no other options', async () => {
    const alice = testVault().vault.as({ id: 'alice' })
    // Wrong on purpose, as a caller without types may be.
    const wrong = (options: object) => codeOf(alice.listAll(options as ListAllOptions))
    expect(await wrong({ shared: 'yes' })).toBeInstanceOf(TypeError)
    expect(await wrong({ server: '' })).toBe('VAULT_REF_INVALID')
    expect(await wrong({ owner: 'bob' })).toBe('VAULT_VALUE_INVALID')
  })

  it('shows a stranger nothing of a scope, and says so only in the trail', async () => {
    const { vault, scope } = tickingVault()
    await scope('alice').set('token', 'x')
    expect(await scope('alice', { id: 'mallory' }).list()).toEqual({ items: [], cursor: undefined })
    expect(await scope('nobody', { id: 'mallory' }).list()).toEqual({ items: [], cursor: undefined })
    const { items } = await vault.as({ id: 'root', roles: ['auditor'] }).auditLog({ principal: 'mallory' })
    expect(items.map(({ event }) => event.outcome)).toEqual(['missing', 'denied'])
  })
})

describe('the secrets of others', () => {
  it('[S29] show in no cursor, however many there are', async () => {
    const { scope } = testVault()
    for (let index = 0; index < 30; index++) await scope('alice').set(`s${index}`, 'x')
    const nothing = { items: [], cursor: undefined }
    expect(await scope('alice', { id: 'mallory' }).list({ limit: 1 })).toEqual(nothing)
    expect(await scope('nobody', { id: 'mallory' }).list({ limit: 1 })).toEqual(nothing)
    expect(await scope('alice', { id: 'mallory', roles: ['operator', 'ghost'] }).list({ limit: 1 })).toEqual(nothing)
  })

  it('are found among many that are not for the principal, page by page', async () => {
    const { vault, scope, clock } = testVault({ policy: { roles: { ci: [{ allow: ['read'], tags: ['ci'] }] } } })
    for (let index = 0; index < 450; index++) {
      await scope('alice').set(`s${index}`, 'x', index % 150 === 0 ? { tags: ['ci'] } : {})
      clock.advance(1)
    }
    await scope('alice').share('s7', { with: 'bob', permission: 'read' })
    for (const [principal, expected] of [
      [{ id: 'carol', roles: ['ci'] }, ['s300', 's150', 's0']],
      [{ id: 'bob' }, ['s7']],
      [{ id: 'bob', roles: ['ci'] }, ['s300', 's150', 's7', 's0']],
    ] as const) {
      const github = vault.as(principal).scope({ owner: 'alice', server: 'github' })
      const names: string[] = []
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page: SecretPage = await github.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) })
        names.push(...page.items.map(({ name }) => name))
        cursor = page.cursor
      }
      expect(names).toEqual(expected)
    }
  })
})

describe('require', () => {
  it('[S34] says of every name whether it can be used, without a value', async () => {
    const { scope, clock, store } = testVault({
      authorize: ({ operation, secret }) => operation !== 'require' || secret?.name !== 'barred',
    })
    const github = scope('alice')
    for (const name of ['good', 'off', 'gone', 'barred', 'bad']) await github.set(name, `value of ${name}`)
    await github.set('old', 'value of old', { expiresAt: new Date(clock.now().getTime() + 1) })
    await github.deactivate('off')
    await github.delete('gone')
    const record = await store.secrets.find({ owner: 'alice', server: 'github', name: 'bad' }, 'all')
    if (record === undefined) throw new Error('the record is not there')
    await store.secrets.put(
      { ...record, type: 'api_key', revision: record.revision + 1 },
      { ifRevision: record.revision },
    )
    clock.advance(1)
    const report = await github.require(['good', 'off', 'gone', 'barred', 'bad', 'old', 'absent', 'a/b', 'good'])
    expect(report).toEqual({
      ok: false,
      missing: ['gone', 'absent'],
      expired: ['old'],
      inactive: ['off'],
      forbidden: ['barred'],
      malformed: ['a/b'],
      untrusted: ['bad'],
    })
    expect(await github.require(['good'])).toMatchObject({ ok: true, missing: [] })
    expect(JSON.stringify(report)).not.toContain('value of')
  })

  it('[S34] says nothing of the secrets of others', async () => {
    const { scope } = testVault()
    await scope('alice').set('token', 'x')
    expect(await scope('alice', { id: 'mallory' }).require(['token', 'absent'])).toMatchObject({
      missing: ['token', 'absent'],
    })
  })
})

describe('auditPages', () => {
  async function read(times: number) {
    const test = tickingVault()
    for (let index = 0; index < times; index++) await test.scope('alice').get(`n${index}`)
    return { ...test, alice: test.vault.as({ id: 'alice' }) }
  }

  it('[S33] goes through all pages, newest first, and comes to an end though it is recorded itself', async () => {
    const { alice } = await read(5)
    const pages: (readonly (string | undefined)[])[] = []
    for await (const { items } of alice.auditPages({ limit: 2 })) pages.push(items.map(({ event }) => event.name))
    expect(pages).toEqual([['n4', 'n3'], ['n2', 'n1'], ['n0']])
    const { items } = await alice.auditLog({ actions: ['audit.exported'] })
    expect(items.map(({ event }) => [event.operation, event.count])).toEqual([
      ['auditLog', 1],
      ['auditLog', 2],
      ['auditLog', 2],
    ])
  })

  it('goes on from the cursor of a page before, and reads nothing more when the loop is left', async () => {
    const { alice } = await read(5)
    const names: (string | undefined)[] = []
    let next = ''
    for await (const { items, cursor } of alice.auditPages({ limit: 2 })) {
      names.push(...items.map(({ event }) => event.name))
      next = cursor ?? ''
      break
    }
    for await (const { items } of alice.auditPages({ limit: 2, cursor: next }))
      names.push(...items.map(({ event }) => event.name))
    expect(names).toEqual(['n4', 'n3', 'n2', 'n1', 'n0'])
    expect((await alice.auditLog({ actions: ['audit.exported'] })).items).toHaveLength(3)
  })

  it('has pages of 1,000, and ends with the reason of the signal', async () => {
    const { alice } = await read(1_002)
    const controller = new AbortController()
    const lengths: number[] = []
    const walk = async () => {
      for await (const { items } of alice.auditPages({ signal: controller.signal })) {
        lengths.push(items.length)
        controller.abort(new Error('the client is gone'))
      }
    }
    await expect(walk()).rejects.toThrow('the client is gone')
    expect(lengths).toEqual([1_000])
  })

  it('throws wrong options at once, and a refusal at the first page', async () => {
    const { alice } = await read(1)
    expect(() => alice.auditPages({ limit: 1_001 })).toThrow(expect.objectContaining({ field: 'limit' }))
    const pages = alice.auditPages({ principal: 'bob' })[Symbol.asyncIterator]()
    expect(await codeOf(pages.next())).toBe('VAULT_ACCESS_DENIED')
  })
})

describe('auditLog', () => {
  it('[S33] shows a principal its own events and those on its secrets, and auditors all', async () => {
    const { scope, vault } = tickingVault()
    await scope('alice').set('token', 'x')
    await scope('alice', { id: 'bob' }).get('token')
    const of = async (id: string, options = {}) =>
      (await vault.as({ id }).auditLog(options)).items.map(({ event }) => event.principal)
    expect(await of('bob')).toEqual(['bob'])
    expect(await of('alice', { owner: 'alice', name: 'token' })).toEqual(['bob', 'alice'])
    expect(await of('alice', { owner: 'bob' })).toEqual([])
    expect(await codeOf(vault.as({ id: 'alice' }).auditLog({ principal: 'bob' }))).toBe('VAULT_ACCESS_DENIED')
    const all = await vault
      .as({ id: 'root', roles: ['auditor'] })
      .auditLog({ actions: ['secret.created', 'secret.accessed'] })
    expect(all.items.map(({ event }) => event.principal)).toEqual(['bob', 'alice'])
  })

  it('[T37] is itself recorded, and read page by page', async () => {
    const { scope, vault } = tickingVault()
    for (let index = 0; index < 5; index++) await scope('alice').get(`n${index}`)
    const alice = vault.as({ id: 'alice' })
    const first = await alice.auditLog({ actions: ['secret.accessed'], limit: 3 })
    const second = await alice.auditLog({ actions: ['secret.accessed'], limit: 3, cursor: first.cursor ?? '' })
    expect([...first.items, ...second.items].map(({ event }) => event.name)).toEqual(['n4', 'n3', 'n2', 'n1', 'n0'])
    expect(second.cursor).toBeUndefined()
    expect((await alice.auditLog({ actions: ['audit.read'] })).items).toHaveLength(2)
  })

  it('is not there when auditing is off', async () => {
    const { vault, scope, store } = testVault({ audit: { mode: 'dangerously-off' } })
    await scope('alice').set('token', 'x')
    expect((await scope('alice').get('token'))?.reveal()).toBe('x')
    expect(await codeOf(vault.as({ id: 'alice' }).auditLog())).toBe('VAULT_NOT_SUPPORTED')
    expect(await store.audit.streams({ limit: 10 })).toEqual([])
  })
})
