// Permissions on one secret: who has which, give, take back.
import { guardOf } from '../app/guard.ts'
import { grantJson } from '../app/json.ts'
import { type Api, createApi, readRoute, success, writeRoute } from '../app/route.ts'
import { dropUndefined } from '../call.ts'
import { noSuchSecret } from '../http-error.ts'
import { ownerQuery } from '../schemas/common.ts'
import { grantBody, grantInfo, grantList, grantPath } from '../schemas/grants.ts'
import { changed, guardBody } from '../schemas/secrets.ts'
import { scopeOf, secretRequest } from './scope.ts'

const tags = ['permissions']
const path = '/secrets/{server}/{name}/grants'
const grantRequest = { params: grantPath, query: ownerQuery }

const list = readRoute({
  path,
  operationId: 'listGrants',
  summary: 'Who was given which permission',
  tags,
  request: secretRequest,
  data: grantList,
})
const share = writeRoute({
  method: 'put',
  path: `${path}/{principal}`,
  operationId: 'shareSecret',
  summary: 'Gives a permission, or changes the one given before',
  tags,
  request: grantRequest,
  body: grantBody,
  data: grantInfo,
})
const unshare = writeRoute({
  method: 'delete',
  path: `${path}/{principal}`,
  operationId: 'unshareSecret',
  summary: 'Takes a permission back',
  tags,
  request: grantRequest,
  body: guardBody,
  data: changed,
})

export function grantRoutes(): Api {
  return createApi()
    .openapi(list, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const items = await scopeOf(c.env.session, address).grants(address.name, { signal: c.env.signal })
      if (items === undefined) throw noSuchSecret()
      return c.json(success({ items: items.map(grantJson) }), 200)
    })
    .openapi(share, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const { permission, deploymentId, ...guard } = c.req.valid('json')
      const options = { ...guardOf(c.req.raw, guard), ...dropUndefined({ deploymentId }), signal: c.env.signal }
      const grant = await scopeOf(c.env.session, address).share(address.name, {
        with: address.principal,
        permission,
        ...options,
      })
      if (grant === undefined) throw noSuchSecret()
      return c.json(success(grantJson(grant)), 200)
    })
    .openapi(unshare, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const scope = scopeOf(c.env.session, address)
      const guard = guardOf(c.req.raw, c.req.valid('json'))
      const isChanged = await scope.unshare(address.name, { with: address.principal, ...guard, signal: c.env.signal })
      if (!isChanged && (await scope.describe(address.name, { signal: c.env.signal })) === undefined)
        throw noSuchSecret()
      return c.json(success({ changed: isChanged }), 200)
    })
}
