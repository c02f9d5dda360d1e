// The example MCP server over streamable HTTP: one process for all users, each known by the login of each request.
import { createServer } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { listenOnLoopback } from './loopback.mjs'
import { registerTools } from './tools.mjs'

/**
 * Starts the server on a free port. A host with an identity provider verifies its access tokens in `userOf`.
 *
 * @param {object} options
 * @param {import('@mcpvault/core').Vault} options.vault
 * @param {import('./issues-client.mjs').IssuesClient} options.api
 * @param {(login: string) => string | undefined} options.userOf the user whose login this is
 */
export async function startHttpServer({ vault, api, userOf }) {
  const { url, close } = await listenOnLoopback(
    createServer((request, response) => {
      answer(request, response).catch(() => response.destroy())
    }),
  )
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
    if (request.method !== 'POST') return refuse(response, 405)

    // One of each for one request, so that nothing of a user is there when the next one calls.
    const server = new McpServer({ name: 'example-issues', version: '1.0.0' })
    registerTools(server, { vault, api })
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    response.once('close', () => server.close())
    await server.connect(transport)
    // By default the user of a call is the one that the verified login names here.
    const auth = { token: login, clientId: 'example', scopes: [], extra: { userId } }
    await transport.handleRequest(Object.assign(request, { auth }), response)
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {401 | 404 | 405} status
 */
function refuse(response, status) {
  const headers = { 401: { 'www-authenticate': 'Bearer' }, 404: {}, 405: { allow: 'POST' } }
  response.writeHead(status, headers[status]).end()
}
