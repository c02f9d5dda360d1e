// The MCP server of the app, over streamable HTTP: the SDK checks the token of each request, the vault has the secrets.
import { withSecrets } from '@mcpvault/mcp'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { json, Router } from 'express'
import { z } from 'zod'
import { readIssues } from './issues.mjs'

/**
 * @typedef {object} Parts
 * @property {import('@mcpvault/core').Vault} vault
 * @property {import('./users.mjs').Users} users
 * @property {import('./access-tokens.mjs').AccessTokens} tokens
 * @property {string} issuesUrl
 */

/** @param {Parts} parts */
export function mcpRoutes(parts) {
  const { users, tokens } = parts
  const verifier = {
    /** @param {string} token */
    async verifyAccessToken(token) {
      const read = tokens.read(token)
      if (read === undefined || users.find(read.user) === undefined)
        throw new InvalidTokenError('This token is not valid.')
      return { token, clientId: 'mcp-client', scopes: [], expiresAt: read.expiresAt, extra: { userId: read.user } }
    },
  }
  const routes = Router()
  routes.post('/mcp', requireBearerAuth({ verifier }), json({ limit: '1mb' }), async (req, res) => {
    // One of each for one request, so that nothing of a user is there when the next one calls.
    const server = createServer(parts)
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    res.once('close', () => server.close())
    await server.connect(transport)
    await transport.handleRequest(req, res, req.body)
  })
  routes.all('/mcp', (_req, res) => void res.set('allow', 'POST').sendStatus(405))
  return routes
}

/** @param {Parts} parts */
function createServer({ vault, issuesUrl }) {
  const server = new McpServer({ name: 'example-board', version: '1.0.0' })
  server.registerTool(
    'my_issues',
    {
      description: 'Lists the open issues of the caller, or those of a user who shared a token.',
      inputSchema: { owner: z.string().optional() },
    },
    // The principal is the user of the verified token. The arguments come from the model, and choose nothing but a token.
    withSecrets(vault, { secrets: {} }, async ({ owner }, { session, redactor, signal }) => {
      const issues = await readIssues(session, { owner: owner ?? session.principal.id, issuesUrl, redactor, signal })
      const text = issues.map(({ number, title }) => `#${number} ${title}`).join('\n')
      return { content: [{ type: /** @type {const} */ ('text'), text: text || 'There are no open issues.' }] }
    }),
  )
  return server
}
