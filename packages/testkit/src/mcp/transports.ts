// The transports of both lines of the SDK: streamable HTTP, and the standard streams of a process.
import { StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio'
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** How to reach a server. */
export type Target =
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }

export interface TransportOptions {
  readonly line: '1.x' | '2.x'
  /** Gets what comes on standard error. */
  readonly said: string[]
}

export function transportTo(target: Target, { line, said }: TransportOptions) {
  const Stdio = line === '1.x' ? Stdio1 : Stdio2
  const Http = line === '1.x' ? Http1 : Http2
  if ('command' in target) {
    const transport = new Stdio({ ...target, args: [...target.args], env: { ...target.env }, stderr: 'pipe' })
    transport.stderr?.on('data', (chunk: Buffer) => said.push(`${chunk}`))
    return { transport, listening: Promise.resolve() }
  }
  let isListening: () => void = () => {}
  const listening = new Promise<void>((resolve) => {
    isListening = resolve
  })
  const fetchAndTell: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (init?.method === 'GET' && response.ok) isListening()
    return response
  }
  const requestInit = { headers: { ...target.headers } }
  return { transport: new Http(new URL(target.url), { requestInit, fetch: fetchAndTell }), listening }
}
