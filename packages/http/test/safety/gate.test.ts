// The gate: HTTPS or this machine, the app's own host, and no request that another site's page sent.
import { afterEach, describe, expect, it } from 'vitest'
import type { Connection, VaultHandlerOptions } from '../../src/index.ts'
import { createHost, type Host, userHeader } from '../support/host.ts'

let host: Host
afterEach(() => host.vault.close())

interface Sent {
  readonly url?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connection?: Connection
  readonly options?: Partial<VaultHandlerOptions>
}

/** The code of the error, or the status of a success. */
async function outcome({
  url = 'https://app.test/vault/api/v1/me',
  method = 'GET',
  headers,
  connection,
  options,
}: Sent): Promise<string | number> {
  host = createHost({ handler: options ?? {} })
  const isWrite = method !== 'GET'
  const type = isWrite ? { 'content-type': 'application/json' } : {}
  const request = new Request(url, {
    method,
    headers: { [userHeader]: 'owner', ...type, ...headers },
    ...(isWrite && { body: '{"value":"v"}' }),
  })
  const response = await host.handler(request, connection)
  const body: unknown = await response.json()
  const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : response.status
}

const local: Connection = { remoteAddress: '127.0.0.1', encrypted: false }
const remote: Connection = { remoteAddress: '192.0.2.7', encrypted: false }
const tls: Connection = { remoteAddress: '192.0.2.7', encrypted: true }
const plainUrl = 'http://app.test/vault/api/v1/me'
const localUrl = 'http://localhost:8080/vault/api/v1/me'

describe('[S40] plain HTTP', () => {
  const insecure = 'HTTP_INSECURE'
  const proxied = (headers: Record<string, string>, trustProxy: string[]): Sent => ({
    url: plainUrl,
    headers,
    connection: { remoteAddress: '10.1.2.3', encrypted: false },
    options: { trustProxy },
  })
  const cases: readonly (readonly [string, Sent, string | number])[] = [
    ['from another machine is refused', { url: plainUrl, connection: remote }, insecure],
    ['over TLS is none', { url: 'http://app.test/vault/api/v1/me', connection: tls }, 200],
    ['from this machine is served', { url: localUrl, connection: local }, 200],
    [
      'from this machine by IPv6 is served',
      { url: 'http://[::1]:80/vault/api/v1/me', connection: { remoteAddress: '::1', encrypted: false } },
      200,
    ],
    [
      'from this machine by IPv4 in IPv6 is served',
      { url: localUrl, connection: { remoteAddress: '::ffff:127.0.0.1', encrypted: false } },
      200,
    ],
    ['that only says localhost in its Host is refused', { url: localUrl, connection: remote }, insecure],
    ['without a connection is refused', { url: localUrl }, insecure],
    ['without a connection, where the URL says https, is none', {}, 200],
    [
      'is served where the host allows it',
      { url: plainUrl, connection: remote, options: { allowInsecure: true } },
      200,
    ],
    [
      'that says it was https is refused from anybody',
      { url: plainUrl, connection: remote, headers: { 'x-forwarded-proto': 'https' } },
      insecure,
    ],
    [
      'by a proxy on this machine that nobody named is refused',
      { url: localUrl, connection: local, headers: { 'x-forwarded-for': '192.0.2.7' } },
      insecure,
    ],
    [
      'by a proxy on this machine that says only the address of its client is refused',
      { url: localUrl, connection: local, headers: { 'x-real-ip': '192.0.2.7' } },
      insecure,
    ],
    ['that a trusted proxy had as https is served', proxied({ 'x-forwarded-proto': 'https' }, ['10.0.0.0/8']), 200],
    ['that a trusted proxy had as http is refused', proxied({ 'x-forwarded-proto': 'http' }, ['10.0.0.0/8']), insecure],
    [
      'that a trusted proxy had as both is refused',
      proxied({ 'x-forwarded-proto': 'https, http' }, ['10.1.2.3']),
      insecure,
    ],
    ['of which a trusted proxy says nothing is refused', proxied({}, ['10.1.2.3']), insecure],
    [
      'of a proxy that is not the trusted one is refused',
      proxied({ 'x-forwarded-proto': 'https' }, ['10.1.2.4']),
      insecure,
    ],
  ]
  it.each(cases)('%s', async (_, sent, expected) => {
    expect(await outcome(sent)).toBe(expected)
  })
})

