// boundFetch: where a secret goes and where it does not, a new value after a 401, and responses that repeat it.
import type { SecretScope, Vault } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { boundFetch } from '../../src/index.ts'
import { startEchoApi } from '../support/echo-api.ts'
import { userVault } from '../support/test-vault.ts'
import { makeToken } from '../support/user-vault.ts'

const label = '[secret:issues/token]'
const refused = expect.objectContaining({ code: 'MCP_DESTINATION_REFUSED' })
const scopeOf = (vault: Vault): SecretScope => vault.as({ id: 'alice' }).scope({ server: 'issues' })

/** A scope, an API, and a fetch for it. */
async function start(options: Partial<Parameters<typeof boundFetch>[0]> = {}) {
  const { vault, tokens, auditor } = await userVault()
  const api = await startEchoApi(() => tokens.alice)
  const scope = scopeOf(vault)
  return {
    vault,
    tokens,
    auditor,
    api,
    scope,
    send: boundFetch({ scope, name: 'token', hosts: [api.host], ...options }),
  }
}

describe('a request to a host of the secret', () => {
  it('has it in the authorization header', async () => {
    const { send, api, tokens } = await start()
    const response = await send(`${api.url}/user`, { method: 'POST', body: 'hello', headers: { 'x-own': '1' } })
    expect(response.status).toBe(200)
    expect(api.seen).toMatchObject([
      { method: 'POST', body: 'hello', headers: { authorization: `Bearer ${tokens.alice}`, 'x-own': '1' } },
    ])
  })

  it.each([
    ['a header by name', 'x-api-key', (token: string) => ({ 'x-api-key': token })],
    [
      'headers by a function',
      (value: { reveal(): string }) => ({ authorization: `Basic ${btoa(`me:${value.reveal()}`)}` }),
      (token: string) => ({ authorization: `Basic ${btoa(`me:${token}`)}` }),
    ],
  ] as const)('has it in %s', async (_what, header, expected) => {
    const { send, api, tokens } = await start({ header })
    const response = await send(new URL(`${api.url}/echo`))
    expect(api.seen).toMatchObject([{ headers: expected(tokens.alice) }])
    expect(await response.text()).not.toContain(tokens.alice)
  })

  it('reads the record once: the value and the hosts are of one moment', async () => {
    const { scope, send, api, vault, auditor } = await start()
    await scope.update('token', { hosts: [api.host] })
    expect((await send(`${api.url}/user`)).status).toBe(200)
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed', 'secret.listed'] })
    expect(items.map(({ event }) => event.operation)).toEqual(['get'])
  })

  it('takes a Request, and its signal', async () => {
    const { send, api } = await start()
    expect((await send(new Request(`${api.url}/echo`, { method: 'PUT', body: 'hi' }))).status).toBe(200)
    expect(api.seen).toMatchObject([{ method: 'PUT', body: 'hi' }])
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(send(new Request(`${api.url}/echo`, { signal }))).rejects.toThrow('enough')
    expect(api.seen).toHaveLength(1)
  })
})

