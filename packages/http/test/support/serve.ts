// Real servers for tests, on loopback and a free port, and requests to them that fetch cannot make.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  readonly port: number
  readonly url: string
  readonly server: Server
  close(): Promise<void>
}

/** Listens on loopback. */
export async function listen(listener: RequestListener): Promise<Served> {
  return started(createServer(listener))
}

export async function started(server: Server): Promise<Served> {
  // A client that keeps its connections must not send on one that is closed just then.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // A server that listens on a port has one.
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** A request by node:http, which takes any Host and any path as it is. */
export async function ask(
  { port }: Pick<Served, 'port'>,
  options: {
    readonly method?: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  },
): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = options
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
  sent.end(body)
  const [response]: IncomingMessage[] = await once(sent, 'response')
  if (response === undefined) throw new Error('no response')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}
