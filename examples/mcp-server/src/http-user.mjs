// A user whose client calls a server that others use too, and shows its login in each request.
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { mcpUser } from './mcp-user.mjs'

/** @param {{ user: string, url: string, login: string }} options */
export function httpUser({ user, url, login }) {
  const headers = { authorization: `Bearer ${login}` }
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
  return mcpUser({ user, transport, heard: [] })
}
