// The audit trail: pages of events, an export of all of them, and the check of the whole trail.

import { createRoute } from '@hono/zod-openapi'
import { exportEvents } from '../app/audit-export.ts'
import { auditFilter } from '../app/audit-filter.ts'
import { auditJson } from '../app/json.ts'
import { type Api, createApi, failureResponse, readRoute, success, writeRoute } from '../app/route.ts'
import { dropUndefined } from '../call.ts'
import { auditExportQuery, auditPage, auditQuery, auditReport, verifyBody } from '../schemas/audit.ts'
import { noQuery } from '../schemas/common.ts'

const tags = ['audit']

const page = readRoute({
  path: '/audit',
  operationId: 'listEvents',
  summary: 'One page of events, newest first',
  tags,
  request: { query: auditQuery },
  data: auditPage,
})
// Of no type that Hono would take for one JSON value.
const lines: Readonly<Record<string, { readonly schema: { readonly type: 'string' } }>> = {
  'application/x-ndjson': { schema: { type: 'string' } },
}
const exported = createRoute({
  method: 'get',
  path: '/audit/export',
  operationId: 'exportEvents',
  summary: 'Every event, newest first, one JSON object a line',
  tags,
  request: { query: auditExportQuery },
  responses: { 200: { description: 'Events.', content: lines }, '4XX': failureResponse, '5XX': failureResponse },
})
const verify = writeRoute({
  method: 'post',
  path: '/audit/verify',
  operationId: 'verifyAudit',
  summary: 'Checks every event and every checkpoint',
  tags,
  request: { query: noQuery },
  body: verifyBody,
  data: auditReport,
})

export function auditRoutes(): Api {
  return createApi()
    .openapi(page, async (c) => {
      const { cursor, limit, ...filter } = c.req.valid('query')
      const options = { ...auditFilter(filter), ...dropUndefined({ cursor, limit }), signal: c.env.signal }
      return c.json(success(auditJson(await c.env.session.auditLog(options))), 200)
    })
    .openapi(exported, async (c) => exportEvents(c.env, auditFilter(c.req.valid('query'))))
    .openapi(verify, async (c) => {
      const given = c.req.valid('json').checkpoints
      const checkpoints = given?.map(({ createdAt, ...rest }) => ({ ...rest, createdAt: new Date(createdAt) }))
      const report = await c.env.operator.verifyAudit({ ...dropUndefined({ checkpoints }), signal: c.env.signal })
      return c.json(success({ ...report, unseen: [...report.unseen], problems: [...report.problems] }), 200)
    })
}