describe('another host', () => {
  const wrong = 'HTTP_WRONG_HOST'
  const origins = ['https://app.test']
  const cases: readonly (readonly [string, Sent, string | number])[] = [
    ['is refused on this machine', { url: 'http://rebound.example/vault/api/v1/me', connection: local }, wrong],
    [
      'is refused on this machine also with a port',
      { url: 'http://rebound.example:8080/vault/api/v1/me', connection: local },
      wrong,
    ],
    [
      'that begins like this machine is refused',
      { url: 'http://localhost.example/vault/api/v1/me', connection: local },
      wrong,
    ],
    [
      'in the Host header is refused, whatever the URL says',
      { url: localUrl, connection: local, headers: { host: 'rebound.example' } },
      wrong,
    ],
    [
      'is refused where the origins are named',
      { url: 'https://other.test/vault/api/v1/me', connection: tls, options: { origins } },
      wrong,
    ],
    ['that is named is served', { connection: tls, options: { origins } }, 200],
    [
      'is served where no origins are named and TLS vouches for it',
      { url: 'https://other.test/vault/api/v1/me', connection: tls },
      200,
    ],
    [
      'is what a trusted proxy says that it was',
      {
        url: 'http://upstream:3000/vault/api/v1/me',
        connection: { remoteAddress: '10.1.2.3', encrypted: false },
        headers: { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.test' },
        options: { origins, trustProxy: ['10.1.2.3'] },
      },
      200,
    ],
    ...['app.test:443', 'App.Test', 'evil.test, app.test:443'].map((forwarded): readonly [string, Sent, number] => [
      `that a trusted proxy writes as ${forwarded} is served`,
      {
        url: 'http://upstream:3000/vault/api/v1/me',
        connection: { remoteAddress: '10.1.2.3', encrypted: false },
        headers: { 'x-forwarded-proto': 'https', 'x-forwarded-host': forwarded, origin: 'https://app.test' },
        options: { origins, trustProxy: ['10.1.2.3'] },
      },
      200,
    ]),
    [
      'is the same with the port that its scheme has anyway',
      { connection: tls, headers: { host: 'app.test:443' }, options: { origins } },
      200,
    ],
    [
      'with the port of another scheme is refused',
      { connection: tls, headers: { host: 'app.test:80' }, options: { origins } },
      wrong,
    ],
    [
      'in a header of nobody’s proxy counts for nothing',
      {
        url: 'https://other.test/vault/api/v1/me',
        connection: tls,
        headers: { 'x-forwarded-host': 'app.test' },
        options: { origins },
      },
      wrong,
    ],
  ]
  it.each(cases)('%s', async (_, sent, expected) => {
    expect(await outcome(sent)).toBe(expected)
  })
})

describe('a page of another site', () => {
  const url = 'https://app.test/vault/api/v1/secrets/github/token'
  const write = (headers: Record<string, string>): Sent => ({ url, method: 'PUT', headers, connection: tls })
  const read = (headers: Record<string, string>): Sent => ({ headers, connection: tls })
  const cross = 'HTTP_CROSS_SITE'
  const cases: readonly (readonly [string, Sent, string | number])[] = [
    ['cannot write', write({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }), cross],
    ['cannot write by its origin alone, from an older browser', write({ origin: 'https://evil.test' }), cross],
    ['cannot write from a sandbox', write({ origin: 'null' }), cross],
    ['cannot write from a subdomain', write({ 'sec-fetch-site': 'same-site', origin: 'https://x.app.test' }), cross],
    ['cannot write from another port', write({ origin: 'https://app.test:8443' }), cross],
    ['cannot write from plain HTTP', write({ origin: 'http://app.test' }), cross],
    ['cannot write with an origin that is none', write({ origin: 'app.test' }), cross],
    ['cannot write as if the user had typed it', write({ 'sec-fetch-site': 'none' }), cross],
    ['cannot read', read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }), cross],
    ['cannot lead to the API by a link', read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }), cross],
    [
      'is not the page itself, which writes',
      write({ 'sec-fetch-site': 'same-origin', origin: 'https://app.test' }),
      201,
    ],
    ['is not the page itself, which reads', read({ 'sec-fetch-site': 'same-origin' }), 200],
    ['is not a program, which says nothing of a site', write({}), 201],
  ]
  it.each(cases)('%s', async (_, sent, expected) => {
    expect(await outcome(sent)).toBe(expected)
  })
})

