// Writes a Response to node:http, no faster than the client reads, and stops when the client goes away.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long a client that still sends may take to read why its body was not taken. */
const lingerMs = 1_000

/** Resolves when all is written, or when nobody is there to read it. */
export async function respond(req: IncomingMessage, res: ServerResponse, response: Response): Promise<void> {
  if (res.headersSent || res.destroyed) {
    await response.body?.cancel()
    return
  }
  const isUnread = !req.complete && req.method !== 'GET' && req.method !== 'HEAD'
  // What is left of the body would be read as the next request, so there is none on this connection.
  if (isUnread && req.httpVersionMajor < 2) res.setHeader('connection', 'close')
  for (const [name, value] of response.headers) res.setHeader(name, value)
  res.writeHead(response.status)
  if (req.method === 'HEAD' || response.body === null) {
    await response.body?.cancel()
    res.end()
  } else {
    await pipe(response.body, res)
  }
  if (isUnread) dropRest(req)
}

async function pipe(body: ReadableStream<Uint8Array>, res: ServerResponse): Promise<void> {
  const reader = body.getReader()
  let isGone = false
  const gone = new Promise<void>((resolve) => {
    res.once('close', () => {
      isGone = true
      resolve()
    })
  })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || isGone) break
      if (!res.write(value)) await Promise.race([gone, drained(res)])
    }
    res.end()
  } catch {
    // The status is sent already: a cut connection is the only way left to say that this is not all.
    res.destroy()
  } finally {
    if (isGone) reader.cancel().catch(() => undefined)
  }
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    res.once('drain', resolve)
  })
}

/** Reads on for a moment, since a connection that is reset at once takes the answer with it. */
function dropRest(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return
  req.resume()
  const timer = setTimeout(() => req.destroy(), lingerMs)
  timer.unref()
  req.once('close', () => clearTimeout(timer))
}
