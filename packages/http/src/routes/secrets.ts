// Secrets: list, describe, set, patch and reveal.
import { createRoute } from '@hono/zod-openapi'

import { guardOf } from '../app/guard.ts'
import { pageJson, secretJson } from '../app/json.ts'
import { revealSecret } from '../app/reveal.ts'
import {
  type Api,
  createApi,
  failureResponse,
  readBody,
  readRoute,
  setRevision,
  success,
  writeRoute,
} from '../app/route.ts'
import { setSecret } from '../app/values.ts'
import { dropUndefined } from '../call.ts'
import { invalidField, noSuchSecret } from '../http-error.ts'
import { answer } from '../schemas/common.ts'
import { listQuery, patchBody, revealBody, revealed, secretInfo, secretPage, setBody } from '../schemas/secrets.ts'
import { scopeOf, secretRequest } from './scope.ts'

const tags = ['secrets']
const path = '/secrets/{server}/{name}'

const list = readRoute({
  path: '/secrets',
  operationId: 'listSecrets',
  summary: 'One page of secrets, newest first, without values',
  tags,
  request: { query: listQuery },
  data: secretPage,
})
const describe = readRoute({
  path,
  operationId: 'describeSecret',
  summary: 'A secret without its value',
  tags,
  request: secretRequest,
  data: secretInfo,
})
const infoContent = { 'application/json': { schema: answer(secretInfo) } }
const set = createRoute({
  method: 'put',
  path,
  operationId: 'setSecret',
  summary: 'A new secret, or a new value of one',
  tags,
  middleware: readBody,
  request: { ...secretRequest, body: { content: { 'application/json': { schema: setBody } }, required: true } },
  responses: {
    200: { description: 'A new value.', content: infoContent },
    201: { description: 'Created.', content: infoContent },
    '4XX': failureResponse,
    '5XX': failureResponse,
  },
})
const patch = writeRoute({
  method: 'patch',
  path,
  operationId: 'patchSecret',
  summary: 'Other settings, or other fields of the value',
  tags,
  request: secretRequest,
  body: patchBody,
  data: secretInfo,
})
const reveal = writeRoute({
  method: 'post',
  path: `${path}/reveal`,
  operationId: 'revealSecret',
  summary: 'The value',
  tags,
  request: secretRequest,
  body: revealBody,
  data: revealed,
})

export function secretRoutes(): Api {
  return createApi()
    .openapi(list, async (c) => {
      const { session, signal } = c.env
      const { server, owner, tag, q, shared, expiresBefore, ...rest } = c.req.valid('query')
      const filters = dropUndefined({
        ...rest,
        // The schema holds it to 1, 2 and 3.
        tier: rest.tier as 1 | 2 | 3 | undefined,
        allTags: tag,
        namePrefix: q,
        expiresBefore: expiresBefore === undefined ? undefined : new Date(expiresBefore),
        signal,
      })
      if (owner === undefined)
        return c.json(
          success(pageJson(await session.listAll({ ...filters, ...dropUndefined({ server, shared }) }))),
          200,
        )
      if (server === undefined) throw invalidField('server', 'must be there beside owner.')
      if (shared !== undefined) throw invalidField('shared', 'must not be there beside owner.')
      return c.json(success(pageJson(await session.scope({ owner, server }).list(filters))), 200)
    })
    .openapi(describe, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const info = await scopeOf(c.env.session, address).describe(address.name, { signal: c.env.signal })
      if (info === undefined) throw noSuchSecret()
      setRevision(c, info.revision)
      return c.json(success(secretJson(info)), 200)
    })
    .openapi(set, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const { ifVersion, ifRevision, ...body } = c.req.valid('json')
      const guard = guardOf(c.req.raw, { ifVersion, ifRevision })
      const info = await setSecret(scopeOf(c.env.session, address), address.name, { body, guard, signal: c.env.signal })
      setRevision(c, info.revision)
      const done = success(secretJson(info))
      return info.version === 1 ? c.json(done, 201) : c.json(done, 200)
    })
    .openapi(patch, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const { ifVersion, ifRevision, fields, expiresAt, ...settings } = c.req.valid('json')
      const scope = scopeOf(c.env.session, address)
      const options = { ...guardOf(c.req.raw, { ifVersion, ifRevision }), signal: c.env.signal }
      const expiry = expiresAt === undefined || expiresAt === null ? { expiresAt } : { expiresAt: new Date(expiresAt) }
      const info =
        fields === undefined
          ? await scope.update(address.name, { ...dropUndefined({ ...settings, ...expiry }), ...options })
          : await scope.patch(address.name, fields, options)
      if (info === undefined) throw noSuchSecret()
      setRevision(c, info.revision)
      return c.json(success(secretJson(info)), 200)
    })
    .openapi(reveal, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const value = await revealSecret(c.env, address, c.req.valid('json'))
      return c.json(success(value), 200)
    })
}
