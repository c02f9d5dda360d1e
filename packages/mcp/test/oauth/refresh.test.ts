// oauthRefresh against a real authorization server, and against answers that servers send although they should not.

import { isVaultError } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { oauth, oauthRefresh, parseCredential } from '../../src/oauth/index.ts'
import { publicClient, staticClient } from './support/authorization-server.ts'
import { newVault, useAuthorizationServer } from './support/signed-in.ts'

const server = useAuthorizationServer()
const refresh = oauthRefresh({ allowInsecureLoopback: true })
const hosts = ['api.example.com']

/** A vault with stale tokens. */
async function withTokens(config: object = {}, { answer = {}, freshForMs = -1_000 } = {}) {
  const { scope, later } = newVault()
  const refresh_token = await server().signIn(publicClient.client_id)
  const settings = { token_endpoint: server().tokenEndpoint, client_id: publicClient.client_id, ...config }
  const stored = oauth({ answer: { access_token: 'old', refresh_token, ...answer }, refresh: settings, hosts })
  const freshUntil = new Date(Date.now() + freshForMs)
  await scope.set('tokens', stored.value, { ...stored.settings, freshUntil })
  return { scope, later }
}

/** The code and detail of what a call throws. */
async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no failure',
    (error: unknown) =>
      isVaultError(error) ? { code: error.code, detail: error.detail, retryable: error.retryable } : error,
  )
}

describe('oauthRefresh', () => {
  it.each([
    ['none', publicClient],
    ['client_secret_basic', staticClient],
    ['client_secret_post', { ...staticClient, client_id: 'crm-post' }],
  ] as const)(
    'refreshes by %s, keeps the next refresh token, and what is needed for it',
    async (auth_method, client) => {
      const refresh_token = await server().signIn(client.client_id)
      const { scope } = await withTokens({ ...client, auth_method }, { answer: { refresh_token } })
      const before = Date.now()
      const first = await scope.renew('tokens', refresh)
      const credential = parseCredential(first?.fields() ?? {})
      expect(credential).toMatchObject({
        kind: 'oauth',
        auth_method,
        ...client,
        token_endpoint: server().tokenEndpoint,
      })
      expect(credential).not.toMatchObject({ access_token: 'old' })
      const freshUntil = (await scope.describe('tokens'))?.freshUntil?.getTime() ?? 0
      expect(freshUntil).toBeGreaterThanOrEqual(before + 3_600_000)
      expect(freshUntil).toBeLessThanOrEqual(Date.now() + 3_600_000)
      const again = await scope.renew('tokens', refresh, { refusedVersion: first?.version ?? 0 })
      expect(again?.version).toBe(3)
      expect((await scope.describe('tokens'))?.hosts).toEqual(hosts)
    },
  )

  it('asks for a sign-in when the refresh token was spent, and loses nothing else', async () => {
    const { scope } = await withTokens()
    const spent = (await scope.get('tokens'))?.fields() ?? {}
    await scope.renew('tokens', refresh)
    await scope.set('tokens', spent)
    expect(await failureOf(scope.renew('tokens', refresh))).toMatchObject({ code: 'VAULT_SIGN_IN_REQUIRED' })
    expect(await scope.describe('tokens')).toMatchObject({ needsSignIn: true, version: 3 })
  })

  it('asks for a sign-in without a refresh token', async () => {
    const { scope } = await withTokens({}, { answer: { refresh_token: null } })
    expect(await failureOf(scope.renew('tokens', refresh))).toMatchObject({ code: 'VAULT_SIGN_IN_REQUIRED' })
  })

  it('refuses a client with a wrong secret by name, and keeps the refresh token', async () => {
    const refresh_token = await server().signIn(staticClient.client_id)
    const { scope } = await withTokens({ ...staticClient, client_secret: 'wrong' }, { answer: { refresh_token } })
    const detail = expect.stringContaining('invalid_client')
    expect(await failureOf(scope.renew('tokens', refresh))).toEqual({
      code: 'VAULT_RENEWAL_FAILED',
      detail,
      retryable: false,
    })
    expect(await scope.describe('tokens')).toMatchObject({ version: 1, needsSignIn: false })
  })

  it.each([
    'http://api.example.com/token',
    'https://user:pass@login.example.com/token',
    'ftp://127.0.0.1/token',
    'no URL',
  ])('sends nothing to %s', async (token_endpoint) => {
    const { scope } = await withTokens({ token_endpoint })
    expect(await failureOf(scope.renew('tokens', refresh))).toMatchObject({ code: 'VAULT_VALUE_INVALID' })
  })

  it('takes http on this machine only where that is allowed', async () => {
    const { scope } = await withTokens()
    expect(await failureOf(scope.renew('tokens', oauthRefresh()))).toMatchObject({ code: 'VAULT_VALUE_INVALID' })
  })

  it('refreshes credentials of OAuth alone', async () => {
    const { scope } = await withTokens()
    await scope.set('tokens', { kind: 'bearer', token: 'x' })
    expect(await failureOf(scope.renew('tokens', refresh))).toMatchObject({ code: 'VAULT_NOT_SUPPORTED' })
    expect(() => oauthRefresh({ attempts: 0 })).toThrow(expect.objectContaining({ field: 'attempts' }))
  })
})