describe('a request elsewhere', () => {
  it.each([
    ['another host', ['api.example.com'], 'https://api.example.org/'],
    ['a host that ends alike', ['example.com'], 'https://badexample.com/'],
    ['the host above a wildcard', ['*.example.com'], 'https://example.com/'],
    ['a host that begins alike', ['api.example.com'], 'https://api.example.com.evil.example/'],
    ['another port', ['api.example.com'], 'https://api.example.com:8443/'],
    ['the default port of another', ['api.example.com:8443'], 'https://api.example.com/'],
    ['plain http', ['api.example.com'], 'http://api.example.com/'],
    ['plain http to another machine', ['10.0.0.1:80'], 'http://10.0.0.1/'],
    ['another scheme', ['api.example.com'], 'ftp://api.example.com/'],
  ])('is refused before the value is read: %s', async (_what, hosts, url) => {
    const { send, auditor, vault } = await start({ hosts, fetch: () => Promise.reject(new Error('was sent')) })
    await expect(send(url)).rejects.toEqual(refused)
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'] })
    expect(items).toEqual([])
  })

  it('is refused for a secret without hosts, and without hosts of its own when the record has some', async () => {
    const { scope, api } = await start()
    await expect(boundFetch({ scope, name: 'token' })(api.url)).rejects.toThrow('bound to no host')
    await scope.update('token', { hosts: ['api.example.com'] })
    await expect(boundFetch({ scope, name: 'token' })(api.url)).rejects.toThrow('none of its hosts')
    await expect(boundFetch({ scope, name: 'token', hosts: [api.host] })(api.url)).rejects.toEqual(refused)
    expect(api.seen).toEqual([])
    await scope.update('token', { hosts: [api.host] })
    expect((await boundFetch({ scope, name: 'token' })(`${api.url}/user`)).status).toBe(200)
  })

  it('is refused by the hosts of the record before its value is opened, and the trail has it', async () => {
    const { scope, send, api, vault, auditor } = await start()
    await scope.update('token', { hosts: ['api.example.com'] })
    await expect(send(api.url)).rejects.toEqual(refused)
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'] })
    expect(items.map(({ event }) => event.outcome)).toEqual(['denied'])
  })

  it('is refused for a scope that gives its value without asking where it may go', async () => {
    const { scope, api } = await start()
    const careless: SecretScope = { ...scope, get: (name) => scope.get(name) }
    await expect(boundFetch({ scope: careless, name: 'token', hosts: [api.host] })(api.url)).rejects.toEqual(refused)
    expect(api.seen).toEqual([])
  })

  it('is refused with a user in the URL, whose text is not repeated', async () => {
    const { send } = await start()
    const error = await send('https://me:hidden@api.example.com/').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).not.toContain('hidden')
  })

  it.each([
    [],
    ['*'],
    ['*.com'],
    ['https://a.example'],
    ['a.example/path'],
    [''],
    ['a..b'],
    ['127.1'],
    ['a:0'],
    ['a:65536'],
    ['*.1.2.3'],
  ])('cannot be allowed by %j', async (...hosts) => {
    await expect(start({ hosts })).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'hosts' })
  })
})

describe('a redirect', () => {
  const to = (status: number, target: string): string => `/to/${status}?${encodeURIComponent(target)}`

  it('to a host of the secret is followed with it', async () => {
    const { send, api, tokens } = await start()
    const response = await send(api.url + to(302, '/user'), {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'a/b' },
    })
    expect(response.status).toBe(200)
    expect(api.seen[1]).toMatchObject({
      method: 'GET',
      path: '/user',
      body: '',
      headers: { authorization: `Bearer ${tokens.alice}` },
    })
    expect(api.seen[1]?.headers['content-type']).toBeUndefined()
    await send(api.url + to(307, '/user'), { method: 'POST', body: 'x' })
    expect(api.seen[3]).toMatchObject({ method: 'POST', body: 'x' })
  })

  it.each(['x-api-key', undefined])(
    'elsewhere is followed without it (%s), without cookies, and without it on the way back',
    async (header) => {
      const { api, scope, tokens } = await start()
      const other = await startEchoApi()
      const send = boundFetch({ scope, name: 'token', hosts: [api.host], ...(header === undefined ? {} : { header }) })
      const headers = { cookie: 'session=1', accept: 'text/plain' }
      await send(api.url + to(301, other.url + to(302, `${api.url}/user`)), { headers })
      expect(JSON.stringify(other.seen)).not.toContain(tokens.alice)
      expect(other.seen[0]?.headers).toMatchObject({ accept: 'text/plain' })
      expect(other.seen[0]?.headers.cookie).toBeUndefined()
      expect(api.seen).toHaveLength(2)
      expect(JSON.stringify(api.seen[1])).not.toContain(tokens.alice)
    },
  )

  it('that would send the body elsewhere is refused', async () => {
    const { send, api } = await start()
    const other = await startEchoApi()
    await expect(send(api.url + to(307, other.url), { method: 'POST', body: 'x' })).rejects.toEqual(refused)
    expect(other.seen).toEqual([])
  })

  it('to plain http is refused, also to this machine when it comes from https', async () => {
    const { send, api } = await start()
    await expect(send(api.url + to(302, 'http://api.example.com/'))).rejects.toEqual(refused)
    const answer = new Response(null, { status: 302, headers: { location: api.url } })
    const fromHttps = await start({ hosts: ['api.example.com'], fetch: async () => answer })
    await expect(fromHttps.send('https://api.example.com/')).rejects.toEqual(refused)
  })

  it('is given back or refused as the request says, and ends after 20', async () => {
    const { send, api } = await start()
    expect((await send(api.url + to(302, '/user'), { redirect: 'manual' })).status).toBe(302)
    await expect(send(api.url + to(302, '/user'), { redirect: 'error' })).rejects.toThrow(TypeError)
    let count = 0
    const circle = async (): Promise<Response> => {
      count++
      return new Response(null, { status: 302, headers: { location: '/' } })
    }
    const endless = await start({ hosts: ['api.example.com'], fetch: circle })
    await expect(endless.send('https://api.example.com/')).rejects.toThrow('20 redirects')
    expect(count).toBe(21)
  })
})

