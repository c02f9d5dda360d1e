// A user's MCP client: starts the example server for that user over stdio, calls tools, and keeps what was said.
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

/** @typedef {ReturnType<typeof mcpUser>} McpUser */

/**
 * @param {object} options
 * @param {string} options.user
 * @param {string} options.databasePath
 * @param {string} options.keyPath
 * @param {string} options.apiUrl
 */
export function mcpUser({ user, databasePath, keyPath, apiUrl }) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [fileURLToPath(new URL('../server.mjs', import.meta.url))],
    env: {
      EXAMPLE_USER: user,
      EXAMPLE_DATABASE: databasePath,
      EXAMPLE_API_URL: apiUrl,
      MCPVAULT_KEY_FILE: keyPath,
    },
    stderr: 'pipe',
  })
  /** @type {string[]} */
  const heard = []
  transport.stderr?.on('data', (chunk) => heard.push(`${chunk}`))
  const client = new Client({ name: `client-of-${user}`, version: '1.0.0' })
  return {
    user,
    /** Every message and every line of stderr that came from the server. */
    heard,
    /** Starts the server and greets it. */
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
    /** Ends the server, also one that is still starting. */
    close: () => transport.close(),
  }
}
