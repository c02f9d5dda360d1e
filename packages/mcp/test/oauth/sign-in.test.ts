// startSignIn and finishSignIn with a real authorization server: discovery, registration, PKCE, and tokens for the vault alone.

import { codeOf } from '@mcpvault/testkit/vaults'
import { beforeEach, describe, expect, it } from 'vitest'
import { finishSignIn, oauthRefresh, startSignIn } from '../../src/oauth/index.ts'
import { publicClient, staticClient } from './support/authorization-server.ts'
import { signInByBrowser } from './support/browser.ts'
import { newVault, useAuthorizationServer } from './support/signed-in.ts'

const server = useAuthorizationServer()
const allowInsecureLoopback = true
const challenge = 'WWW-Authenticate'

/** What the server says at which path, beside what the authorization server does itself. */
let pages: Record<string, Readonly<Record<string, unknown>> | string>
beforeEach(() => {
  const { issuer } = server()
  pages = {
    '/.well-known/oauth-protected-resource/mcp': {
      resource: `${issuer}/mcp`,
      authorization_servers: [issuer],
      scopes_supported: ['openid', 'offline_access'],
    },
  }
  server().before = (request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const page = pages[path]
    if (path === '/mcp') {
      const metadata = pages[challenge]
      if (metadata !== undefined) response.setHeader(challenge, `Bearer resource_metadata="${metadata}"`)
      response.writeHead(401).end()
      return true
    }
    if (page === undefined) return false
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(page))
    return true
  }
})

const options = () => ({
  name: 'tokens',
  url: `${server().issuer}/mcp`,
  redirectUri: `${server().issuer}/callback`,
  allowInsecureLoopback,
})

const finish = (scope: ReturnType<typeof newVault>['scope'], callbackUrl: string) =>
  finishSignIn(scope, { callbackUrl, allowInsecureLoopback })

