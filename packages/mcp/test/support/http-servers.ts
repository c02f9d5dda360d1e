// The servers over streamable HTTP on loopback: each request is signed in by a bearer token that names its user.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Vault } from '@mcpvault/core'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'
import { serverOf1x, serverOf2x } from './servers.ts'
import { toolHandlers } from './tools.ts'

export type Line = '1.x' | '2.x'

/** The headers that sign a user in. */
export const loginOf = (user: string) => ({ authorization: `Bearer login of ${user}` })

/** Returns the URL. Stopped after the test. */
export async function startHttp(line: Line, vault: Vault): Promise<string> {
  const listener = line === '1.x' ? listener1x(vault) : listener2x(vault)
  return listen((request, response) => {
    const userId = /^Bearer login of (\w+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (userId === undefined) return response.writeHead(401).end()
    const auth = { token: 'login', clientId: 'test', scopes: [], extra: { userId } }
    listener(Object.assign(request, { auth }), response)
  })
}

type AuthedListener = (request: IncomingMessage & { auth: Auth }, response: ServerResponse) => void
type Auth = { token: string; clientId: string; scopes: string[]; extra: { userId: string } }

function listener1x(vault: Vault): AuthedListener {
  return async (request, response) => {
    const server = serverOf1x(toolHandlers(vault))
    const transport = new StreamableHTTPServerTransport({})
    response.once('close', () => void server.close())
    await server.connect(transport)
    await transport.handleRequest(request, response)
  }
}

function listener2x(vault: Vault): AuthedListener {
  const handler = createMcpHandler(() => serverOf2x(toolHandlers(vault)))
  const listener = toNodeHandler(handler)
  // The type of the adapter wants a method, which every request of a server has.
  return (request, response) => void listener(request as typeof request & { method: string; url: string }, response)
}

export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  // On a busy machine a connection is idle for longer than 5 s, and a thousand of them wait to be accepted.
  server.keepAliveTimeout = 0
  const address = { port: 0, host: '127.0.0.1', backlog: 2_000 }
  await new Promise<void>((resolve) => server.listen(address, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A listener of TCP has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
