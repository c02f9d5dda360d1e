// A service on loopback that answers as it is asked to, and keeps the requests that it got.
import type { IncomingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { listen } from './http-servers.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface EchoApi {
  readonly url: string
  readonly host: string
  readonly seen: SeenRequest[]
}

/**
 * `/echo` repeats the request, `/zip` does it compressed, `/pieces` in small pieces, `/to/STATUS?URL` redirects.
 * Elsewhere 200 for a request with `accepted` among its headers, and 401 otherwise.
 */
export async function startEchoApi(accepted: () => string = () => 'none'): Promise<EchoApi> {
  const seen: SeenRequest[] = []
  const url = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    seen.push({ method: request.method ?? '', path: pathname, headers: request.headers, body })
    const all = JSON.stringify({ headers: request.headers, body })
    const redirect = /^\/to\/(\d+)$/.exec(pathname)?.[1]
    if (redirect !== undefined) {
      response.writeHead(Number(redirect), { location: decodeURIComponent(search.slice(1)) }).end('moved')
    } else if (pathname === '/echo') {
      const { authorization = '' } = request.headers
      response.writeHead(200, { 'x-sent': authorization, 'content-length': Buffer.byteLength(all) }).end(all)
    } else if (pathname === '/zip') {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(all))
    } else if (pathname === '/pieces') {
      response.writeHead(200)
      for (let at = 0; at < all.length; at += 3) response.write(all.slice(at, at + 3))
      response.end()
    } else {
      response.writeHead(all.includes(accepted()) ? 200 : 401).end(all)
    }
  })
  return { url: url.slice(0, -1), host: new URL(url).host, seen }
}
