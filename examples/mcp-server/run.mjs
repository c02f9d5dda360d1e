// Starts a server that reads a token from its environment: `node run.mjs COMMAND ARGS`, as a client's configuration would.
import { keyFromEnv } from '@mcpvault/core'
import { runWithSecrets } from '@mcpvault/mcp/run'
import { openVault } from './src/open-vault.mjs'
import { principalFromEnvironment } from './src/principal.mjs'
import { setting } from './src/setting.mjs'
import { serverName } from './src/tools.mjs'

const { vault, close } = openVault({ databasePath: setting('EXAMPLE_DATABASE'), keys: keyFromEnv() })
const [command = '', ...args] = process.argv.slice(2)
// The child gets the token of this user, and neither the key of the vault nor anything else of it.
const { exitCode } = await runWithSecrets({
  session: vault.as(principalFromEnvironment(process.env)),
  server: serverName,
  map: { ISSUES_TOKEN: 'token' },
  command,
  args,
})
await close()
process.exitCode = exitCode
