// The tools of the example. Each takes its secret from the vault, for the caller that the host named, and for one call.
import { isVaultError } from '@mcpvault/core'
import { z } from 'zod'

/** Tells the secrets of this server from those of others in the same vault. */
export const serverName = 'issues'

/**
 * What the SDK tells of a call beside its arguments.
 *
 * @typedef {{ readonly authInfo?: import('@modelcontextprotocol/sdk/server/auth/types.js').AuthInfo | undefined }} Extra
 */

/**
 * @param {import('@modelcontextprotocol/sdk/server/mcp.js').McpServer} server
 * @param {object} parts
 * @param {import('@mcpvault/core').Vault} parts.vault
 * @param {(extra: Extra) => import('@mcpvault/core').Principal} parts.principalOf who makes a call
 * @param {import('./issues-client.mjs').IssuesClient} parts.api
 */
export function registerTools(server, { vault, principalOf, api }) {
  server.registerTool('whoami', { description: 'Says whom the issues API takes the caller for.' }, (extra) =>
    withSecret(principalOf(extra), { name: 'token' }, async (token) => {
      const { user } = await api.call({ method: 'GET', path: '/user', token })
      return `${user}`
    }),
  )

  server.registerTool(
    'create_issue',
    { description: 'Opens an issue in the name of the caller.', inputSchema: { title: z.string().min(1).max(200) } },
    ({ title }, extra) =>
      withSecret(principalOf(extra), { name: 'token' }, async (token) => {
        const issue = await api.call({ method: 'POST', path: '/issues', body: { title }, token })
        return `#${issue['number']} "${issue['title']}" by ${issue['author']}`
      }),
  )

  server.registerTool(
    'read_board',
    { description: 'Reads the board of a user who shared its key.', inputSchema: { owner: z.string() } },
    ({ owner }, extra) =>
      withSecret(principalOf(extra), { owner, name: 'board_key' }, async (token) => {
        const { board } = await api.call({ method: 'GET', path: '/board', token })
        return `${board}`
      }),
  )

  server.registerTool(
    'read_invoices',
    { description: 'Reads the invoices of a user who shared the key to them.', inputSchema: { owner: z.string() } },
    ({ owner }, extra) =>
      withSecret(principalOf(extra), { owner, name: 'billing_key' }, async (token) => {
        const { invoices } = await api.call({ method: 'GET', path: '/invoices', token })
        return `${invoices} invoices`
      }),
  )

  /**
   * Runs `work` with a secret. Each call opens a session, whose events carry one correlation id that the vault makes: the
   * ids of MCP requests repeat from client to client. A secret that is not there and one that the caller may not know of
   * give the same answer.
   *
   * @param {import('@mcpvault/core').Principal} principal
   * @param {{ name: string, owner?: string }} secret
   * @param {(token: import('@mcpvault/core').SecretValue) => Promise<string>} work
   */
  async function withSecret(principal, { name, owner = principal.id }, work) {
    try {
      const session = vault.as(principal, { userAgent: 'example-mcp-server' })
      const token = await session.scope({ server: serverName, owner }).get(name)
      if (token === undefined) return refusal(`There is no secret "${name}" that you could use.`)
      return { content: [{ type: /** @type {const} */ ('text'), text: await work(token) }] }
    } catch (error) {
      if (isVaultError(error)) return refusal(`The vault refused: ${error.code}.`)
      return refusal('The issues API could not be used.')
    }
  }
}

/** @param {string} text */
function refusal(text) {
  return { isError: true, content: [{ type: /** @type {const} */ ('text'), text }] }
}