describe('a sign-in', () => {
  it.each([
    ['registers a client', {}],
    ['takes a public client', { client: publicClient }],
    ['takes a client with a secret', { client: staticClient }],
  ])('%s, and stores tokens that can be refreshed', async (_, more) => {
    const { scope } = newVault()
    const { authorizationUrl, expiresAt } = await startSignIn(scope, { ...options(), ...more })
    const asked = new URL(authorizationUrl).searchParams
    expect(asked.get('code_challenge_method')).toBe('S256')
    expect(asked.get('resource')).toBe(`${server().issuer}/mcp`)
    expect(asked.get('scope')).toBe('openid offline_access')
    expect(expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 600_000)
    const callbackUrl = await signInByBrowser(authorizationUrl, options().redirectUri)
    const info = await finish(scope, callbackUrl)
    expect(info).toMatchObject({
      name: 'tokens',
      version: 1,
      hosts: [new URL(server().issuer).host],
      needsSignIn: false,
    })
    const first = (await scope.get('tokens'))?.fields()
    const renewed = await scope.renew('tokens', oauthRefresh({ allowInsecureLoopback }), { refusedVersion: 1 })
    expect(renewed?.version).toBe(2)
    expect(renewed?.fields()['access_token']).not.toBe(first?.['access_token'])
    // Nothing is left of the sign-in itself, and nothing secret was in the browser.
    expect((await scope.list({ state: 'any' })).items.map(({ name }) => name)).toEqual(['tokens'])
    for (const field of ['access_token', 'refresh_token', 'client_secret'] as const) {
      expect([authorizationUrl, callbackUrl].join()).not.toContain(first?.[field] ?? 'no such field')
    }
  })

  it('ends the need of one', async () => {
    const { scope } = newVault()
    const refused = oauthRefresh({ allowInsecureLoopback })
    await scope.set('tokens', { kind: 'oauth', access_token: 'x' })
    expect(await codeOf(scope.renew('tokens', refused))).toBe('VAULT_SIGN_IN_REQUIRED')
    const { authorizationUrl } = await startSignIn(scope, options())
    const info = await finish(scope, await signInByBrowser(authorizationUrl, options().redirectUri))
    expect(info).toMatchObject({ version: 2, needsSignIn: false })
  })

  it('ends once, for the user who began it, within 10 minutes', async () => {
    const { scope, scopeOf, later } = newVault()
    const { authorizationUrl } = await startSignIn(scope, options())
    const callbackUrl = await signInByBrowser(authorizationUrl, options().redirectUri)
    const invalid = 'VAULT_VALUE_INVALID'
    expect(await codeOf(finish(scopeOf('mallory'), callbackUrl))).toBe(invalid)
    const ends = await Promise.all([1, 2].map(() => codeOf(finish(scope, callbackUrl))))
    expect(ends.filter((end) => end === invalid)).toHaveLength(1)
    expect(await codeOf(finish(scope, callbackUrl))).toBe(invalid)
    for (const url of ['no URL', `${server().issuer}/callback`, `${server().issuer}/callback?state=x&code=y`])
      expect(await codeOf(finish(scope, url))).toBe(invalid)
    const late = await startSignIn(scope, options())
    const lateUrl = await signInByBrowser(late.authorizationUrl, options().redirectUri)
    later(600_001)
    expect(await codeOf(finish(scope, lateUrl))).toBe(invalid)
  })

  it('says that the user or the server refused, and that another server answered', async () => {
    const { scope } = newVault()
    for (const change of [{ error: 'access_denied' }, { iss: 'https://evil.example' }, { code: 'of nobody' }]) {
      const { authorizationUrl } = await startSignIn(scope, options())
      const url = new URL(options().redirectUri)
      const state = new URL(authorizationUrl).searchParams.get('state') ?? ''
      const answer = { state, iss: server().issuer, ...('code' in change ? {} : { code: 'x' }), ...change }
      for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
      expect(await codeOf(finish(scope, url.href))).toBe('VAULT_SIGN_IN_REQUIRED')
    }
  })

  it('says before the user is sent away what cannot be', async () => {
    const { scope } = newVault()
    for (const wrong of [
      { name: '../tokens' },
      { url: 'http://mcp.example.com' },
      { redirectUri: 'http://app.example.com/callback' },
      { hosts: ['other.example'] },
      { hosts: [new URL(server().issuer).host, 'no host'] },
    ]) {
      const code = 'name' in wrong ? 'VAULT_REF_INVALID' : 'VAULT_VALUE_INVALID'
      expect(await codeOf(startSignIn(scope, { ...options(), ...wrong }))).toBe(code)
    }
    expect((await scope.list({ state: 'any' })).items).toEqual([])
  })
})

