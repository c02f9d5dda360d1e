// Starts the app, prints its address, and stops it in good order.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { makeAccounts } from '../demo/accounts.mjs'
import { startIssuesApi } from '../demo/issues-api.mjs'
import { createApp } from './app.mjs'
import { addressOf, configFrom } from './config.mjs'
import { openUsers } from './users.mjs'
import { openVault, service } from './vault.mjs'

// For what runs when the app is stopped; open sessions of MCP clients are ended first.
const sessionMs = 2_000
const stopMs = 10_000
// Longer than proxies keep an idle connection: no request is sent on one that closes.
const keepAliveMs = 75_000

const config = configFrom(process.env)
const { vault, close } = await openVault(process.env, config.folder)
const scope = vault.as(service).scope({ server: 'app' })
const { roles, tokens, notes } = await makeAccounts(scope, process.env)
const demoApi = config.issuesUrl === undefined ? await startIssuesApi(tokens) : undefined
const issuesUrl = config.issuesUrl ?? demoApi?.url ?? ''

const server = createServer((req, res) => void made.then(({ app }) => app(req, res)))
server.keepAliveTimeout = keepAliveMs
server.listen(config.port, config.host)
await once(server, 'listening')
const bound = server.address()
const address = addressOf(config.host, typeof bound === 'object' ? bound?.port : config.port)
const made = createApp({ config, vault, users: openUsers(scope, roles), issuesUrl, address })
const { close: closeSessions } = await made
for (const note of notes) console.log(note)
console.log(`Listening at ${address}`)

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.once(signal, stop)

/** Lets the requests that run end, then closes the vault, whose trail gets its closing event. */
async function stop() {
  const closed = once(server, 'close')
  server.close()
  setTimeout(closeSessions, sessionMs).unref()
  setTimeout(() => server.closeAllConnections(), stopMs).unref()
  await closed
  await demoApi?.close()
  await close()
}
