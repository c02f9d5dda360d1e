// The MCP server of the app, over streamable HTTP: the SDK checks the token of each request, the vault has the secrets.
import { withSecrets } from '@mcpvault/mcp'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { json, Router } from 'express'
import { z } from 'zod'
import { readIssues } from './issues.mjs'
import { createSessions } from './mcp-sessions.mjs'

/**
 * @typedef {object} Parts
 * @property {import('@mcpvault/core').Vault} vault
 * @property {import('./users.mjs').Users} users
 * @property {import('./access-tokens.mjs').AccessTokens} tokens
 * @property {string} issuesUrl
 * @property {import('@mcpvault/mcp/elicit').Elicitation['onMissing'] | undefined} onMissing asks the user in the browser
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
  const sessions = createSessions(() => createServer(parts))
  const routes = Router()
  routes.all('/mcp', requireBearerAuth({ verifier }), json({ limit: '1mb' }), async (req, res) => {
    const transport = await sessions.of(req)
    if (transport === undefined)
      return void res.status(404).json({ error: 'There is no such session: initialize first.' })
    await transport.handleRequest(req, res, req.body)
  })
  return { routes, close: sessions.close }
}

/** @param {Parts} parts */
function createServer({ vault, issuesUrl, onMissing }) {
  const server = new McpServer({ name: 'example-board', version: '1.0.0' })
  server.registerTool(
    'my_issues',
    {
      description: 'Lists the open issues of the caller, or those of a user who shared a token.',
      inputSchema: { owner: z.string().optional() },
    },
    // The principal is the user of the verified token. The arguments come from the model, and choose nothing but a token.
    // Who has no token yet is asked in the browser, and the call goes on.
    withSecrets(
      vault,
      { secrets: {}, ...(onMissing && { onMissing: onMissing(server) }) },
      async ({ owner }, { session, redactor, signal }) => {
        const issues = await readIssues(session, { owner: owner ?? session.principal.id, issuesUrl, redactor, signal })
        const text = issues.map(({ number, title }) => `#${number} ${title}`).join('\n')
        return { content: [{ type: /** @type {const} */ ('text'), text: text || 'There are no open issues.' }] }
      },
    ),
  )
  return server
}