describe('a 401', () => {
  it('is tried once more when the value has changed since', async () => {
    const { vault, tokens } = await userVault()
    const scope = scopeOf(vault)
    const renewed = makeToken()
    const api = await startEchoApi(() => renewed)
    const send = boundFetch({
      scope,
      name: 'token',
      hosts: [api.host],
      fetch: async (...given) => {
        const response = await fetch(...given)
        if (response.status === 401) await scope.set('token', renewed)
        return response
      },
    })
    expect((await send(`${api.url}/user`, { method: 'POST', body: 'x' })).status).toBe(200)
    const sent = [tokens.alice, renewed].map((token) => ({ body: 'x', headers: { authorization: `Bearer ${token}` } }))
    expect(api.seen).toMatchObject(sent)
  })

  it('is given back when the value is still the same, after one request', async () => {
    const { scope, api } = await start()
    await scope.set('token', makeToken())
    const send = boundFetch({ scope, name: 'token', hosts: [api.host] })
    expect((await send(`${api.url}/user`)).status).toBe(401)
    expect(api.seen).toHaveLength(1)
  })

  it('is tried no third time', async () => {
    const { scope, api } = await start()
    await scope.set('token', makeToken())
    const send = boundFetch({
      scope,
      name: 'token',
      hosts: [api.host],
      fetch: async (...given) => {
        await scope.set('token', makeToken())
        return fetch(...given)
      },
    })
    expect((await send(`${api.url}/user`)).status).toBe(401)
    expect(api.seen).toHaveLength(2)
  })

  it('is given back for a body that is a stream, which cannot be sent again', async () => {
    const { vault } = await userVault()
    const scope = scopeOf(vault)
    const api = await startEchoApi(() => 'nothing has this')
    const send = boundFetch({
      scope,
      name: 'token',
      hosts: [api.host],
      fetch: async (...given) => {
        await scope.set('token', makeToken())
        return fetch(...given)
      },
    })
    const body = new Blob(['x']).stream()
    expect((await send(`${api.url}/user`, { method: 'POST', body, duplex: 'half' })).status).toBe(401)
    expect(api.seen).toMatchObject([{ body: 'x' }])
  })
})

describe('a response that repeats the secret', () => {
  it.each(['/echo', '/zip', '/pieces'])('[N16] has a label in its place: %s', async (path) => {
    const { send, api, tokens } = await start()
    const response = await send(api.url + path)
    const text = await response.text()
    expect(text).toContain(`Bearer ${label}`)
    expect(JSON.stringify([text, [...response.headers]])).not.toContain(tokens.alice)
    expect(response.url).toBe(api.url + path)
  })

  it('[N16] may have no body', async () => {
    const { send, api } = await start()
    const response = await send(`${api.url}/echo`, { method: 'HEAD' })
    expect(response.headers.get('x-sent')).toBe(`Bearer ${label}`)
    expect(await response.text()).toBe('')
    const empty = await start({ hosts: ['api.example.com'], fetch: async () => new Response(null, { status: 204 }) })
    expect((await empty.send('https://api.example.com/')).status).toBe(204)
  })
})

describe('an error', () => {
  it('has no value: one that cannot be in a header, and one of the network', async () => {
    const { scope, api } = await start()
    const odd = 'first-line\nsecond-line'
    await scope.set('token', odd)
    const send = boundFetch({ scope, name: 'token', hosts: [api.host] })
    const error = await send(api.url).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('issues/token')
    expect(String(error)).not.toContain('first-line')
    const token = makeToken()
    await scope.set('token', token)
    const failing = boundFetch({
      scope,
      name: 'token',
      hosts: [api.host],
      fetch: async () => Promise.reject(new Error(token)),
    })
    await expect(failing(api.url)).rejects.toThrow(label)
  })

  it('names a secret that is not there, or not to be used', async () => {
    const { scope, api } = await start()
    const missing = boundFetch({ scope, name: 'none', hosts: [api.host] })
    await expect(missing(api.url)).rejects.toMatchObject({
      code: 'MCP_SECRET_MISSING',
      missing: [{ name: 'none', reason: 'missing' }],
    })
    await scope.deactivate('token')
    const inactive = boundFetch({ scope, name: 'token', hosts: [api.host] })
    await expect(inactive(api.url)).rejects.toMatchObject({
      code: 'MCP_SECRET_MISSING',
      missing: [{ reason: 'inactive' }],
    })
  })
})
