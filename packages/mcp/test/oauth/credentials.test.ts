// Kinds of credentials: what each takes, what is stored of it, which request gets it, and how.

import { createVault, generateKey, keyRing, memoryStore, VaultError } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import {
  apiKey,
  applyCredential,
  basic,
  bearer,
  env,
  matchCredential,
  oauth,
  parseCredential,
  type StorableCredential,
} from '../../src/oauth/index.ts'

const hosts = ['api.example.com']
const receivedAt = new Date('2026-01-01T00:00:00.000Z')
const refresh = { token_endpoint: 'https://login.example.com/token', client_id: 'crm' }

function newScope() {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  return createVault({ keys, store: memoryStore() }).as({ id: 'alice' }).scope({ server: 'crm' })
}

/** The code and field of what a call throws. */
function faultOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error instanceof VaultError ? [error.code, error.field] : error
  }
}

const kinds: readonly [string, () => StorableCredential, Record<string, string>][] = [
  ['bearer', () => bearer({ token: 't', hosts }), { kind: 'bearer', token: 't' }],
  ['basic', () => basic({ user: 'u', password: 'p:ü', hosts }), { kind: 'basic', user: 'u', password: 'p:ü' }],
  [
    'a key in a header',
    () => apiKey({ in: 'header', name: 'x-key', value: 'v', hosts }),
    { kind: 'api-key', in: 'header', name: 'x-key', value: 'v' },
  ],
  [
    'a key in the query',
    () => apiKey({ in: 'query', name: 'key', value: 'v&w', hosts }),
    { kind: 'api-key', in: 'query', name: 'key', value: 'v&w' },
  ],
  ['env', () => env({ variable: 'API_KEY', value: 'v', hosts }), { kind: 'env', variable: 'API_KEY', value: 'v' }],
  [
    'oauth',
    () => oauth({ answer: { access_token: 'a', refresh_token: 'r', expires_in: 60 }, refresh, receivedAt, hosts }),
    { kind: 'oauth', access_token: 'a', refresh_token: 'r', expires_at: '2026-01-01T00:01:00.000Z', ...refresh },
  ],
]

describe('a credential', () => {
  it.each(kinds)('of the kind %s is stored with its hosts, and read back', async (_, make, fields) => {
    const { value, settings } = make()
    expect(value).toEqual(fields)
    const scope = newScope()
    expect(await scope.set('credential', value, settings)).toMatchObject({ hosts, encoding: 'fields' })
    expect(parseCredential((await scope.get('credential'))?.fields() ?? {})).toEqual(fields)
  })

  it.each([
    [{ expires_in: 60 }, '2026-01-01T00:01:00.000Z'],
    [{ expires_in: '60' }, '2026-01-01T00:01:00.000Z'],
    [{ expires_at: 1_767_225_660 }, '2026-01-01T00:01:00.000Z'],
    [{ expires_at: '1767225660' }, '2026-01-01T00:01:00.000Z'],
    [{ expires_at: 1_767_225_660_000 }, '2026-01-01T00:01:00.000Z'],
    [{ expires_at: '2026-01-01T01:01:00+01:00' }, '2026-01-01T00:01:00.000Z'],
    [{ expires_at: new Date('2026-01-01T00:01:00Z') }, '2026-01-01T00:01:00.000Z'],
    [{ expires_in: null, expires_at: null }, undefined],
    [{}, undefined],
  ])('of OAuth ends when %j says', (answer, expected) => {
    const { value, settings } = oauth({ answer: { access_token: 'a', ...answer }, receivedAt, hosts })
    expect(value['expires_at']).toBe(expected)
    expect(settings.freshUntil).toEqual(new Date(expected ?? '9999-12-31T23:59:59.000Z'))
  })

  it.each([
    ['bearer.token', () => bearer({ token: 'a\r\nx-other: b', hosts })],
    ['bearer.token', () => bearer({ token: '', hosts })],
    ['bearer.token', () => bearer({ token: 'clé', hosts })],
    ['basic.user', () => basic({ user: 'a:b', password: 'p', hosts })],
    ['apiKey.name', () => apiKey({ in: 'header', name: 'a b', value: 'v', hosts })],
    ['env.variable', () => env({ variable: 'A=B', value: 'v', hosts })],
    ['answer.access_token', () => oauth({ answer: { access_token: '' }, hosts })],
    ['answer.expires_in', () => oauth({ answer: { access_token: 'a', expires_in: 'soon' }, hosts })],
    ['answer.expires_at', () => oauth({ answer: { access_token: 'a', expires_at: 'soon' }, hosts })],
    ['oauth.client_id', () => oauth({ answer: { access_token: 'a' }, refresh: { ...refresh, client_id: '' }, hosts })],
    ['credential', () => parseCredential({ kind: 'other', token: 'x' })],
    ['credential', () => parseCredential({ token: 'x' })],
  ])('that is wrong is refused by the name of %s, without what was given', (field, make) => {
    expect(faultOf(make)).toEqual(['VAULT_VALUE_INVALID', field])
  })
})