/** Answers of a token endpoint, one for each request, and how often it was asked. */
function answers(...given: readonly (() => Response | Promise<Response>)[]) {
  const state = { asked: 0, bodies: [] as string[] }
  const send: typeof fetch = async (_url, init) => {
    state.bodies.push(String(init?.body))
    const answer = given[Math.min(state.asked, given.length - 1)]
    state.asked += 1
    if (answer === undefined) throw new Error('There is no answer.')
    return answer()
  }
  return { state, refresh: oauthRefresh({ allowInsecureLoopback: true, fetch: send }) }
}

const status = (code: number, headers: Record<string, string> = {}) => new Response('busy', { status: code, headers })
const good = () => Response.json({ access_token: 'new', token_type: 'Bearer', expires_in: 60 })
const down = (code: string) => Promise.reject(new TypeError('fetch failed', { cause: { code } }))

describe('the answer of a token endpoint', () => {
  it.each([
    ['numbers as texts', { expires_in: '60' }, { hasEnd: true }],
    ['no type', { token_type: undefined, expires_in: 60 }, { hasEnd: true }],
    ['no expiry', {}, { hasEnd: false }],
    ['an expiry that is none', { expires_in: 'soon' }, { hasEnd: false }],
    ['null for what is not there', { expires_in: null, refresh_token: null, scope: null }, { hasEnd: false }],
    ['a list of scopes', { scope: ['a', 'b'] }, { hasEnd: false, scope: 'a b' }],
    ['a type that its server made up', { token_type: 'bot' }, { hasEnd: false }],
    ['a type that is a number', { token_type: 7 }, { hasEnd: false }],
    ['a scope that is a number', { scope: 7 }, { hasEnd: false, scope: '7' }],
    ['a scope and an error that are objects', { scope: {}, error: {} }, { hasEnd: false }],
    ['an expiry in the past', { expires_in: -5 }, { hasEnd: false }],
    ['an end instead of a duration', { expires_at: 4_000_000_000 }, { hasEnd: true }],
    ['an end that is none', { expires_at: 'soon' }, { hasEnd: false }],
    ['an end after the year 9999', { expires_at: 1e15 }, { hasEnd: false }],
    ['an identity that nobody checks', { id_token: 'no.jwt.at-all' }, { hasEnd: false }],
  ])('is taken with %s', async (_, answer, { hasEnd, scope: granted }: { hasEnd: boolean; scope?: string }) => {
    const { refresh: renew } = answers(() => Response.json({ access_token: 'new', token_type: 'bearer', ...answer }))
    const { scope } = await withTokens()
    const before = (await scope.get('tokens'))?.fields()
    const fields = (await scope.renew('tokens', renew))?.fields()
    expect(fields).toMatchObject({ access_token: 'new', refresh_token: before?.['refresh_token'] })
    expect(fields?.['scope']).toBe(granted)
    expect(fields?.['expires_at'] !== undefined).toBe(hasEnd)
    expect((await scope.describe('tokens'))?.freshUntil !== undefined).toBe(hasEnd)
  })

  it('is taken with a refresh token that is a number', async () => {
    const { refresh: renew } = answers(() => Response.json({ access_token: 'new', refresh_token: 17 }))
    const { scope } = await withTokens()
    expect((await scope.renew('tokens', renew))?.fields()['refresh_token']).toBe('17')
  })

  it('goes with the scope and the resource that are to be asked for', async () => {
    const { state, refresh: renew } = answers(good)
    const { scope } = await withTokens({ scope: 'read write', resource: 'https://mcp.example.com/mcp' })
    await scope.renew('tokens', renew)
    const asked = new URLSearchParams(state.bodies[0])
    expect(asked.get('scope')).toBe('read write')
    expect(asked.get('resource')).toBe('https://mcp.example.com/mcp')
    expect(asked.get('grant_type')).toBe('refresh_token')
  })

  it.each([
    ['429', [() => status(429, { 'retry-after': '0' }), good], 2],
    ['500 and 503', [() => status(500, { 'retry-after': '0' }), () => status(503, { 'retry-after': '0' }), good], 3],
    ['temporarily_unavailable', [() => Response.json({ error: 'temporarily_unavailable' }, { status: 400 }), good], 2],
    ['a refused connection', [() => down('ECONNREFUSED'), good], 2],
  ])('of %s is asked for again', async (_, given, asked) => {
    const { state, refresh: renew } = answers(...given)
    const { scope } = await withTokens()
    expect((await scope.renew('tokens', renew))?.fields()['access_token']).toBe('new')
    expect(state.asked).toBe(asked)
  })

  it.each([
    ['503 again and again', [() => status(503, { 'retry-after': '0' })], 3],
    ['429 for longer than there is time', [() => status(429, { 'retry-after': '60' })], 1],
    ['a connection that was lost, since the token may be spent', [() => down('ECONNRESET')], 1],
  ])('of %s keeps the old token while it works', async (_, given, asked) => {
    const { state, refresh: renew } = answers(...given)
    const { scope, later } = await withTokens({}, { freshForMs: 60_000 })
    later(55_000)
    expect((await scope.renew('tokens', renew))?.fields()['access_token']).toBe('old')
    expect(state.asked).toBe(asked)
    later(5_000)
    expect(await failureOf(scope.renew('tokens', renew))).toMatchObject({
      code: 'VAULT_RENEWAL_FAILED',
      retryable: true,
    })
    expect(await scope.describe('tokens')).toMatchObject({ version: 1, needsSignIn: false })
  })

  it.each([
    ['invalid_grant with status 200', { error: 'invalid_grant' }],
    ['bad_refresh_token', { error: 'bad_refresh_token' }],
  ])('of %s asks for a sign-in', async (_, answer) => {
    const { scope } = await withTokens()
    const { refresh: renew } = answers(() => Response.json(answer))
    expect(await failureOf(scope.renew('tokens', renew))).toMatchObject({ code: 'VAULT_SIGN_IN_REQUIRED' })
  })

  it.each([
    ['a page', () => new Response('<html>canary-7f3a</html>', { headers: { 'content-type': 'text/html' } })],
    ['no token', () => Response.json({ access_token: 7, note: 'canary-7f3a' })],
    ['an unknown refusal', () => Response.json({ error: 'canary-7f3a' }, { status: 400 })],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://canary-7f3a.example' } })],
    ['more than anybody reads', () => new Response(`{"access_token":"${'canary-7f3a'.repeat(30_000)}"}`)],
  ])('that is %s fails, and no error repeats it', async (_, answer) => {
    const { scope } = await withTokens()
    const { refresh: renew } = answers(answer)
    const error: unknown = await scope.renew('tokens', renew).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'VAULT_RENEWAL_FAILED', retryable: false })
    expect(error instanceof Error && [error.stack, JSON.stringify(error), error.cause].join()).not.toContain('canary')
  })
})
