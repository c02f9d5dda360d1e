// The public entry of the mounts: a handler in node:http, Express and Fastify.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VaultHandler } from '../handler.ts'
import type { FrameworkRequest } from './request.ts'
import { serve } from './serve.ts'

export { type FastifyLike, toFastify } from './fastify.ts'
export { incomingOf } from './request.ts'

/**
 * A listener for `http.createServer` and `https.createServer`.
 *
 * @example
 * createServer(toNode(handler)).listen(8080, '127.0.0.1')
 */
export function toNode(handler: VaultHandler): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    serve(handler, { req, res, source: req }).catch(() => res.destroy())
  }
}

/**
 * A middleware for Express 4 and 5, before or after `express.json()`. The handler's `basePath` is the path that it is
 * used under.
 *
 * @example
 * app.use('/vault', toExpress(handler))
 */
export function toExpress(
  handler: VaultHandler,
): (req: FrameworkRequest, res: ServerResponse, next: (error?: unknown) => void) => void {
  return (req, res, next) => {
    serve(handler, { req, res, source: req }).catch(next)
  }
}
