// The hosts that a secret may be sent to: which are taken, under which seal they stand, and which URL is for them.

import type { SecretInfo, SecretScope } from '@mcpvault/core'
import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { decodeManaged } from '../../src/envelope/index.ts'
import { matchHost } from '../../src/vault/match-host.ts'
import vectors from '../vectors/managed-names.json' with { type: 'json' }

const ref = { owner: 'alice', server: 'github', name: 'token' }
const invalid = 'VAULT_VALUE_INVALID'

describe('the hosts of a secret', () => {
  it('are shown sorted, in lower case and without repeats', async () => {
    const { scope } = testVault()
    const hosts = ['b.example.com', '*.Example.com', 'a.example.com:8443', 'b.example.com', '[::1]:80', '127.0.0.1']
    const info = await scope('alice').set('token', 'one', { hosts })
    const expected = ['*.example.com', '127.0.0.1', '[::1]:80', 'a.example.com:8443', 'b.example.com']
    expect(info.hosts).toEqual(expected)
    expect((await scope('alice').describe('token'))?.hosts).toEqual(expected)
    expect((await scope('alice').list()).items[0]).toMatchObject({ hosts: expected })
  })

  it('stay with a new value, change by set and update, and go with null', async () => {
    const { scope } = testVault()
    await scope('alice').set('token', 'one', { hosts: ['a.example.com'] })
    expect((await scope('alice').set('token', 'two')).hosts).toEqual(['a.example.com'])
    expect((await scope('alice').set('token', 'three', { hosts: ['b.example.com'] })).hosts).toEqual(['b.example.com'])
    expect((await scope('alice').update('token', { hosts: ['c.example.com'] }))?.hosts).toEqual(['c.example.com'])
    expect((await scope('alice').update('token', { tags: ['ci'] }))?.hosts).toEqual(['c.example.com'])
    expect((await scope('alice').update('token', { hosts: null }))?.hosts).toBeUndefined()
  })

  it('stay when the name is set again after its deletion, unless the set brings others', async () => {
    const { scope } = testVault()
    await scope('alice').set('token', 'one', { hosts: ['a.example.com'] })
    await scope('alice').delete('token')
    expect((await scope('alice').set('token', 'two')).hosts).toEqual(['a.example.com'])
    await scope('alice').delete('token')
    expect((await scope('alice').set('token', 'three', { hosts: ['b.example.com'] })).hosts).toEqual(['b.example.com'])
    await scope('alice').share('token', { with: 'bob', permission: 'read' })
    expect(await scope('alice', { id: 'bob' }).get('token', { version: 1 })).toBeUndefined()
  })

  it.each([
    'https://api.example.com',
    'api.example.com/v1',
    'user@api.example.com',
    'api.example.com:0',
    'api.example.com:65536',
    'api.example.com.',
    '.example.com',
    'a..example.com',
    '*',
    '*.com',
    '*.127.0.0.1',
    '*.[::1]',
    'a.*.example.com',
    '127.1',
    '0x7f.0.0.1',
    '[0:0:0:0:0:0:0:1]',
    '[::1',
    'münchen.example',
    'a b.example.com',
    'a.example.com\nb.example.com',
    '',
  ])('are refused, by the name of the field, with one such as %j', async (host) => {
    const { scope } = testVault()
    const setting = scope('alice').set('token', 'one', { hosts: [host] })
    await expect(setting).rejects.toMatchObject({ code: invalid, field: 'hosts' })
  })

  it('are refused when there are none or too many', async () => {
    const { scope } = testVault()
    const many = Array.from({ length: 65 }, (_, index) => `h${index}.example.com`)
    expect(await codeOf(scope('alice').set('token', 'one', { hosts: [] }))).toBe(invalid)
    expect(await codeOf(scope('alice').set('token', 'one', { hosts: many }))).toBe(invalid)
    expect((await scope('alice').set('token', 'one', { hosts: many.slice(1) })).hosts).toHaveLength(64)
  })

  it('are looked at before a value is opened, in the same read', async () => {
    const { scope, vault } = testVault()
    const token = scope('alice')
    await token.set('token', 'one', { hosts: ['a.example.com'] })
    const isFor = (host: string) => ({ onlyIf: ({ hosts = [] }: SecretInfo) => hosts.includes(host) })
    expect((await token.get('token', isFor('a.example.com')))?.reveal()).toBe('one')
    const denied = { code: 'VAULT_ACCESS_DENIED', field: 'onlyIf' }
    await expect(token.get('token', isFor('b.example.com'))).rejects.toMatchObject(denied)
    await expect(token.use('token', () => 'was opened', isFor('b.example.com'))).rejects.toMatchObject(denied)
    // The promise of an answer is no answer.
    const later: unknown = async () => true
    await expect(Reflect.apply(token.get, token, ['token', { onlyIf: later }])).rejects.toMatchObject(denied)
    const { items } = await vault.as({ id: 'alice' }).auditLog({ actions: ['secret.accessed'] })
    expect(items.map(({ event }) => event.outcome)).toEqual(['denied', 'denied', 'denied', 'allowed'])
  })

  it.each([
    ['absent', async () => undefined, undefined],
    ['inactive', (token: SecretScope) => token.deactivate('token'), 'VAULT_INACTIVE'],
    ['not shared', undefined, undefined],
  ] as const)('are not shown of a secret that is %s', async (what, prepare, expected) => {
    const { scope } = testVault()
    if (what !== 'absent') await scope('alice').set('token', 'one', { hosts: ['a.example.com'] })
    await prepare?.(scope('alice'))
    const asked: SecretInfo[] = []
    const reader = scope('alice', { id: what === 'not shared' ? 'bob' : 'alice' })
    const read = reader.get('token', { onlyIf: (info) => asked.push(info) > 0 })
    if (expected === undefined) expect(await read).toBeUndefined()
    else await expect(read).rejects.toMatchObject({ code: expected })
    expect(asked).toEqual([])
  })

  it('stand under the seal of the record', async () => {
    const { scope, store, other } = testVault()
    const hosts = ['api.example.com']
    await scope('alice').set('token', 'one', { hosts })
    const record = await store.secrets.find(ref, 'all')
    if (record === undefined) throw new Error('The secret is gone.')
    expect(decodeManaged(record.managed).get('hosts')?.toString()).toBe('api.example.com')
    const managed = Buffer.from(record.managed)
    managed.write('evil', managed.indexOf('api.'))
    await store.secrets.put({ ...record, managed, revision: record.revision + 1 }, { ifRevision: record.revision })
    const later = other().as({ id: 'alice' }).scope({ server: 'github' })
    expect(await codeOf(later.get('token'))).toBe('VAULT_OPEN_FAILED')
  })
})