describe('the address in the trail', () => {
  const cases: readonly (readonly [string, string, Record<string, string>, string])[] = [
    ['is that of the connection', '192.0.2.7', { 'x-forwarded-for': '203.0.113.9' }, '192.0.2.7'],
    ['is what a trusted proxy says', '10.1.2.3', { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
    [
      'is the last that no trusted proxy has, since the client writes the first',
      '10.1.2.3',
      { 'x-forwarded-for': '1.2.3.4, 203.0.113.9, 10.9.9.9' },
      '203.0.113.9',
    ],
    ['is without the port that some proxies add', '10.1.2.3', { 'x-forwarded-for': '203.0.113.9:4711' }, '203.0.113.9'],
    ['is without the brackets of IPv6', '10.1.2.3', { 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
    ['is that of the proxy when it says nothing of use', '10.1.2.3', { 'x-forwarded-for': 'unknown' }, '10.1.2.3'],
  ]
  it.each(cases)('%s', async (_, remoteAddress, headers, expected) => {
    host = createHost({ handler: { trustProxy: ['10.0.0.0/8'] } })
    const request = new Request('https://app.test/vault/api/v1/secrets', {
      headers: { [userHeader]: 'owner', 'x-forwarded-proto': 'https', ...headers },
    })
    expect((await host.handler(request, { remoteAddress, encrypted: true })).status).toBe(200)
    const { items } = await host.client('owner').audit()
    expect(items).toMatchObject([{ operation: 'listAll', sourceIp: expected }])
  })
})

describe('the principal', () => {
  it('is chosen by nothing that a request says beside the session', async () => {
    host = createHost()
    const headers = {
      'x-user': 'owner',
      'x-principal': 'owner',
      authorization: 'Bearer owner',
      cookie: 'user=owner',
      'x-forwarded-user': 'owner',
    }
    expect((await host.send(undefined, 'GET', '/api/v1/me?principal=owner', { headers })).status).toBe(401)
    const me = await host.send('stranger', 'GET', '/api/v1/me', { headers })
    expect(await me.json()).toMatchObject({ data: { id: 'stranger' } })
    expect((await host.send('stranger', 'GET', '/api/v1/me?principal=owner')).status).toBe(400)
  })

  it.each([
    ['an id that is none', () => ({ id: '' })],
    ['roles that are none', () => JSON.parse('{"id":"owner","roles":"admin"}')],
    ['an error', () => Promise.reject(new Error('session store:\n    at hunter2 (password:1:1)'))],
    ['no object', () => JSON.parse('7')],
  ])('that the host gives as %s is a fault of the server, not told and in the log', async (_, principal) => {
    host = createHost({ handler: { principal } })
    const response = await host.send('owner', 'GET', '/api/v1/me')
    const body = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'HTTP_INTERNAL', correlationId: expect.any(String) } })
    const reported = host.logged.filter(({ message }) => message === 'A request failed.')
    expect(reported).toMatchObject([{ facts: { correlationId: JSON.parse(body).error.correlationId } }])
    expect(JSON.stringify([body, host.logged])).not.toContain('hunter2')
  })

  it.each(['.', '..', 'ALICE', 'auth0|1', '\u202e', 'ü'.repeat(128)])(
    'may be %j, and is named as an owner',
    async (id) => {
      host = createHost({ handler: { principal: () => ({ id }) } })
      const path = `/api/v1/secrets/github/token?owner=${encodeURIComponent(id)}`
      expect((await host.send(undefined, 'PUT', path, { json: { value: 'v' } })).status).toBe(201)
      expect(await host.vault.as({ id }).scope({ server: 'github' }).describe('token')).toMatchObject({ owner: id })
    },
  )

  it('brings the context of the call, which the trail keeps', async () => {
    const context = { correlationId: 'trace-1', deploymentId: 'blue', userAgent: undefined }
    host = createHost({ handler: { principal: () => ({ id: 'owner', context }) } })
    const missing = await host.send(undefined, 'GET', '/api/v1/secrets/github/absent', {
      headers: { 'user-agent': 'test/1' },
    })
    expect(await missing.json()).toMatchObject({ error: { correlationId: 'trace-1' } })
    const { items } = await host.client('owner').audit()
    expect(items).toMatchObject([
      { operation: 'describe', correlationId: 'trace-1', deploymentId: 'blue', userAgent: 'test/1' },
    ])
  })
})

describe('every answer', () => {
  it.each([
    ['a success', 'owner', 'GET', '/api/v1/me'],
    ['a refusal', undefined, 'GET', '/api/v1/me'],
    ['a path that is none', 'owner', 'GET', '/api/v2'],
    ['a method that is none', 'owner', 'POST', '/api/v1/me'],
    ['a page for who is not signed in', undefined, 'GET', '/'],
    ['a redirect to the page', 'owner', 'GET', ''],
    ['an export', 'owner', 'GET', '/api/v1/audit/export'],
    ['OPTIONS', 'owner', 'OPTIONS', '/api/v1/me'],
  ])('of %s has the headers that keep browsers strict', async (_, user, method, path) => {
    host = createHost()
    const { headers } = await host.send(user, method, path)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  })
})
