// Real clients and servers of both lines, with a tool that is missing a secret; the user of the client is the test.
import { randomUUID } from 'node:crypto'
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { createMcpHandler, McpServer as McpServer2 } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'
import type { ElicitingServer } from '../../src/elicit/index.ts'
import { withSecrets } from '../../src/index.ts'
import type { ClientKind } from './clients.ts'
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

export interface ElicitClientOptions {
  readonly kind: ClientKind
  readonly url: string
  readonly capabilities: { elicitation?: { url?: Record<string, never>; form?: Record<string, never> } }
  /** What the user does with a question of the server. */
  readonly answer?: (params: Readonly<Record<string, unknown>>) => Promise<'accept' | 'decline' | 'cancel'>
}

export interface ElicitClient {
  /** Every message of the server, parsed. */
  readonly received: readonly Message[]
  /** The text of the result, or the error. */
  call(): Promise<string>
  /** The first message for which this holds, now or later. */
  message(holds: (message: Message) => boolean): Promise<Message>
  /** When the server can send messages that belong to no request. */
  readonly listening: Promise<void>
}

/** A JSON-RPC message of any kind. */
export interface Message {
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly data?: { readonly elicitations?: readonly unknown[] } }
}

export async function connectElicitClient(options: ElicitClientOptions): Promise<ElicitClient> {
  const { kind, url, capabilities, answer = async () => 'decline' as const } = options
  const received: Message[] = []
  const waiting = new Set<() => void>()
  let isListening: () => void = () => {}
  const listening = new Promise<void>((resolve) => {
    isListening = resolve
  })
  const fetchAndTell: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (init?.method === 'GET' && response.ok) isListening()
    return response
  }
  const ask = async ({ params }: { params: object }) => ({ action: await answer({ ...params }) })
  const transport = kind === '1.x' ? new Http1(new URL(url), { fetch: fetchAndTell }) : new Http2(new URL(url))
  const client = kind === '1.x' ? client1() : client2()

  function client1(): Client1 {
    const made = new Client1(info, { capabilities })
    if (capabilities.elicitation !== undefined) made.setRequestHandler(ElicitRequestSchema, ask)
    return made
  }

  function client2(): Client2 {
    const mode = kind === '2.x' ? 'legacy' : 'auto'
    const made = new Client2(info, { capabilities, versionNegotiation: { mode } })
    if (capabilities.elicitation !== undefined) made.setRequestHandler('elicitation/create', ask)
    return made
  }

  onTestFinished(() => client.close())
  // The client and the transport are of one line, which the type of a union cannot say.
  await client.connect(transport as never)
  const deliver: unknown = transport.onmessage
  transport.onmessage = (...given: readonly unknown[]) => {
    // Every message is one of JSON-RPC.
    received.push(given[0] as Message)
    for (const check of waiting) check()
    if (typeof deliver === 'function') Reflect.apply(deliver, transport, given)
  }
  return {
    received,
    listening,
    async call() {
      const result: unknown = await client.callTool({ name: 'whoami', arguments: {} })
      return String(Object(result).content?.[0]?.text)
    },
    message: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = received.find(holds)
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
  }
}
