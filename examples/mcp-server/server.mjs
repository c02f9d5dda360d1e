// The example MCP server, over stdio: one process for one user, on a vault that all of them share.
import { keyFromEnv } from '@mcpvault/core'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { issuesClient } from './src/issues-client.mjs'
import { openVault } from './src/open-vault.mjs'
import { principalFromEnvironment } from './src/principal.mjs'
import { registerTools } from './src/tools.mjs'

const principal = principalFromEnvironment(process.env)
const { vault, close } = openVault({ databasePath: setting('EXAMPLE_DATABASE'), keys: keyFromEnv() })
const server = new McpServer({ name: 'example-issues', version: '1.0.0' })
registerTools(server, { vault, principalOf: () => principal, api: issuesClient(setting('EXAMPLE_API_URL')) })
await server.connect(new StdioServerTransport())

// A client ends a stdio server by closing its input: the trail gets its closing event, and the keys are forgotten.
process.stdin.once('end', close)

/** @param {string} name */
function setting(name) {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`Set ${name}.`)
  return value
}