describe('the managed map', () => {
  it.each(vectors.vectors)('[S7] is written as it always was: $title', async (vector) => {
    const { scope, store } = testVault()
    await scope('alice').set('token', 'one')
    const freshUntil = new Date(vector.freshUntil)
    const info = await scope('alice').set('token', 'two', { hosts: vector.hosts, freshUntil })
    const record = await store.secrets.find(ref, 'current')
    expect(Buffer.from(record?.managed ?? []).toString('hex')).toBe(vector.bytes)
    expect(info).toMatchObject({ hosts: vector.hosts, freshUntil, needsSignIn: vector.needsSignIn })
  })

  it('says until when the current version works, and nothing of the next', async () => {
    const { scope } = testVault()
    const freshUntil = new Date('2030-01-01T00:00:00.000Z')
    expect((await scope('alice').set('token', 'one', { freshUntil })).freshUntil).toEqual(freshUntil)
    expect((await scope('alice').update('token', { tags: ['ci'] }))?.freshUntil).toEqual(freshUntil)
    expect((await scope('alice').set('token', 'two')).freshUntil).toBeUndefined()
    expect((await scope('alice').update('token', { freshUntil }))?.freshUntil).toEqual(freshUntil)
    expect((await scope('alice').update('token', { freshUntil: null }))?.freshUntil).toBeUndefined()
    expect(await codeOf(scope('alice').update('token', { freshUntil: new Date(-1) }))).toBe(invalid)
  })
})

describe('matchHost', () => {
  it.each([
    ['https://api.example.com/v1', ['api.example.com'], 'api.example.com'],
    ['https://API.example.com./v1', ['api.example.com'], undefined],
    ['https://api.example.com:443', ['api.example.com:443'], 'api.example.com:443'],
    ['https://api.example.com:8443', ['api.example.com'], undefined],
    ['https://api.example.com:8443', ['api.example.com', 'api.example.com:8443'], 'api.example.com:8443'],
    ['http://api.example.com', ['api.example.com:443'], undefined],
    ['https://a.example.com', ['*.example.com'], '*.example.com'],
    ['https://a.b.example.com', ['*.example.com', '*.b.example.com'], '*.b.example.com'],
    ['https://a.b.example.com', ['*.example.com', 'a.b.example.com'], 'a.b.example.com'],
    ['https://example.com', ['*.example.com'], undefined],
    ['https://evilexample.com', ['*.example.com'], undefined],
    ['https://api.example.com@evil.example', ['api.example.com'], undefined],
    ['https://evil.example/#api.example.com', ['api.example.com'], undefined],
    ['https://[::1]:8080/', ['[::1]:8080'], '[::1]:8080'],
    ['wss://api.example.com', ['api.example.com'], 'api.example.com'],
    ['file://api.example.com/x', ['api.example.com'], undefined],
  ])('finds for %s among %j: %s', (url, hosts, expected) => {
    expect(matchHost(url, hosts)).toBe(expected)
    expect(matchHost(new URL(url), hosts)).toBe(expected)
  })
})
