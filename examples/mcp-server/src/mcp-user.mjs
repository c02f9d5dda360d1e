// A user's MCP client: calls tools and keeps what the server said.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'

/** @typedef {ReturnType<typeof mcpUser>} McpUser */

/** @typedef {(url: string) => Promise<void>} OpenLink */

/**
 * @param {object} options
 * @param {string} options.user
 * @param {import('@modelcontextprotocol/sdk/shared/transport.js').Transport} options.transport
 * @param {string[]} options.heard gets every message that comes from the server
 * @param {OpenLink} [options.openLink] shows a link of the server to the user; default: the client opens none
 */
export function mcpUser({ user, transport, heard, openLink }) {
  const capabilities = openLink === undefined ? {} : { elicitation: { url: {} } }
  const client = new Client({ name: `client-of-${user}`, version: '1.0.0' }, { capabilities })
  if (openLink !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      if (params.mode !== 'url') return { action: 'decline' }
      await openLink(params.url)
      return { action: 'accept' }
    })
  }
  return {
    user,
    heard,
    /** Greets the server. */
    async connect() {
      await client.connect(transport)
      const deliver = transport.onmessage
      transport.onmessage = (message) => {
        heard.push(JSON.stringify(message))
        deliver?.(message)
      }
    },
    /**
     * Calls a tool. `ok` is false when the server refused.
     *
     * @param {string} tool
     * @param {Record<string, unknown>} [args]
     */
    async call(tool, args = {}) {
      const result = await client.callTool({ name: tool, arguments: args })
      const content = Array.isArray(result.content) ? result.content : []
      return { ok: result.isError !== true, text: content.map((part) => part.text).join('') }
    },
    /** Ends the connection, also one that is still being made; over stdio, also the server. */
    close: () => transport.close(),
  }
}
