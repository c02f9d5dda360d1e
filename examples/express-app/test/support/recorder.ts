// Stands between browsers and the app, changes nothing, and keeps what the app has answered.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Recorder {
  readonly url: string
  readonly answers: readonly { readonly path: string; readonly text: string }[]
}

/** Listens on a free port of loopback until the end of the test. */
export async function startRecorder(url: string): Promise<Recorder> {
  const answers: { path: string; text: string }[] = []
  const { hostname, port } = new URL(url)
  const server = createServer((req, res) => {
    const { method, headers, url: path = '/' } = req
    const sent = request({ hostname, port, method, headers, path }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      answers.push({ path, text: `${JSON.stringify(response.rawHeaders)}\n${body.toString()}` })
      res.writeHead(response.statusCode ?? 500, response.rawHeaders).end(body)
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
