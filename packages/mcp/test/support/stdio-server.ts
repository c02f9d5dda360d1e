// A server over stdio for one user, on a vault of its own; bundled and started by tests.
import { StdioServerTransport as Stdio1 } from '@modelcontextprotocol/sdk/server/stdio.js'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { redactorOf } from '../../src/index.ts'
import { serverOf1x, serverOf2x } from './servers.ts'
import { toolHandlers } from './tools.ts'
import { openUserVault } from './user-vault.ts'

const { TEST_LINE: line, TEST_ALICE: alice = '', TEST_BOB: bob = '', TEST_USER: id = '' } = process.env
const { vault } = await openUserVault({ alice, bob })
redactorOf(vault).wrapConsole(console)
const handlers = toolHandlers(vault, { principal: { id } })
// A server that logs what it has, as careless ones do.
const whoami: typeof handlers.whoami = async (...given) => {
  const result = await handlers.whoami(...given)
  console.error('answered with the token', alice, bob)
  return result
}
if (line === '1.x') await serverOf1x({ ...handlers, whoami }).connect(new Stdio1())
else serveStdio(() => serverOf2x({ ...handlers, whoami }))
