// A user whose client starts a server process of its own, as desktop clients do.
import { fileURLToPath } from 'node:url'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { mcpUser } from './mcp-user.mjs'

/**
 * @param {object} options
 * @param {string} options.user
 * @param {string} options.databasePath
 * @param {string} options.keyPath
 * @param {string} options.apiUrl
 * @param {'server.mjs' | 'run.mjs'} [options.program]
 * @param {readonly string[]} [options.args] of the program
 */
export function stdioUser({ user, databasePath, keyPath, apiUrl, program = 'server.mjs', args = [] }) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [fileURLToPath(new URL(`../${program}`, import.meta.url)), ...args],
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
  return mcpUser({ user, transport, heard })
}
