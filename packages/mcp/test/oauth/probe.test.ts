// initializeProbe against servers of the SDK, and against answers that are none.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVault, generateKey, keyRing, memoryStore } from '@mcpvault/core'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer as NewMcpServer } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, it } from 'vitest'
import { bearer, env, initializeProbe } from '../../src/oauth/index.ts'

const token = 'canary-token-5b1c'
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listening(listener: RequestListener): Promise<{ readonly url: string; readonly host: string }> {
  const server = createServer(listener)
  // A client that keeps its connections must not send on one that is closed just then.
  server.keepAliveTimeout = 0
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // An address of a server that listens on a port is an object.
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: `http://${host}/mcp`, host }
}

/** An MCP server that lets one token in. `ended` are the sessions that were ended. */
async function mcpServer({ enableJsonResponse }: { readonly enableJsonResponse: boolean }) {
  const ended: string[] = []
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => 'session-1',
    enableJsonResponse,
    onsessionclosed: (id) => void ended.push(id),
  })
  // The types of the SDK do not know exactOptionalPropertyTypes.
  await new McpServer({ name: 'crm', version: '1' }).connect(transport as Parameters<McpServer['connect']>[0])
  const at = await listening((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`)
      response.writeHead(401).end(`bad ${request.headers.authorization}`)
    else void transport.handleRequest(request, response)
  })
  return { ...at, ended }
}

async function validated(value: string | Readonly<Record<string, string>>, settings: object, url: string) {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const scope = createVault({ keys, store: memoryStore() }).as({ id: 'alice' }).scope({ server: 'crm' })
  await scope.set('token', value, settings)
  return scope.validate('token', initializeProbe({ url, allowInsecureLoopback: true }))
}

describe('initializeProbe', () => {
  it.each([{ enableJsonResponse: true }, { enableJsonResponse: false }])(
    'says valid when a server answers, and ends its session: %j',
    async (options) => {
      const { url, host, ended } = await mcpServer(options)
      const { value, settings } = bearer({ token, hosts: [host] })
      const summary = expect.stringMatching(/^crm answered initialize, protocol 20/)
      expect(await validated(value, settings, url)).toMatchObject({ status: 'valid', summary })
      expect(ended).toEqual(['session-1'])
      expect(await validated(`${token}-wrong`, {}, url)).toMatchObject({
        status: 'invalid',
        summary: 'The server refused it with HTTP 401.',
      })
    },
  )

  it('says valid of a server of the 2.x line', async () => {
    const listener = toNodeHandler(createMcpHandler(() => new NewMcpServer({ name: 'crm', version: '2' })))
    const { url } = await listening((request, response) => {
      if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end()
      // The type of the adapter wants a method, which every request of a server has.
      else void listener(request as typeof request & { method: string; url: string }, response)
    })
    expect(await validated(token, {}, url)).toMatchObject({ status: 'valid', summary: expect.stringMatching(/^crm /) })
    expect(await validated('wrong', {}, url)).toMatchObject({ status: 'invalid' })
  })

  it('sends a text as a bearer token', async () => {
    const { url } = await mcpServer({ enableJsonResponse: true })
    expect(await validated(token, {}, url)).toMatchObject({ status: 'valid' })
  })

  it('sends nothing to another host, and no credential of the kind env', async () => {
    let asked = 0
    const { url, host } = await listening((_, response) => {
      asked += 1
      response.end()
    })
    const elsewhere = bearer({ token, hosts: ['api.example.com'] })
    expect(await validated(elsewhere.value, elsewhere.settings, url)).toMatchObject({ status: 'unknown' })
    const variable = env({ variable: 'A', value: token, hosts: [host] })
    expect(await validated(variable.value, variable.settings, url)).toMatchObject({ status: 'unknown' })
    expect(asked).toBe(0)
  })

  it.each<[string, RequestListener, string]>([
    ['403', (_, response) => response.writeHead(403).end(), 'invalid'],
    ['404', (_, response) => response.writeHead(404).end(), 'unknown'],
    ['503', (_, response) => response.writeHead(503).end(), 'unknown'],
    ['a redirect', (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(), 'unknown'],
    ['a page', (_, response) => response.end('<html></html>'), 'unknown'],
    [
      'an error of JSON-RPC',
      (_, response) => response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32600}}'),
      'unknown',
    ],
    ['a lost connection', (request) => request.socket.destroy(), 'unknown'],
    [
      'its name with the token in it',
      ({ headers }, response) => {
        const serverInfo = { name: `I saw ${headers.authorization}` }
        response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { protocolVersion: '1', serverInfo } }))
      },
      'valid',
    ],
  ])('says of an answer that is %s what it shows, without the token', async (_, listener, status) => {
    const { url } = await listening(listener)
    const report = await validated(token, {}, url)
    expect(report).toMatchObject({ status })
    expect(JSON.stringify(report)).not.toContain(token)
  })

  it.each([
    ['looks at each character once, however small the pieces are', 200_000, 1, 'valid'],
    ['reads no more than 256 KiB', 300_000, 30_000, 'unknown'],
  ])('%s', async (_, length, piece, status) => {
    const serverInfo = { name: 'crm' }
    const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { protocolVersion: '1', serverInfo } })
    const bytes = Buffer.from(`${':\n'.repeat(length / 2)}data: ${message}\r\n\r\n`)
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent >= bytes.length) controller.close()
        else controller.enqueue(bytes.subarray(sent, sent + piece))
        sent += piece
      },
    })
    const send = async (): Promise<Response> => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const scope = createVault({ keys, store: memoryStore() }).as({ id: 'alice' }).scope({ server: 'crm' })
    await scope.set('token', token)
    const probe = initializeProbe({ url: 'https://mcp.example.com', fetch: send })
    expect(await scope.validate('token', probe, { limitMs: 600_000 })).toMatchObject({ status })
  })

  it('takes https alone, but for this machine where that is allowed', () => {
    for (const url of ['http://127.0.0.1/mcp', 'http://mcp.example.com/mcp', 'no URL'])
      expect(() => initializeProbe({ url })).toThrow(expect.objectContaining({ field: 'url' }))
  })
})
