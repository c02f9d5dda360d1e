// A plugin for Fastify, whose own body parser is left out.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VaultHandler } from '../handler.ts'
import { serve } from './serve.ts'

interface RequestLike {
  readonly raw: IncomingMessage
}

interface ReplyLike {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** What the plugin uses of Fastify, whose own types differ from release to release. */
export interface FastifyLike {
  removeAllContentTypeParsers(): unknown
  readonly addContentTypeParser: (...parts: never[]) => unknown
  readonly all: (...parts: never[]) => unknown
}

/**
 * A plugin. The handler's `basePath` is the prefix that it is registered with. `incomingOf` gives Fastify's request.
 *
 * @example
 * await app.register(toFastify(handler), { prefix: '/vault' })
 */
export function toFastify(handler: VaultHandler): (fastify: FastifyLike) => Promise<void> {
  return async (fastify) => {
    // In the plugin's own context alone: the body stays in the request, for the handler to read within its limits.
    fastify.removeAllContentTypeParsers()
    const leaveUnread = (_request: unknown, _payload: unknown, done: (error: null) => void): void => done(null)
    Reflect.apply(fastify.addContentTypeParser, fastify, ['*', leaveUnread])
    const route = async (request: RequestLike, reply: ReplyLike): Promise<void> => {
      reply.hijack()
      await serve(handler, { req: request.raw, res: reply.raw, source: request }).catch(() => reply.raw.destroy())
    }
    for (const path of ['/', '/*']) Reflect.apply(fastify.all, fastify, [path, route])
  }
}
