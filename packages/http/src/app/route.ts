// What every route has in common: how its body is read, and what it answers when it fails.
import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { z } from 'zod'
import type { Call } from '../call.ts'
import { readJsonText } from '../safety/body.ts'
import { answer, failure } from '../schemas/common.ts'
import { invalidRequest } from './validation.ts'

/** The call is what Hono names the bindings of a request. */
export interface Env {
  Bindings: Call
}

export type Api = OpenAPIHono<Env>

/** An app for a group of routes; the one that has them all says how a path is read from a request. */
export function createApi(getPath?: (request: Request) => string): Api {
  const api = new OpenAPIHono<Env>({
    ...(getPath && { getPath }),
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error)
    },
  })
  api.onError((error, c) => c.env.fail(error))
  return api
}

/** Makes the text of the body known to Hono, after it was looked at. */
export const readBody = createMiddleware<Env>(async (c, next) => {
  const text = await readJsonText(c.req.raw, c.env.shared.config.limits)
  // Hono looks here before it reads the request, for the promise that reading would give.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) })
  await next()
})

export const failureResponse = { description: 'Why not.', content: { 'application/json': { schema: failure } } }

/** What a route checks beside a body. */
type Parts = Pick<NonNullable<RouteConfig['request']>, 'params' | 'query'>

/** A route without a body. `data` is the schema of its answer. */
export function readRoute<P extends string, R extends Parts, T extends z.ZodType>(route: {
  readonly path: P
  /** The name of the call in clients that are made from the OpenAPI document. */
  readonly operationId: string
  readonly summary: string
  readonly tags: string[]
  readonly request: R
  readonly data: T
}) {
  const { data, ...rest } = route
  return createRoute({ method: 'get', ...rest, responses: responsesOf(data) })
}

/** A route with a JSON body. */
export function writeRoute<
  M extends 'post' | 'put' | 'patch' | 'delete',
  P extends string,
  R extends Parts,
  B extends z.ZodType,
  T extends z.ZodType,
>(route: {
  readonly method: M
  readonly path: P
  /** The name of the call in clients that are made from the OpenAPI document. */
  readonly operationId: string
  readonly summary: string
  readonly tags: string[]
  readonly request: R
  readonly body: B
  readonly data: T
}) {
  const { body, data, request, ...rest } = route
  const content = { 'application/json': { schema: body } }
  return createRoute({
    ...rest,
    middleware: readBody,
    request: { ...request, body: { content, required: true as const } },
    responses: responsesOf(data),
  })
}

/** The answers of a route: one with data, and the failures. */
function responsesOf<T extends z.ZodType>(data: T) {
  const content = { 'application/json': { schema: answer(data) } }
  return {
    200: { description: 'Done.', content },
    '4XX': failureResponse,
    '5XX': failureResponse,
  } as const
}

/** The body of a success. */
export function success<T>(data: T): { readonly success: true; readonly data: T } {
  return { success: true, data }
}

/** The ETag of a secret is its revision, so that a change of its settings is seen too. */
export function setRevision(c: Context, revision: number): void {
  c.header('ETag', `"${revision}"`)
}
