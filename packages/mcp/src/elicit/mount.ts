// Mounts the page in node:http and Express, whether or not a body parser was there before.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ElicitHandler } from './elicit-secrets.ts'

/** What frameworks add to a request of node:http. */
export type MountedRequest = IncomingMessage & {
  /** The path before a router took its own part away. */
  readonly originalUrl?: string
  /** What a body parser has made of the body. */
  readonly body?: unknown
}

/** How long a client that still sends may take to read why its body was not taken. */
const lingerMs = 1_000

const incoming = new WeakMap<Request, IncomingMessage>()

/**
 * The request of node:http or Express behind the one that `principalOfBrowser` gets; undefined for that of another server.
 * The type is the caller's to know.
 *
 * @example
 * principalOfBrowser: (request) => incomingOf<express.Request>(request)?.session.user
 */
export function incomingOf<T = IncomingMessage>(request: Request): T | undefined {
  // Nobody but the mount puts anything here, and which mount it is the caller knows.
  return incoming.get(request) as T | undefined
}

/**
 * A listener for `http.createServer` and `https.createServer`.
 *
 * @example
 * createServer(toNode(handler)).listen(8080, '127.0.0.1')
 */
export function toNode(handler: ElicitHandler): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    serve(handler, req, res).catch(() => res.destroy())
  }
}

/**
 * A middleware for Express 4 and 5, before or after `express.urlencoded()`.
 *
 * @example
 * app.use('/connect', toExpress(handler))
 */
export function toExpress(
  handler: ElicitHandler,
): (req: MountedRequest, res: ServerResponse, next: (error?: unknown) => void) => void {
  return (req, res, next) => {
    serve(handler, req, res).catch(next)
  }
}

async function serve(handler: ElicitHandler, req: MountedRequest, res: ServerResponse): Promise<void> {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  const request = requestOf(req, gone.signal)
  if (request === undefined) {
    res.writeHead(400).end()
    return
  }
  const response = await handler(request)
  if (res.destroyed) return
  // What is left of the body would be read as the next request, so there is none on this connection.
  if (!req.complete) res.setHeader('connection', 'close')
  res.writeHead(response.status, Object.fromEntries(response.headers))
  res.end(req.method === 'HEAD' ? undefined : Buffer.from(await response.arrayBuffer()))
  dropRest(req)
}

/** Reads on for a moment, since a connection that is reset at once takes the answer with it. */
function dropRest(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return
  req.resume()
  const timer = setTimeout(() => req.destroy(), lingerMs)
  timer.unref()
  req.once('close', () => clearTimeout(timer))
}

/** Undefined for what no Request can be. */
function requestOf(req: MountedRequest, signal: AbortSignal): Request | undefined {
  const { method = 'GET', headersDistinct } = req
  const path = req.originalUrl ?? req.url ?? '/'
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    name.startsWith(':') ? [] : values.map((value): [string, string] => [name, value]),
  )
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(req)
  try {
    const url = new URL(path.startsWith('/') ? `http://${req.headers.host ?? 'localhost'}${path}` : path)
    const request = new Request(url, { method, headers, signal, ...(body !== undefined && { body, duplex: 'half' }) })
    incoming.set(request, req)
    return request
  } catch {
    return undefined
  }
}

/** A form that was parsed before is written again. */
function bodyOf(req: MountedRequest): ReadableStream<Uint8Array> | Buffer | string | undefined {
  // Node's type is that of its own module; it is the global one.
  if (!req.readableDidRead && !req.readableEnded) return Readable.toWeb(req) as ReadableStream<Uint8Array>
  const { body } = req
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body
  if (typeof body !== 'object' || body === null) return undefined
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) form.append(name, String(value))
  return form.toString()
}