describe('the authorization server', () => {
  const known = () => {
    const { issuer } = server()
    return { resource: `${issuer}/mcp`, authorization_servers: [issuer] }
  }

  it.each([
    ['where the challenge says', () => ({ [challenge]: `${server().issuer}/elsewhere`, '/elsewhere': known() })],
    ['at the well-known place of the path', () => pages],
    [
      'at the well-known place of the host',
      () => ({ '/.well-known/oauth-protected-resource': { ...known(), resource: server().issuer } }),
    ],
    ['at the host itself, where nothing is said', () => ({})],
    [
      'by RFC 8414',
      () => ({
        ...pages,
        '/.well-known/oauth-authorization-server': {
          issuer: server().issuer,
          authorization_endpoint: `${server().issuer}/other-auth`,
          token_endpoint: `${server().issuer}/token`,
          registration_endpoint: `${server().issuer}/reg`,
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
        },
      }),
    ],
  ])('is found %s', async (title, given) => {
    pages = given()
    const { scope } = newVault()
    const { authorizationUrl } = await startSignIn(scope, options())
    const path = title === 'by RFC 8414' ? '/other-auth' : '/auth'
    expect(authorizationUrl).toMatch(new RegExp(`^${server().issuer}${path}\\?`))
  })

  it('is asked for no scopes that are no list', async () => {
    pages['/.well-known/oauth-protected-resource/mcp'] = { ...known(), scopes_supported: 'a b' }
    const { authorizationUrl } = await startSignIn(newVault().scope, options())
    expect(new URL(authorizationUrl).searchParams.has('scope')).toBe(false)
  })

  it('says by which way a client that it registered proves itself', async () => {
    const { scope } = newVault()
    const registered = { client_id: 'x', client_secret: 's', client_secret_expires_at: 0 }
    const answer = { ...registered, token_endpoint_auth_method: 'client_secret_post' }
    const send: typeof fetch = async (url, init) =>
      String(url).endsWith('/reg') ? Response.json(answer, { status: 201 }) : fetch(url, init)
    await startSignIn(scope, { ...options(), fetch: send })
    const [pending] = (await scope.list()).items
    const fields = (await scope.get(pending?.name ?? ''))?.fields()
    expect(fields).toMatchObject({ client_id: 'x', client_secret: 's', auth_method: 'client_secret_post' })
  })

  it('is the one that a client is registered with, or nothing is sent there', async () => {
    const { scope } = newVault()
    const client = { ...staticClient, issuer: server().issuer }
    expect(await codeOf(startSignIn(scope, { ...options(), client }))).toHaveProperty('resolved')
    const other = { ...client, issuer: 'https://login.example.com' }
    expect(await codeOf(startSignIn(scope, { ...options(), client: other }))).toBe('VAULT_NOT_SUPPORTED')
  })

  it.each(['/oauth-protected-resource/mcp', '/openid-configuration', '/reg'])(
    'that sends more to %s than anybody reads is left',
    async (end) => {
      let sent = 0
      const body = new ReadableStream({
        pull(controller) {
          sent += 1
          if (sent > 1_000) controller.close()
          else controller.enqueue(new Uint8Array(65_536).fill(0x20))
        },
      })
      const send: typeof fetch = async (url, init) =>
        String(url).endsWith(end) ? new Response(body, { status: end === '/reg' ? 201 : 200 }) : fetch(url, init)
      await codeOf(startSignIn(newVault().scope, { ...options(), fetch: send }))
      expect(sent).toBeGreaterThan(0)
      expect(sent).toBeLessThan(20)
    },
  )

  it.each([
    ['offers something else than a list for PKCE', { code_challenge_methods_supported: 7 }, 'VAULT_NOT_SUPPORTED'],
    ['has endpoints that are no texts', { authorization_endpoint: ['https://a.example'] }, 'VAULT_VALUE_INVALID'],
    ['offers no PKCE', { code_challenge_methods_supported: ['plain'] }, 'VAULT_NOT_SUPPORTED'],
    ['registers nobody', { registration_endpoint: undefined }, 'VAULT_NOT_SUPPORTED'],
    ['refuses to register', { registration_endpoint: 'https://127.0.0.1:9/reg' }, 'VAULT_NOT_SUPPORTED'],
    [
      'knows clients by keys alone',
      { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
      'VAULT_NOT_SUPPORTED',
    ],
    ['says another issuer', { issuer: 'https://evil.example' }, 'VAULT_NOT_SUPPORTED'],
    ['leads inside a network', { token_endpoint: 'https://10.0.0.5/token' }, 'VAULT_VALUE_INVALID'],
    ['registers inside a network', { registration_endpoint: 'https://169.254.169.254/reg' }, 'VAULT_VALUE_INVALID'],
    ['takes tokens without TLS', { token_endpoint: 'http://login.example.com/token' }, 'VAULT_VALUE_INVALID'],
  ])('that %s is refused', async (_, more, code) => {
    const { issuer } = server()
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/reg`,
      code_challenge_methods_supported: ['S256'],
      ...more,
    }
    pages['/.well-known/oauth-authorization-server'] = metadata
    pages['/.well-known/openid-configuration'] = metadata
    expect(await codeOf(startSignIn(newVault().scope, options()))).toBe(code)
  })
})
