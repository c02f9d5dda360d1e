// Servers of both lines, with a tool that is missing a secret.
import { randomUUID } from 'node:crypto'
import type { ClientKind } from '@mcpvault/testkit/mcp'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer as McpServer2 } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'
import type { ElicitingServer } from '../../src/elicit/index.ts'
import { withSecrets } from '../../src/index.ts'
import type { ElicitWorld } from './elicit-world.ts'
import { type Line, listen } from './http-servers.ts'
import { fingerprint } from './tools.ts'

const info = { name: 'test', version: '1.0.0' }

/** Serves the tool `whoami` of alice over streamable HTTP, with sessions for the revisions that have them. */
export async function serveElicitation(kind: ClientKind, line: Line, world: ElicitWorld): Promise<string> {
  const whoami = (server: ElicitingServer) =>
    withSecrets(
      world.vault,
      {
        secrets: { token: 'issues' },
        principal: { id: 'alice' },
        onMissing: world.elicitation.onMissing(server),
      },
      (_args, { secrets: { token } }) => ({
        content: [{ type: 'text' as const, text: fingerprint(token.reveal()) }],
      }),
    )
  if (line === '1.x') {
    const server = new McpServer1(info)
    server.registerTool('whoami', {}, whoami(server))
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
    await server.connect(transport)
    onTestFinished(() => server.close())
    return listen((request, response) => void transport.handleRequest(request, response))
  }
  const make = (): McpServer2 => {
    const server = new McpServer2(info)
    server.registerTool('whoami', {}, whoami(server))
    return server
  }
  if (kind === '2.x of 2026') {
    const listener = toNodeHandler(createMcpHandler(make))
    // The type of the adapter wants a method, which every request of a server has.
    return listen(
      (request, response) => void listener(request as typeof request & { method: string; url: string }, response),
    )
  }
  const server = make()
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
  await server.connect(transport)
  onTestFinished(() => server.close())
  return listen((request, response) => void transport.handleRequest(request, response))
}
