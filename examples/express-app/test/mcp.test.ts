// MCP clients of the app: each uses the secrets of the user whose token it shows, and nobody else's.
import { createHmac } from 'node:crypto'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { expect, it, onTestFinished } from 'vitest'
import { type App, passwords, startApp } from './support/app.ts'
import { signedIn, type Visitor } from './support/visitor.ts'

/** What the page shows after the button. */
async function mcpTokenOf(visitor: Visitor): Promise<string> {
  const html = await (await visitor.post('/mcp-token')).text()
  const [, token = ''] = /Authorization: Bearer ([\w.-]+)/.exec(html) ?? []
  expect(token).not.toBe('')
  return token
}

async function callAs(app: App, token: string, owner?: string): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const headers = { authorization: `Bearer ${token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', app.url), { requestInit: { headers } }))
  onTestFinished(() => client.close())
  return client.callTool({ name: 'my_issues', arguments: owner === undefined ? {} : { owner } })
}

it('a tool uses the token of its caller, and that of another user only while it is shared', async () => {
  const app = await startApp()
  const [alice, bob] = [
    await signedIn(app.url, 'alice', passwords.alice),
    await signedIn(app.url, 'bob', passwords.bob),
  ]
  const secret = '/vault/api/v1/secrets/github/github_token'
  await ask(alice, 'PUT', secret, { value: app.token('alice') })
  const [ofAlice, ofBob] = [await mcpTokenOf(alice), await mcpTokenOf(bob)]

  const text = '#1 Sign-in is slow on Mondays\n#2 Replace the logo\n#3 Write down how to restore a backup'
  expect(await callAs(app, ofAlice)).toEqual({ content: [{ type: 'text', text }] })
  expect(await callAs(app, ofBob)).toMatchObject({ isError: true })
  expect(await callAs(app, ofBob, 'alice')).toMatchObject({ isError: true })
  await ask(alice, 'PUT', `${secret}/grants/bob`, { permission: 'read' })
  expect(await callAs(app, ofBob, 'alice')).toEqual({ content: [{ type: 'text', text }] })
  await ask(alice, 'DELETE', `${secret}/grants/bob`)
  const refused = await callAs(app, ofBob, 'alice')
  expect(refused).toMatchObject({ isError: true })
  expect(JSON.stringify(refused)).not.toContain(app.token('alice'))

  async function ask(visitor: Visitor, method: string, path: string, body?: object): Promise<void> {
    const headers = { cookie: visitor.cookies(), 'content-type': 'application/json' }
    const response = await fetch(new URL(path, app.url), { method, headers, body: JSON.stringify(body ?? {}) })
    expect([path, response.status < 300]).toEqual([path, true])
  }
})

it('a user without a token is asked for it in the browser, and the same call goes on', async () => {
  const app = await startApp()
  const [alice, bob] = [
    await signedIn(app.url, 'alice', passwords.alice),
    await signedIn(app.url, 'bob', passwords.bob),
  ]
  const token = app.token('bob')
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: { elicitation: { url: {} } } })
  const statuses: number[] = []
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    if (params.mode !== 'url') throw new Error('A form was sent.')
    statuses.push((await alice.get(params.url)).status)
    const page = await bob.get(params.url)
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(await page.text()) ?? []
    const stored = await bob.post(params.url, { csrf, '0.value': token }, { origin: new URL(app.url).origin })
    statuses.push(page.status, stored.status)
    return { action: 'accept' }
  })
  const headers = { authorization: `Bearer ${await mcpTokenOf(bob)}` }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', app.url), { requestInit: { headers } }))
  onTestFinished(() => client.close())
  const answer = await client.callTool({ name: 'my_issues', arguments: {} })
  expect(statuses).toEqual([403, 200, 200])
  expect(answer).toMatchObject({ content: [{ type: 'text', text: expect.stringMatching(/^#\d+ /) }] })
  expect(JSON.stringify(answer)).not.toContain(token)
  expect(app.said().replaceAll(/^bob: token .*$/gm, '')).not.toContain(token)
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
})
