// vaultHandler: from a Request to a Response, whatever serves it.
import { randomUUID } from 'node:crypto'
import { type CallContext, isVaultError } from '@mcpvault/core'
import { anonymousHealth } from './anonymous-health.ts'
import { apiPath, createApp } from './app/create-app.ts'
import { success } from './app/route.ts'
import { type Shared, sessionsOf } from './call.ts'
import { compatShape } from './compat/shape.ts'
import { type FailureContext, failureAnswer } from './failure.ts'
import { httpError, invalidField } from './http-error.ts'
import { type HandlerConfig, parseHandlerOptions, type SignedIn, type VaultHandlerOptions } from './options.ts'
import { pageFiles } from './page/assets.ts'
import { isPagePath, servePage } from './page/serve.ts'
import { type Arrival, arrivalOf, type Connection } from './safety/arrival.ts'
import { checkGate } from './safety/gate.ts'
import { secured } from './safety/headers.ts'
import { revealLimit } from './safety/reveal-limit.ts'

/** Answers a request. Never rejects. */
export type VaultHandler = (request: Request, connection?: Connection) => Promise<Response>

/**
 * A Fetch handler for the API and the settings page of a vault. Mount it with `toNode`, `toExpress` or `toFastify`, or
 * call it from any server that has Request and Response. Throws `VAULT_CONFIG_INVALID` for options that make no sense.
 *
 * @example
 * const handler = vaultHandler({ vault, principal: (request) => userOf(request), basePath: '/vault' })
 * app.use('/vault', toExpress(handler))
 */
export function vaultHandler(options: VaultHandlerOptions): VaultHandler {
  const config = parseHandlerOptions(options)
  const shared: Shared = { config, limitReveals: revealLimit(config) }
  const below = (request: Request): string => new URL(request.url).pathname.slice(config.basePath.length)
  const app = createApp(below, config)
  const isHealthy = anonymousHealth(config)

  const failureContext = (request: Request): Omit<FailureContext, 'correlationId'> => {
    const shape = compatShape({ method: request.method, path: below(request) }, config.compat)
    return { request, logger: config.logger, shape }
  }

  const answer = async (request: Request, arrival: Arrival, correlationId: string): Promise<Response> => {
    const path = pathBelow(request, config)
    const isPage = config.page && isPagePath(path)
    checkGate(request, { arrival, rules: config, isPage: () => isPage })
    if (isPage && isRead(request)) {
      const isSignedIn = async (): Promise<boolean> => (await config.principal(request)) !== undefined
      const { basePath, signInUrl } = config
      const page = await servePage({ path, basePath, files: pageFiles(), signInUrl, isSignedIn })
      if (page !== undefined) return page
    }
    const principal = await config.principal(request)
    if (principal === undefined) {
      if (isHealthy === undefined || path !== `${apiPath}/health` || !isRead(request)) throw notSignedIn()
      const ok = await isHealthy()
      return Response.json(success({ ok }), { status: ok ? 200 : 503 })
    }
    const sessions = open(config, principal, contextOf(request, arrival, correlationId))
    const id = sessions.session.context.correlationId ?? correlationId
    const fail = (error: unknown): Response => failureAnswer(error, { ...failureContext(request), correlationId: id })
    return app.fetch(request, { ...sessions, correlationId: id, signal: request.signal, shared, fail })
  }

  return async (request, connection) => {
    const correlationId = randomUUID()
    try {
      return secured(await answer(request, arrivalOf(request, connection, config), correlationId))
    } catch (error) {
      return secured(failureAnswer(error, { ...failureContext(request), correlationId }))
    }
  }
}

/** The path below the base, as it was sent. Throws for one that is not below, or that is badly encoded. */
function pathBelow({ url }: Request, { basePath }: HandlerConfig): string {
  const { pathname } = new URL(url)
  if (pathname !== basePath && !pathname.startsWith(`${basePath}/`)) {
    throw httpError({ status: 404, code: 'HTTP_NOT_FOUND', message: 'There is no such call.' })
  }
  try {
    decodeURIComponent(pathname)
  } catch {
    throw invalidField(undefined, 'must have a path of well-formed UTF-8 in percent-encoding.')
  }
  return pathname.slice(basePath.length)
}

function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** What the trail can know of the request beside what the host says. */
function contextOf({ headers }: Request, { address }: Arrival, correlationId: string): CallContext {
  const userAgent = headers.get('user-agent')
  return {
    correlationId,
    ...(address !== undefined && { sourceIp: address }),
    ...(userAgent !== null && userAgent !== '' && { userAgent }),
  }
}

/** A principal that the vault refuses is a mistake of the host, not of the request. */
function open(config: HandlerConfig, principal: SignedIn, context: CallContext): ReturnType<typeof sessionsOf> {
  try {
    return sessionsOf(config.vault, principal, context)
  } catch (error) {
    if (isVaultError(error))
      throw new Error('principal() gave a principal or a context that the vault refuses', { cause: error })
    throw error
  }
}

function notSignedIn(): Error {
  return httpError({ status: 401, code: 'HTTP_UNAUTHENTICATED', message: 'Sign in first.' })
}
