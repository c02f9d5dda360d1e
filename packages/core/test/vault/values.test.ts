// Storing and reading values through the whole vault.

import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { encodeHex } from '../../src/bytes/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { countingProvider, recordingStore } from '../../src/testing/index.ts'

describe('set and get', () => {
  it('[A14] gives back text as it was', async () => {
    const { scope } = testVault()
    const github = scope('alice')
    const info = await github.set('token', 'grüße 🔑\u0301')
    expect(info).toMatchObject({
      owner: 'alice',
      server: 'github',
      name: 'token',
      version: 1,
      state: 'active',
      encoding: 'text',
    })
    const value = await github.get('token')
    expect(value?.reveal()).toBe('grüße 🔑\u0301')
    expect(value).toMatchObject({ version: 1, encoding: 'text' })
  })

  it('gives back bytes as they were, and copies what it keeps', async () => {
    const github = testVault().scope('alice')
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const storing = github.set('raw', bytes)
    bytes.fill(7)
    await storing
    const value = await github.get('raw')
    expect(await value?.use(encodeHex)).toBe(encodeHex(Uint8Array.from({ length: 256 }, (_, index) => index)))
    expect(await codeOf(Promise.resolve().then(() => value?.reveal()))).toBe('VAULT_NOT_SUPPORTED')
  })

  it('[A11] keeps named fields, patches them one by one, and removes them with null', async () => {
    const github = testVault().scope('alice')
    await github.set('twilio', { sid: 'AC1', key: 'SK1', secret: 'first' })
    const patched = await github.patch('twilio', { secret: 'second', 10: 'ten' })
    expect(patched).toMatchObject({ version: 2, encoding: 'fields' })
    expect((await github.get('twilio'))?.fields()).toEqual({ sid: 'AC1', key: 'SK1', secret: 'second', 10: 'ten' })
    await github.patch('twilio', { key: null })
    const value = await github.get('twilio')
    expect(value?.fields()).toEqual({ sid: 'AC1', secret: 'second', 10: 'ten' })
    expect(value?.reveal()).toBe('{"10":"ten","secret":"second","sid":"AC1"}')
    expect((await github.get('twilio', { version: 1 }))?.fields()).toEqual({ sid: 'AC1', key: 'SK1', secret: 'first' })
  })

  it('patches only values that have fields, and keeps at least one', async () => {
    const github = testVault().scope('alice')
    await github.set('text', 'plain')
    await github.set('one', { a: '1' })
    expect(await codeOf(github.patch('text', { a: '1' }))).toBe('VAULT_NOT_SUPPORTED')
    expect(await codeOf(github.patch('one', { a: null }))).toBe('VAULT_VALUE_INVALID')
    expect(await github.patch('absent', { a: '1' })).toBeUndefined()
  })

  const kinds: readonly [string, string, string][] = [
    ['OPENAI_API_KEY', 'api_key', 'sk-proj-0123456789'],
    ['ANTHROPIC_API_KEY', 'api_key', 'sk-ant-0123456789'],
    ['DATABASE_URL', 'database_url', 'postgresql+asyncpg://user:p%40ss:/w@db.example:5432/app?ssl=true'],
    ['JWT_SECRET', 'jwt_secret', 'a'.repeat(64)],
    ['SERVICE', 'custom', '{"user":"x","password":"y"}'],
    ['third-party.token', 'custom', 'xoxb-1-2-3'],
  ]
  it.each(kinds)('[S1] keeps %s', async (name, type, text) => {
    const github = testVault().scope('alice')
    expect(await github.set(name, text, { type })).toMatchObject({ type })
    expect((await github.get(name))?.reveal()).toBe(text)
  })

  it('takes one byte and the largest value', async () => {
    const github = testVault().scope('alice')
    await github.set('small', 'x')
    await github.set('large', 'x'.repeat(65_536))
    expect((await github.get('small'))?.reveal()).toBe('x')
    expect((await github.get('large'))?.reveal()).toBe('x'.repeat(65_536))
  })

  it('takes larger values where limits.valueBytes allows them', async () => {
    const github = testVault({ limits: { valueBytes: 1_048_576 } }).scope('alice')
    const large = new Uint8Array(1_048_576).fill(1)
    await github.set('large', large)
    expect(await github.use('large', (bytes) => bytes.length)).toBe(1_048_576)
  })

  it('reads what was stored under a higher limit, and writes no more of that size', async () => {
    const large = 'x'.repeat(2_000)
    const before = testVault()
    await before.scope('alice').set('token', large)
    const after = testVault({ store: before.store, keys: before.keys, limits: { valueBytes: 1_000 } })
    const github = after.scope('alice')
    expect((await github.get('token'))?.reveal()).toBe(large)
    expect((await github.getAll()).values.get('token')?.reveal()).toBe(large)
    const tooLarge = { code: 'VAULT_VALUE_INVALID', field: 'value', message: /limits\.valueBytes/ }
    for (const write of [() => github.set('token', large), () => github.restore('token', 1)]) {
      await expect(write()).rejects.toMatchObject({ ...tooLarge, message: expect.stringMatching(tooLarge.message) })
    }
  })

  it('is undefined for what is absent', async () => {
    const github = testVault().scope('alice')
    expect(await github.get('token')).toBeUndefined()
    expect(await github.use('token', () => 1)).toBeUndefined()
    expect(await github.describe('token')).toBeUndefined()
    expect(await github.history('token')).toBeUndefined()
    expect(await github.restore('token', 1)).toBeUndefined()
    expect(await github.update('token', { tags: [] })).toBeUndefined()
    expect(await github.grants('token')).toBeUndefined()
    expect(await github.share('token', { with: 'bob', permission: 'read' })).toBeUndefined()
    expect(await github.unshare('token', { with: 'bob' })).toBe(false)
    for (const verb of ['delete', 'undelete', 'activate', 'deactivate', 'destroy'] as const) {
      expect(await github[verb]('token')).toBe(false)
    }
  })

  it('[N1] keeps the same name of two owners and two servers apart', async () => {
    const { vault } = testVault()
    const places = ['alice', 'bob'].flatMap((owner) => ['github', 'figma'].map((server) => ({ owner, server })))
    for (const { owner, server } of places)
      await vault.as({ id: owner }).scope({ server }).set('token', `${owner} ${server}`)
    for (const { owner, server } of places) {
      expect((await vault.as({ id: owner }).scope({ server }).get('token'))?.reveal()).toBe(`${owner} ${server}`)
    }
  })

  it('keeps names apart that differ in case or normal form', async () => {
    const github = testVault().scope('alice')
    const names = ['token', 'TOKEN', 'Token', 'é', 'e\u0301', 'ﬁ', 'fi', 'ﬀ ', ' ﬀ']
    for (const name of names) await github.set(name, `value of ${name}`)
    for (const name of names) expect((await github.get(name))?.reveal()).toBe(`value of ${name}`)
  })
})