describe('matchCredential', () => {
  const all = [
    { name: 'exact', hosts: ['api.example.com'] },
    { name: 'wide', hosts: ['*.example.com', 'other.example'] },
    { name: 'off', hosts: ['off.example.net'], isActive: false },
    { name: 'signed-out', hosts: ['crm.example.org'], needsSignIn: true },
    { name: 'unbound' },
  ]

  it.each([
    ['https://api.example.com/v1', 'exact', 'api.example.com'],
    ['https://eu.example.com/v1', 'wide', '*.example.com'],
    ['https://other.example', 'wide', 'other.example'],
  ])('says for %s: %s', (url, name, host) => {
    const why = `${name} names the host ${host}`
    expect(matchCredential(url, all)).toEqual({ name, host, why, needsSignIn: false })
  })

  it('says that somebody has to sign in first', () => {
    expect(matchCredential('https://crm.example.org', all)).toMatchObject({ name: 'signed-out', needsSignIn: true })
  })

  it.each(['https://example.com', 'https://off.example.net', 'https://api.example.com:8443', 'https://evil.example'])(
    'finds none for %s, by name',
    (url) => {
      expect(faultOf(() => matchCredential(url, all))).toEqual(['VAULT_NO_CREDENTIAL', undefined])
    },
  )

  it('takes neither of two that name the host alike', () => {
    const twice = [...all, { name: 'again', hosts: ['api.example.com'] }]
    expect(() => matchCredential('https://api.example.com', twice)).toThrow('alike')
  })

  it('takes what a vault lists', async () => {
    const scope = newScope()
    const { value, settings } = bearer({ token: 't', hosts })
    await scope.set('token', value, settings)
    const { items } = await scope.list()
    expect(matchCredential('https://api.example.com/', items).name).toBe('token')
  })
})

describe('applyCredential', () => {
  it.each([
    [{ kind: 'bearer', token: 'a b' }, 'authorization', 'Bearer a b'],
    [{ kind: 'oauth', access_token: 'abc', token_type: 'bearer' }, 'authorization', 'Bearer abc'],
    [
      { kind: 'basic', user: 'ü', password: 'p:w' },
      'authorization',
      `Basic ${Buffer.from('ü:p:w').toString('base64')}`,
    ],
    [{ kind: 'api-key', in: 'header', name: 'X-Key', value: 'v' }, 'x-key', 'v'],
  ])('puts %j into a header', (fields, header, expected) => {
    const given = { url: 'https://api.example.com/v1?a=1', headers: { [header]: 'old', accept: 'text/plain' } }
    const { url, headers } = applyCredential(parseCredential(fields), given)
    expect(url.href).toBe('https://api.example.com/v1?a=1')
    expect(Object.fromEntries(headers)).toEqual({ accept: 'text/plain', [header]: expected })
  })

  it('puts a key into the query', () => {
    const credential = parseCredential({ kind: 'api-key', in: 'query', name: 'key', value: 'a&b' })
    const { url, headers } = applyCredential(credential, { url: 'https://api.example.com/v1?key=old' })
    expect(url.href).toBe('https://api.example.com/v1?key=a%26b')
    expect([...headers]).toEqual([])
  })

  it('sends no credential of the kind env', () => {
    const credential = parseCredential({ kind: 'env', variable: 'A', value: 'v' })
    expect(faultOf(() => applyCredential(credential, { url: 'https://api.example.com' }))).toEqual([
      'VAULT_NOT_SUPPORTED',
      undefined,
    ])
  })
})
