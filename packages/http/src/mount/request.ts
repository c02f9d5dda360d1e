// From a request of node:http to a Request, also when a body parser has read it before.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Connection } from '../safety/arrival.ts'

/** What frameworks add to a request of node:http. */
export interface FrameworkRequest extends IncomingMessage {
  /** The path before a router took its own part away. */
  readonly originalUrl?: string
  /** What a body parser has made of the body. */
  readonly body?: unknown
}

const incoming = new WeakMap<Request, unknown>()

/**
 * What the framework calls the request that `principal` is asked about: the request of node:http or Express, or
 * Fastify's. Undefined for a Request of another server. The type is the caller's to know.
 *
 * @example
 * principal: (request) => incomingOf<express.Request>(request)?.session.user
 */
export function incomingOf<T = IncomingMessage>(request: Request): T | undefined {
  // Nobody but the mount puts anything here, and which mount it is the caller knows.
  return incoming.get(request) as T | undefined
}

/** Throws TypeError for what no Request can be: a method such as TRACE, a host or path that is none. */
export function requestOf(
  req: FrameworkRequest,
  options: { readonly signal: AbortSignal; readonly source: unknown },
): Request {
  const { method = 'GET' } = req
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(req)
  const request = new Request(urlOf(req), {
    method,
    headers: headersOf(req),
    signal: options.signal,
    ...(body !== undefined && { body, duplex: 'half' }),
  })
  incoming.set(request, options.source)
  return request
}

/** What is known of the connection. */
export function connectionOf({ socket }: IncomingMessage): Connection {
  return { remoteAddress: socket.remoteAddress, encrypted: 'encrypted' in socket && socket.encrypted === true }
}

function urlOf(req: FrameworkRequest): string {
  const path = req.originalUrl ?? req.url ?? '/'
  // A request for another server, as a client of a proxy writes it.
  if (!path.startsWith('/')) throw new TypeError('The path of the request must begin with a slash.')
  // A URL takes these away: a router or a proxy before would have judged another path.
  if (/^[^?#]*(\\|\/(\.|%2e){1,2}([/?#]|$))/i.test(path)) throw new TypeError('The path must have no dot segments.')
  const host = req.headers.host ?? req.headers[':authority']
  if (typeof host !== 'string' || !/^[\w.:[\]-]+$/.test(host)) throw new TypeError('The request must name its host.')
  return `${connectionOf(req).encrypted ? 'https' : 'http'}://${host}${path}`
}

function headersOf({ rawHeaders, headers, readableDidRead }: IncomingMessage): Headers {
  const all = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    // What was read before was also unpacked, and has another length when it is written again.
    const isOfBody = readableDidRead && /^content-(encoding|length)$/i.test(name)
    if (!name.startsWith(':') && !isOfBody) all.append(name, value)
  }
  const authority = headers[':authority']
  if (typeof authority === 'string' && !all.has('host')) all.set('host', authority)
  return all
}

/** A body that was read and parsed before is written again: what it says is what counts. */
function bodyOf(req: FrameworkRequest): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string | undefined {
  if (!req.readableDidRead) return hasBody(req) ? streamOf(req) : undefined
  const { body } = req
  // Taken for an empty body, a write would lose its conditions.
  if (body === undefined && hasBody(req)) return brokenStream()
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)
}

function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.error(new Error('something before the mount has read the body and kept nothing')),
  })
}

function hasBody({ headers, httpVersionMajor }: IncomingMessage): boolean {
  return (
    httpVersionMajor > 1 || headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  )
}

function streamOf(req: IncomingMessage): ReadableStream<Uint8Array> {
  // Node's type is that of its own module; it is the global one.
  return Readable.toWeb(req) as ReadableStream<Uint8Array>
}
