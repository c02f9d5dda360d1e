// MCP clients of the app: each uses the secrets of the user whose token it shows, and nobody else's.
import { createHmac } from 'node:crypto'
import { askingSuite, connectClient } from '@mcpvault/testkit/mcp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type App, passwords, startApp } from './support/app.ts'
import { signedIn, type Visitor } from './support/visitor.ts'

/** What the page shows after the button. */
async function mcpTokenOf(visitor: Visitor): Promise<string> {
  const html = await (await visitor.post('/mcp-token')).text()
  const [, token = ''] = /Authorization: Bearer ([\w.-]+)/.exec(html) ?? []
  expect(token).not.toBe('')
  return token
}

/** The server, with a token that the app gave to this visitor. */
async function targetOf(app: App, visitor: Visitor) {
  const headers = { authorization: `Bearer ${await mcpTokenOf(visitor)}` }
  return { url: new URL('/mcp', app.url).href, headers }
}

interface Asked {
  readonly method: 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: object
}

/** Asks the API of the vault. */
async function ask(app: App, visitor: Visitor, { method, path, body = {} }: Asked): Promise<void> {
  const headers = { cookie: visitor.cookies(), 'content-type': 'application/json' }
  const response = await fetch(new URL(path, app.url), { method, headers, body: JSON.stringify(body) })
  expect([path, response.status < 300]).toEqual([path, true])
}

const secret = '/vault/api/v1/secrets/github/github_token'
const issuesOfAlice = '#1 Sign-in is slow on Mondays\n#2 Replace the logo\n#3 Write down how to restore a backup'
const issuesOfBob = '#1 Dark colours on the invoice\n#2 Update the certificates'

it('a tool uses the token of its caller, and that of another user only while it is shared', async () => {
  const app = await startApp()
  const [alice, bob] = [
    await signedIn(app.url, 'alice', passwords.alice),
    await signedIn(app.url, 'bob', passwords.bob),
  ]
  await ask(app, alice, { method: 'PUT', path: secret, body: { value: app.token('alice') } })
  const [ofAlice, ofBob] = [
    await connectClient({ kind: '1.x', target: await targetOf(app, alice) }),
    await connectClient({ kind: '1.x', target: await targetOf(app, bob) }),
  ]
  const args = { owner: 'alice' }
  const answer = { isError: false, text: issuesOfAlice }
  expect(await ofAlice.call('my_issues')).toMatchObject(answer)
  expect(await ofBob.call('my_issues')).toMatchObject({ isError: true })
  expect(await ofBob.call('my_issues', { args })).toMatchObject({ isError: true })
  await ask(app, alice, { method: 'PUT', path: `${secret}/grants/bob`, body: { permission: 'read' } })
  expect(await ofBob.call('my_issues', { args })).toMatchObject(answer)
  await ask(app, alice, { method: 'DELETE', path: `${secret}/grants/bob` })
  expect(await ofBob.call('my_issues', { args })).toMatchObject({ isError: true })
  expect(ofBob.said.join('\n')).not.toContain(app.token('alice'))
})

describe('a user without a token is asked for it in the browser, and the same call goes on', () => {
  askingSuite(async () => {
    const app = await startApp()
    const [alice, bob] = [
      await signedIn(app.url, 'alice', passwords.alice),
      await signedIn(app.url, 'bob', passwords.bob),
    ]
    const tokens = [app.token('alice'), app.token('bob')] as const
    await ask(app, alice, { method: 'PUT', path: secret, body: { value: tokens[0] } })
    onTestFinished(() => {
      for (const token of tokens) expect(app.said().replaceAll(/^\w+: token .*$/gm, '')).not.toContain(token)
    })
    return {
      tool: 'my_issues',
      owner: { target: await targetOf(app, alice), answer: issuesOfAlice },
      newcomer: { target: await targetOf(app, bob), answer: issuesOfBob },
      async typeIn(link) {
        expect((await alice.get(link)).status).toBe(403)
        const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(await (await bob.get(link)).text()) ?? []
        const { origin } = new URL(app.url)
        return (await bob.post(link, { csrf, '0.value': tokens[1] }, { origin })).status
      },
      secrets: tokens,
    }
  })
})

it('a request without a token of the app, or with one that was altered, is refused', async () => {
  const app = await startApp()
  const bob = await signedIn(app.url, 'bob', passwords.bob)
  const [claims = '', signature = ''] = (await mcpTokenOf(bob)).split('.')
  const claim = (given: object): string => Buffer.from(JSON.stringify(given)).toString('base64url')
  const asAlice = claim({ user: 'alice', expiresAt: 4e9 })
  const tokens = [
    undefined,
    'x',
    claims,
    `${claims}.`,
    `${asAlice}.${signature}`,
    `${asAlice}.${createHmac('sha256', '').update(asAlice).digest('base64url')}`,
    `${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
  ]
  const clientInfo = { name: 'test', version: '1.0.0' }
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  const send = (token: string | undefined, more: RequestInit = {}) =>
    fetch(new URL('/mcp', app.url), {
      method: 'POST',
      body,
      ...more,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(more.headers as Record<string, string>), // They are given as an object below.
      },
    })
  for (const token of tokens) {
    const response = await send(token)
    expect([token, response.status]).toEqual([token, 401])
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/)
  }
  expect((await send(`${claims}.${signature}`)).status).toBe(200)
  // A session is no token, and a page of another site cannot send either.
  expect((await send(undefined, { headers: { cookie: bob.cookies() } })).status).toBe(401)
  expect((await send(`${claims}.${signature}`, { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  expect((await fetch(new URL('/mcp', app.url))).status).toBe(401)
  // A session is its user's: with the token of another user, or made up, there is none.
  const session = (await send(`${claims}.${signature}`)).headers.get('mcp-session-id') ?? ''
  const alice = await mcpTokenOf(await signedIn(app.url, 'alice', passwords.alice))
  const list = { body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' }) }
  const inSession = { ...list, headers: { 'mcp-session-id': session } }
  expect((await send(`${claims}.${signature}`, inSession)).status).toBe(200)
  expect((await send(alice, inSession)).status).toBe(404)
  expect((await send(alice, { ...list, headers: { 'mcp-session-id': 'x' } })).status).toBe(404)
  expect((await send(alice, list)).status).toBe(404)
  // Who opens many ends the oldest of them, and none of another user.
  const ofAlice = (await send(alice)).headers.get('mcp-session-id') ?? ''
  for (let turn = 0; turn < 20; turn++) expect((await send(`${claims}.${signature}`)).status).toBe(200)
  expect((await send(`${claims}.${signature}`, inSession)).status).toBe(404)
  expect((await send(alice, { ...list, headers: { 'mcp-session-id': ofAlice } })).status).toBe(200)
})
