// The caller, the secrets that a server needs, and the health of the vault.

import { createRoute } from '@hono/zod-openapi'
import { type Api, createApi, failureResponse, readRoute, success, writeRoute } from '../app/route.ts'
import { answer, noQuery } from '../schemas/common.ts'
import { health, me } from '../schemas/me.ts'
import { requireBody, requireReport } from '../schemas/secrets.ts'

const whoAmI = readRoute({
  path: '/me',
  operationId: 'me',
  summary: 'Who is signed in, and within which limits',
  tags: ['caller'],
  request: { query: noQuery },
  data: me,
})
const require = writeRoute({
  method: 'post',
  path: '/require',
  operationId: 'requireSecrets',
  summary: 'Which of the named secrets cannot be used, and why',
  tags: ['secrets'],
  request: { query: noQuery },
  body: requireBody,
  data: requireReport,
})
const healthContent = { 'application/json': { schema: answer(health) } }
const vaultHealth = createRoute({
  method: 'get',
  path: '/health',
  operationId: 'health',
  summary: 'Whether key, store, schema and trail work',
  tags: ['health'],
  responses: {
    200: { description: 'It works.', content: healthContent },
    503: { description: 'Something does not.', content: healthContent },
    '4XX': failureResponse,
  },
})

export function callerRoutes(): Api {
  return createApi()
    .openapi(whoAmI, (c) => {
      const { session, shared } = c.env
      const { id, roles = [] } = session.principal
      const { bodyBytes, revealsPerMinute } = shared.config.limits
      const may = { audit: session.may('audit'), operate: session.may('operate') }
      return c.json(success({ id, roles: [...roles], may, limits: { bodyBytes, revealsPerMinute } }), 200)
    })
    .openapi(require, async (c) => {
      const { names, server, owner } = c.req.valid('json')
      const scope = c.env.session.scope(owner === undefined ? { server } : { server, owner })
      const report = await scope.require(names, { signal: c.env.signal })
      const { ok, missing, expired, inactive, forbidden, malformed, untrusted } = report
      const lists = {
        missing: [...missing],
        expired: [...expired],
        inactive: [...inactive],
        forbidden: [...forbidden],
        malformed: [...malformed],
        untrusted: [...untrusted],
      }
      return c.json(success({ ok, ...lists }), 200)
    })
    .openapi(vaultHealth, async (c) => {
      const found = await c.env.operator.health({ signal: c.env.signal })
      return c.json(success(found), found.ok ? 200 : 503)
    })
}
