// A user whose client calls a server that others use too, and shows its login in each request.
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { mcpUser } from './mcp-user.mjs'

/**
 * @param {object} options
 * @param {string} options.user
 * @param {string} options.url
 * @param {string} options.login
 * @param {import('./mcp-user.mjs').OpenLink} [options.openLink]
 */
export function httpUser({ user, url, login, openLink }) {
  const headers = { authorization: `Bearer ${login}` }
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
  return mcpUser({ user, transport, heard: [], openLink })
}
