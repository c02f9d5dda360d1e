// The example MCP server, over stdio: one process for one user, on a vault that all of them share.
import { keyFromEnv } from '@mcpvault/core'
import { isMcpVaultError, redactorOf, requireSecrets } from '@mcpvault/mcp'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { issuesClient } from './src/issues-client.mjs'
import { openVault } from './src/open-vault.mjs'
import { principalFromEnvironment } from './src/principal.mjs'
import { setting } from './src/setting.mjs'
import { registerTools, serverName } from './src/tools.mjs'

const principal = principalFromEnvironment(process.env)
const { vault, close } = openVault({ databasePath: setting('EXAMPLE_DATABASE'), keys: keyFromEnv() })
redactorOf(vault).wrapConsole(console)
// A user may store a token later, so a missing one is said, and the server starts.
await requireSecrets(vault, { principal, secrets: { token: serverName } }).catch((error) => {
  if (!isMcpVaultError(error, 'MCP_SECRET_MISSING')) throw error
  console.error(error.message)
})
const server = new McpServer({ name: 'example-issues', version: '1.0.0' })
registerTools(server, { vault, principal, api: issuesClient(setting('EXAMPLE_API_URL')) })
await server.connect(new StdioServerTransport())

// A client ends a stdio server by closing its input: the trail gets its closing event, and the keys are forgotten.
process.stdin.once('end', close)