describe('what a read costs', () => {
  it('[S46] is one query for a warm vault, and neither a key service nor a key derivation', async () => {
    const keys = countingProvider(keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }))
    const store = recordingStore(memoryStore())
    const { scope } = testVault({ keys, store, audit: { mode: 'dangerously-off' } })
    await scope('alice').set('token', 'x')
    const asked = { calls: store.calls.length, ...keys.counts }
    for (let read = 0; read < 50; read++) await scope('alice').get('token')
    expect(store.calls.length - asked.calls).toBe(50)
    expect(keys.counts).toEqual({ wrap: asked.wrap, unwrap: asked.unwrap, generate: 0, rewrap: 0 })
  })

  it('[S46] is four queries and one unwrapping for the first read of a process', async () => {
    const ring = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const plain = memoryStore()
    await testVault({ keys: ring, store: plain, audit: { mode: 'dangerously-off' } })
      .scope('alice')
      .set('token', 'x')
    const [keys, store] = [countingProvider(ring), recordingStore(plain)]
    const { scope } = testVault({ keys, store, audit: { mode: 'dangerously-off' } })
    expect((await scope('alice').get('token'))?.reveal()).toBe('x')
    expect(store.calls.length).toBeLessThanOrEqual(4)
    expect(keys.counts).toEqual({ wrap: 0, unwrap: 1, generate: 0, rewrap: 0 })
  })
})

describe('getAll', () => {
  it('[N2] gives exactly the values of one owner and server', async () => {
    const { vault } = testVault()
    const alice = vault.as({ id: 'alice' })
    await alice.scope({ server: 'github' }).set('a', '1')
    await alice.scope({ server: 'github' }).set('b', '2')
    await alice.scope({ server: 'figma' }).set('c', '3')
    await vault.as({ id: 'bob' }).scope({ server: 'github' }).set('d', '4')
    const { values } = await alice.scope({ server: 'github' }).getAll()
    expect([...values].map(([name, value]) => [name, value.reveal()])).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })

  it('[N5] returns the error of one damaged record beside the other values', async () => {
    const { scope, store } = testVault()
    const github = scope('alice')
    await github.set('good', '1')
    await github.set('bad', '2')
    const record = await store.secrets.find({ owner: 'alice', server: 'github', name: 'bad' }, 'all')
    if (record === undefined) throw new Error('the record is not there')
    await store.secrets.put(
      { ...record, revision: record.revision + 1, mac: new Uint8Array(32) },
      { ifRevision: record.revision },
    )
    const { values, errors } = await github.getAll()
    expect([...values.keys()]).toEqual(['good'])
    expect([...errors].map(([name, error]) => [name, error.code])).toEqual([['bad', 'VAULT_OPEN_FAILED']])
  })

  it('[N5] asks the store once', async () => {
    const { scope, store } = testVault()
    const github = scope('alice')
    for (let index = 0; index < 20; index++) await github.set(`s${index}`, 'x')
    let queries = 0
    const { findAll, find } = store.secrets
    Object.assign(store.secrets, {
      findAll: (...given: Parameters<typeof findAll>) => {
        queries++
        return findAll(...given)
      },
      find: (...given: Parameters<typeof find>) => {
        queries++
        return find(...given)
      },
    })
    expect((await github.getAll()).values.size).toBe(20)
    expect(queries).toBeLessThanOrEqual(1)
  })

  it('refuses a scope with more secrets than it opens at once', async () => {
    const github = testVault({ limits: { getAll: 2 } }).scope('alice')
    for (const name of ['a', 'b']) await github.set(name, name)
    expect((await github.getAll()).values.size).toBe(2)
    await github.set('c', 'c')
    expect(await codeOf(github.getAll())).toBe('VAULT_NOT_SUPPORTED')
  })

  it('leaves out what is inactive, expired or deleted', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    for (const name of ['kept', 'off', 'gone']) await github.set(name, name)
    await github.set('old', 'old', { expiresAt: new Date(clock.now().getTime() + 1_000) })
    await github.deactivate('off')
    await github.delete('gone')
    clock.advance(1_000)
    expect([...(await github.getAll()).values.keys()]).toEqual(['kept'])
  })
})
