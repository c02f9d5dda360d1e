// A client of each line of the SDK that keeps all that the server says: messages, and standard error over stdio.
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { onTestFinished } from 'vitest'

/** `2.x of 2026` speaks the revision 2026-07-28, `2.x` the one that 1.x speaks too. */
export type ClientKind = '1.x' | '2.x' | '2.x of 2026'

export interface ToolAnswer {
  readonly isError: boolean
  readonly text: string
  readonly meta: Readonly<Record<string, unknown>>
}

export interface TestClient {
  /** Every message that came, as JSON, and what came on standard error. */
  readonly received: string[]
  call(name: string, options?: { onprogress?: (progress: unknown) => void; signal?: AbortSignal }): Promise<ToolAnswer>
  readonly tools: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** How to reach a server. */
export type Target =
  | { readonly url: string; readonly user: string }
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }

/** Closed after the test. */
export async function connect(kind: ClientKind, target: Target): Promise<TestClient> {
  const received: string[] = []
  const info = { name: 'test-client', version: '1.0.0' }
  const client =
    kind === '1.x'
      ? new Client1(info)
      : new Client2(info, { versionNegotiation: { mode: kind === '2.x' ? 'legacy' : 'auto' } })
  const transport = kind === '1.x' ? transport1(target, received) : transport2(target, received)
  onTestFinished(() => client.close())
  // The client and the transport are of one line, which the type of a union cannot say.
  await client.connect(transport as never)
  const deliver: unknown = transport.onmessage
  transport.onmessage = (...given: readonly unknown[]) => {
    received.push(JSON.stringify(given[0]))
    if (typeof deliver === 'function') Reflect.apply(deliver, transport, given)
  }
  return {
    received,
    async call(name, options = {}) {
      const request = { name, arguments: {} }
      const answer: unknown =
        client instanceof Client1
          ? await client.callTool(request, undefined, options)
          : await client.callTool(request, options)
      return answerOf(answer)
    },
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    close: () => client.close(),
  }
}

function transport1(target: Target, received: string[]) {
  if ('url' in target) return new Http1(new URL(target.url), { requestInit: { headers: headersOf(target.user) } })
  const transport = new Stdio1({ ...target, args: [...target.args], stderr: 'pipe' })
  transport.stderr?.on('data', (chunk: Buffer) => received.push(`${chunk}`))
  return transport
}

function transport2(target: Target, received: string[]) {
  if ('url' in target) return new Http2(new URL(target.url), { requestInit: { headers: headersOf(target.user) } })
  const transport = new Stdio2({ ...target, args: [...target.args], stderr: 'pipe' })
  transport.stderr?.on('data', (chunk: Buffer) => received.push(`${chunk}`))
  return transport
}

function headersOf(user: string): Record<string, string> {
  return { authorization: `Bearer login of ${user}` }
}

function answerOf(answer: unknown): ToolAnswer {
  const { isError, content, _meta: meta } = Object(answer)
  const texts = Array.isArray(content) ? content.map((part) => part.text ?? '') : []
  return { isError: isError === true, text: texts.join('\n'), meta: meta ?? {} }
}
