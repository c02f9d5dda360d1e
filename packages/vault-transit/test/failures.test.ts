// What a server, or something before it, may answer; and options that cannot be used.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type KeyProvider, keyScopeHash, parseWrappedKey } from '@mcpvault/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { login, type TransitOptions, vaultTransit } from '../src/index.ts'
import { newDekId, outcomeOf, scope, wrapOf } from './support/setting.ts'

const ciphertext = `vault:v1:${Buffer.alloc(60, 7).toString('base64')}`
const plaintext = Buffer.alloc(32, 9).toString('base64')

describe('answers', () => {
  let answer: { status: number; body: string; headers?: Readonly<Record<string, string>> }
  let url = ''
  const asked: { readonly request: IncomingMessage; readonly body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      asked.push({ request, body })
      const isKey = request.method === 'GET'
      const { status, body: text, headers = {} } = answer
      response.writeHead(isKey ? 200 : status, isKey ? {} : headers)
      response.end(isKey ? JSON.stringify({ data: { derived: true, latest_version: 1 } }) : text)
    })
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // The server listens on an address, not on a path.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())
  beforeEach(() => {
    answer = { status: 200, body: JSON.stringify({ data: { ciphertext, plaintext } }) }
  })
  const provider = (more: Partial<TransitOptions> = {}): KeyProvider =>
    vaultTransit({ url, key: 'mcpvault', token: 'a-token', ...more })

  it.each([
    [400, ['cipher: message authentication failed'], 'integrity'],
    [400, ['invalid ciphertext: no prefix'], 'integrity'],
    [400, ['ciphertext or signature version is disallowed by policy (too old)'], 'denied'],
    [400, ['encryption key not found'], 'denied'],
    [403, ['permission denied'], 'denied'],
    [404, [], 'denied'],
    [405, [], 'denied'],
    [307, [], 'transient'],
    [408, [], 'transient'],
    [412, ['required index state not present'], 'transient'],
    [429, [], 'transient'],
    [472, [], 'transient'],
    [473, [], 'transient'],
    [500, ['internal error'], 'transient'],
    [502, [], 'transient'],
    [503, ['Vault is sealed'], 'transient'],
  ] as const)('of status %i with %j are %s', async (status, errors, failure) => {
    const record = await wrapOf(provider())
    answer = { status, body: JSON.stringify({ errors }), headers: { location: `${url}/elsewhere` } }
    expect(await outcomeOf(provider(), () => provider().unwrap(record, scope))).toBe(failure)
  })

  it('that redirect are not followed, so that the token goes nowhere else', async () => {
    const record = await wrapOf(provider())
    answer = { status: 307, body: '', headers: { location: `${url}/elsewhere` } }
    await outcomeOf(provider(), () => provider().unwrap(record, scope))
    expect(asked.map(({ request }) => request.url)).not.toContain('/elsewhere')
  })

  it('of a proxy that are no JSON, and ones without end, are an outage', async () => {
    const record = await wrapOf(provider())
    answer = { status: 502, body: '<html>' }
    expect(await outcomeOf(provider(), () => provider().unwrap(record, scope))).toBe('transient')
    answer = { status: 200, body: 'x'.repeat(65_537) }
    await expect(Promise.resolve(provider().unwrap(record, scope))).rejects.toThrow('too long')
  })

  it.each([
    ['a data key that is too short', { plaintext: Buffer.alloc(31).toString('base64') }],
    ['no data key', { plaintext: undefined }],
  ])('with %s are not used to open', async (_what, change) => {
    const record = await wrapOf(provider())
    answer = { status: 200, body: JSON.stringify({ data: change }) }
    await expect(Promise.resolve(provider().unwrap(record, scope))).rejects.toMatchObject({ code: 'VAULT_OPEN_FAILED' })
  })

  it.each([
    ['no ciphertext', { ciphertext: undefined }],
    ['a ciphertext without a version', { ciphertext: 'vault:v0:AAAA' }],
    ['a ciphertext of something else', { ciphertext: 'AAAA' }],
  ])('with %s are no wrap', async (_what, change) => {
    answer = { status: 200, body: JSON.stringify({ data: { plaintext, ...change } }) }
    const refused = Promise.resolve(provider().generate?.({ dekId: newDekId(), scope }))
    await expect(refused).rejects.toMatchObject({ code: 'VAULT_OPEN_FAILED', field: 'ciphertext' })
  })

  it('go to requests that carry the token, the namespace and a hash, and no name', async () => {
    asked.length = 0
    const record = await wrapOf(provider({ namespace: 'team/a', mount: 'secret/transit' }))
    expect(parseWrappedKey(record).kekId).toBe('secret/transit/mcpvault')
    const { request, body } = asked.at(-1) ?? {}
    expect(request?.headers).toMatchObject({ 'x-vault-token': 'a-token', 'x-vault-namespace': 'team/a' })
    expect(request?.url).toBe('/v1/secret/transit/encrypt/mcpvault')
    expect(JSON.parse(body ?? '')).toMatchObject({ context: keyScopeHash(scope).toString('base64') })
    expect(asked.map((each) => each.body).join()).not.toMatch(/alice|github/)
  })

  it('have the caller’s signal and a time limit', async () => {
    const silent: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    const slow = provider({ fetch: silent, timeoutMs: 20 })
    expect(await outcomeOf(slow, () => wrapOf(slow))).toBe('transient')
    const record = await wrapOf(provider())
    const abort = new AbortController()
    const waiting = Promise.resolve(provider({ fetch: silent }).unwrap(record, scope, { signal: abort.signal }))
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('vaultTransit', () => {
  const options = { url: 'https://vault.example.com', key: 'mcpvault', token: 'a-token' }
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['no address', { url: undefined }, 'url'],
    ['plain HTTP to another machine', { url: 'http://vault.example.com' }, 'url'],
    ['a password in the address', { url: 'https://a:b@vault.example.com' }, 'url'],
    ['another protocol', { url: 'ftp://vault.example.com' }, 'url'],
    ['no key', { key: undefined }, 'key'],
    ['a key with a slash', { key: 'a/b' }, 'key'],
    ['a mount that climbs', { mount: '../sys' }, 'mount'],
    ['a mount with a query', { mount: 'transit?a=b' }, 'mount'],
    ['a namespace with a line break', { namespace: 'a\nb' }, 'namespace'],
    ['no token', { token: undefined }, 'token'],
    ['a token with a line break', { token: 'a\nb' }, 'token'],
    ['no time', { timeoutMs: 0 }, 'timeoutMs'],
    ['something else for fetch', { fetch: 7 }, 'fetch'],
    ['an option that it does not know', { address: 'https://vault.example.com' }, 'address'],
  ]

  it.each(refused)('refuses %s', (_what, change, field) => {
    // As a caller without types would.
    const given = { ...options, ...change } as unknown as TransitOptions
    expect(() => vaultTransit(given)).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field }))
  })

  it('refuses to sign in over plain HTTP, or at a path that climbs', () => {
    const body = {}
    const path = 'auth/approle/login'
    expect(() => login({ url: 'http://vault.example.com', path, body })).toThrow(
      expect.objectContaining({ field: 'url' }),
    )
    expect(() => login({ url: options.url, path: '../sys/init', body })).toThrow(
      expect.objectContaining({ field: 'path' }),
    )
  })
})
