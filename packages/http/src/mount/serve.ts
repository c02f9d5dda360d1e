// One request of node:http through the handler: made into a Request, answered, written.
import type { ServerResponse } from 'node:http'
import type { VaultHandler } from '../handler.ts'
import { secured } from '../safety/headers.ts'
import { connectionOf, type FrameworkRequest, requestOf } from './request.ts'
import { respond } from './respond.ts'

/** What is served. `source` is what `incomingOf` gives for the request. */
export interface Served {
  readonly req: FrameworkRequest
  readonly res: ServerResponse
  readonly source: unknown
}

export async function serve(handler: VaultHandler, { req, res, source }: Served): Promise<void> {
  const gone = new AbortController()
  const onClose = (): void => {
    if (!res.writableFinished) gone.abort()
  }
  res.once('close', onClose)
  const request = tryRequest({ req, signal: gone.signal, source })
  const response = request === undefined ? malformed() : await handler(request, connectionOf(req))
  await respond(req, res, response)
}

function tryRequest({
  req,
  ...options
}: {
  req: FrameworkRequest
  signal: AbortSignal
  source: unknown
}): Request | undefined {
  try {
    return requestOf(req, options)
  } catch {
    return undefined
  }
}

function malformed(): Response {
  const error = { code: 'HTTP_INVALID', message: 'The request is not valid.' }
  return secured(Response.json({ success: false, error }, { status: 400 }))
}
