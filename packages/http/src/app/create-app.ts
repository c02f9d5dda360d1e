// Puts the routes together, and knows for a path which methods it takes.
import { airisRoutes } from '../compat/airis.ts'
import { nexusRoutes } from '../compat/nexus.ts'
import { sigylRoutes } from '../compat/sigyl.ts'
import { httpError } from '../http-error.ts'
import type { HandlerConfig } from '../options.ts'
import { auditRoutes } from '../routes/audit.ts'
import { grantRoutes } from '../routes/grants.ts'
import { lifecycleRoutes } from '../routes/lifecycle.ts'
import { callerRoutes } from '../routes/me.ts'
import { secretRoutes } from '../routes/secrets.ts'
import { openApiDocument } from './openapi.ts'
import { type Api, createApi } from './route.ts'

/** The API, below its own path. */
export const apiPath = '/api/v1'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** All routes of the API. `pathOf` gives the path of a request below the base path, as it was sent. */
export function createApp(
  pathOf: (request: Request) => string,
  { basePath, compat: systems }: Pick<HandlerConfig, 'basePath' | 'compat'>,
): Api {
  const app = createApi(pathOf)
  for (const routes of [callerRoutes(), secretRoutes(), lifecycleRoutes(), grantRoutes(), auditRoutes()]) {
    app.route(apiPath, routes)
  }
  const document = openApiDocument(app, basePath)
  app.get(`${apiPath}/openapi.json`, (c) => c.json(document, 200))
  if (systems.has('airis')) app.route('/', airisRoutes())
  // Before the other, for which `set` would be an id.
  if (systems.has('nexus')) app.route('/', nexusRoutes())
  if (systems.has('sigyl')) app.route('/', sigylRoutes())
  app.notFound((c) => c.env.fail(noRoute(app, pathOf(c.req.raw))))
  return app
}

function noRoute(app: Api, path: string): Error {
  const allowed = methods.filter((method) => app.router.match(method, path)[0].length > 0)
  if (allowed.length === 0) return httpError({ status: 404, code: 'HTTP_NOT_FOUND', message: 'There is no such call.' })
  const message = `This takes ${allowed.join(', ')}.`
  return httpError({ status: 405, code: 'HTTP_METHOD_NOT_ALLOWED', message, headers: { allow: allowed.join(', ') } })
}
