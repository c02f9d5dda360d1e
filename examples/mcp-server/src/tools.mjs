// The tools of the example. Each takes its secret from the vault, for the caller that the host named, and for one call.
import { boundFetch, withSecrets } from '@mcpvault/mcp'
import { z } from 'zod'

/** Tells the secrets of this server from those of others in the same vault. */
export const serverName = 'issues'

/**
 * @param {import('@modelcontextprotocol/sdk/server/mcp.js').McpServer} server
 * @param {object} parts
 * @param {import('@mcpvault/core').Vault} parts.vault
 * @param {import('@mcpvault/mcp').PrincipalSource} [parts.principal] who calls; default: the user of the verified login
 * @param {import('./issues-client.mjs').IssuesClient} parts.api
 * @param {ReturnType<import('@mcpvault/mcp/elicit').Elicitation['onMissing']>} [parts.onMissing] asks the user; default: a
 * refusal that names what is missing
 */
export function registerTools(server, { vault, principal, api, onMissing }) {
  const options = {
    ...(principal === undefined ? {} : { principal }),
    ...(onMissing === undefined ? {} : { onMissing }),
    context: () => ({ userAgent: 'example-mcp-server' }),
  }

  server.registerTool(
    'whoami',
    { description: 'Says whom the issues API takes the caller for.' },
    withSecrets(
      vault,
      { ...options, secrets: { token: serverName } },
      async (_args, { secrets: { token }, signal }) => {
        const { user } = await api.call({ method: 'GET', path: '/user', send: signedWith(token, signal) })
        return text(`${user}`)
      },
    ),
  )

  // The fetch reads the token itself, sends it to the host of the API alone, and reads it again when it was replaced.
  server.registerTool(
    'create_issue',
    { description: 'Opens an issue in the name of the caller.', inputSchema: { title: z.string().min(1).max(200) } },
    withSecrets(vault, { ...options, secrets: {} }, async ({ title }, { session, redactor }) => {
      const scope = session.scope({ server: serverName })
      const send = boundFetch({ scope, name: 'token', hosts: [api.host], redactor })
      const issue = await api.call({ method: 'POST', path: '/issues', body: { title }, send })
      return text(`#${issue['number']} "${issue['title']}" by ${issue['author']}`)
    }),
  )

  server.registerTool(
    'read_board',
    { description: 'Reads the board of a user who shared its key.', inputSchema: { owner: z.string() } },
    withSecrets(vault, { ...options, secrets: {} }, async ({ owner }, { lease, signal }) => {
      const key = await lease({ owner, server: serverName, name: 'board_key' })
      const { board } = await api.call({ method: 'GET', path: '/board', send: signedWith(key, signal) })
      return text(`${board}`)
    }),
  )

  server.registerTool(
    'read_invoices',
    { description: 'Reads the invoices of a user who shared the key to them.', inputSchema: { owner: z.string() } },
    withSecrets(vault, { ...options, secrets: {} }, async ({ owner }, { lease, signal }) => {
      const key = await lease({ owner, server: serverName, name: 'billing_key' })
      const { invoices } = await api.call({ method: 'GET', path: '/invoices', send: signedWith(key, signal) })
      return text(`${invoices} invoices`)
    }),
  )
}

/**
 * The value is revealed for one request, while the call lives.
 *
 * @param {import('@mcpvault/mcp').LeasedSecret} token
 * @param {AbortSignal} signal
 * @returns {typeof fetch}
 */
function signedWith(token, signal) {
  return (url, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${token.reveal()}`)
    return fetch(url, { ...init, headers, signal })
  }
}

/** @param {string} value */
function text(value) {
  return { content: [{ type: /** @type {const} */ ('text'), text: value }] }
}
