// The example MCP server over streamable HTTP, for all users in one process, and beside it the page that asks for secrets.
import { createServer } from 'node:http'
import { elicitSecrets, toNode } from '@mcpvault/mcp/elicit'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { createSessions } from './http-sessions.mjs'
import { listenOnLoopback } from './loopback.mjs'
import { registerTools, serverName } from './tools.mjs'

/**
 * Starts the server on a free port. A host with an identity provider verifies its access tokens in `userOf`.
 *
 * @param {object} options
 * @param {import('@mcpvault/core').Vault} options.vault
 * @param {import('./issues-client.mjs').IssuesClient} options.api
 * @param {(login: string) => string | undefined} options.userOf the user whose login this is
 * @param {'request' | 'error'} [options.askBy] how clients are asked for a missing secret; default: within the call
 */
export async function startHttpServer({ vault, api, userOf, askBy = 'request' }) {
  const http = createServer()
  const { url, close } = await listenOnLoopback(http)

  // Who lacks a secret gets a link to this page, and is known there by the cookie of the same sign-in.
  const asking = elicitSecrets({
    vault,
    baseUrl: `${url}/connect`,
    principalOfBrowser({ headers }) {
      const id = userOf(/(?:^|; )login=([^;]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? '')
      return id === undefined ? undefined : { id }
    },
    presets: { [`${serverName}/token`]: 'custom' },
    service: { id: 'links' },
    askBy,
  })
  const page = toNode(asking.handler)
  const sessions = createSessions(() => {
    const server = new McpServer({ name: 'example-issues', version: '1.0.0' })
    registerTools(server, { vault, api, onMissing: asking.onMissing(server) })
    return server
  })
  http.on('request', (request, response) => {
    if (request.url?.startsWith('/connect/')) page(request, response)
    else answer(request, response).catch(() => response.destroy())
  })
  return { url: `${url}/mcp`, close }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function answer(request, response) {
    const login = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const userId = login === undefined ? undefined : userOf(login)
    if (login === undefined || userId === undefined) return refuse(response, 401)
    if (request.url !== '/mcp') return refuse(response, 404)

    const { 'mcp-session-id': id } = request.headers
    const transport = await sessions.of({ id: id?.toString(), user: userId })
    if (transport === undefined) return refuse(response, 404)
    // By default the user of a call is the one that the verified login names here.
    const auth = { token: login, clientId: 'example', scopes: [], extra: { userId } }
    await transport.handleRequest(Object.assign(request, { auth }), response)
    if (transport.sessionId === undefined) await transport.close()
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {401 | 404} status
 */
function refuse(response, status) {
  response.writeHead(status, status === 401 ? { 'www-authenticate': 'Bearer' } : {}).end()
}
