// Real MCP clients of both lines of the SDK. They keep all that the server says; the user who is asked is the test.
import { Client as Client2 } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { onTestFinished } from 'vitest'
import { type Message, recordMessages } from './messages.ts'
import { type Target, transportTo } from './transports.ts'

/** `2.x of 2026` speaks the revision 2026-07-28, `2.x` the one that 1.x speaks too. */
export type ClientKind = '1.x' | '2.x' | '2.x of 2026'

export interface ClientOptions {
  readonly kind: ClientKind
  readonly target: Target
  /** What the client says that it can do. Default nothing. */
  readonly capabilities?: { elicitation?: { url?: Record<string, never>; form?: Record<string, never> } }
  /** What the user does with a question of the server. Default: declines. */
  readonly answer?: (params: Readonly<Record<string, unknown>>) => Promise<'accept' | 'decline' | 'cancel'>
}

export interface CallOptions {
  readonly args?: Readonly<Record<string, unknown>>
  readonly onprogress?: (progress: unknown) => void
  readonly signal?: AbortSignal
}

export interface ToolAnswer {
  readonly isError: boolean
  readonly text: string
  readonly meta: Readonly<Record<string, unknown>>
}

export interface McpClient {
  /** Every message of the server since the connection, parsed. */
  readonly received: readonly Message[]
  /** The same as JSON, and what came on standard error. */
  readonly said: readonly string[]
  call(tool: string, options?: CallOptions): Promise<ToolAnswer>
  tools(): Promise<readonly string[]>
  /** The first message for which this holds, now or later. */
  message(holds: (message: Message) => boolean): Promise<Message>
  /** When the server can send messages that belong to no request, over streamable HTTP with 1.x. */
  readonly listening: Promise<void>
  close(): Promise<void>
}

/** Longer than the 60 s of clients: on a busy machine a call may take as long as its test. */
const timeoutMs = 600_000

/** Connects to a server. Closed after the test. */
export async function connectClient(options: ClientOptions): Promise<McpClient> {
  const { kind, target, capabilities = {}, answer = async () => 'decline' as const } = options
  const info = { name: 'test-client', version: '1.0.0' }
  const ask = async ({ params }: { params: object }) => ({ action: await answer({ ...params }) })
  const client = kind === '1.x' ? client1() : client2()
  const said: string[] = []
  const { transport, listening } = transportTo(target, { line: kind === '1.x' ? '1.x' : '2.x', said })

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
  const { received, message } = recordMessages(transport, said)
  return {
    received,
    said,
    message,
    listening,
    async call(name, { args = {}, ...rest } = {}) {
      const request = { name, arguments: { ...args } }
      const options = { ...rest, timeout: timeoutMs }
      const result: unknown =
        client instanceof Client1
          ? await client.callTool(request, undefined, options)
          : await client.callTool(request, options)
      return answerOf(result)
    },
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    close: () => client.close(),
  }
}

function answerOf(result: unknown): ToolAnswer {
  const { isError, content, _meta: meta } = Object(result)
  const texts = Array.isArray(content) ? content.map((part) => part.text ?? '') : []
  return { isError: isError === true, text: texts.join('\n'), meta: meta ?? {} }
}
