// Stands between browsers and the app, changes nothing, and keeps what the app has answered.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Answer {
  readonly path: string
  readonly status: number
  readonly text: string
}

export interface Recorder {
  readonly url: string
  readonly answers: readonly Answer[]
}

/** Listens on a free port of loopback until the end of the test. */
export async function startRecorder(url: string): Promise<Recorder> {
  const answers: Answer[] = []
  const { hostname, port } = new URL(url)
  const server = createServer((req, res) => {
    const { method, headers, url: path = '/' } = req
    // A connection for each request: one that was kept may be closed by the app just as the next request is sent.
    const to = { hostname, port, method, headers, path, agent: false }
    const sent = request(to, async (response) => {
      const { statusCode: status = 500 } = response
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      answers.push({ path, status, text: `${JSON.stringify(response.rawHeaders)}\n${body.toString()}` })
      res.writeHead(status, response.rawHeaders).end(body)
    })
    sent.once('error', () => res.destroy())
    req.pipe(sent)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address() as AddressInfo // A server that listens on a port has one.
  return { url: `http://127.0.0.1:${address.port}`, answers }
}
