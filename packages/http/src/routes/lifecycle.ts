// The life of a secret: versions and restore, activate and deactivate, delete, undelete and destroy.
import { type GuardOptions, guardOf } from '../app/guard.ts'
import { secretJson, versionJson } from '../app/json.ts'
import { type Api, createApi, readRoute, setRevision, success, writeRoute } from '../app/route.ts'
import type { Call } from '../call.ts'
import { invalidField, noSuchSecret } from '../http-error.ts'
import { changed, destroyBody, guardBody, restoreBody, secretInfo, versionList } from '../schemas/secrets.ts'
import { type Address, scopeOf, secretRequest } from './scope.ts'

const tags = ['life of a secret']
const path = '/secrets/{server}/{name}'

const versions = readRoute({
  path: `${path}/versions`,
  operationId: 'listVersions',
  summary: 'The kept versions, newest first, without values',
  tags,
  request: secretRequest,
  data: versionList,
})
const restore = writeRoute({
  method: 'post',
  path: `${path}/restore`,
  operationId: 'restoreVersion',
  summary: 'The value of an older version as the newest one',
  tags,
  request: secretRequest,
  body: restoreBody,
  data: secretInfo,
})
const destroy = writeRoute({
  method: 'post',
  path: `${path}/destroy`,
  operationId: 'destroySecret',
  summary: 'Removes a secret with every version, permanently',
  tags,
  request: secretRequest,
  body: destroyBody,
  data: changed,
})
const verbs = [
  {
    verb: 'activate',
    operationId: 'activateSecret',
    method: 'post',
    at: `${path}/activate`,
    summary: 'Takes a secret into use again',
  },
  {
    verb: 'deactivate',
    operationId: 'deactivateSecret',
    method: 'post',
    at: `${path}/deactivate`,
    summary: 'Takes a secret out of use',
  },
  {
    verb: 'undelete',
    operationId: 'undeleteSecret',
    method: 'post',
    at: `${path}/undelete`,
    summary: 'Brings a deleted secret back',
  },
  {
    verb: 'delete',
    operationId: 'deleteSecret',
    method: 'delete',
    at: path,
    summary: 'Deletes a secret so that undelete brings it back',
  },
] as const

export function lifecycleRoutes(): Api {
  const api = createApi()
    .openapi(versions, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const items = await scopeOf(c.env.session, address).history(address.name, { signal: c.env.signal })
      if (items === undefined) throw noSuchSecret()
      return c.json(success({ items: items.map(versionJson) }), 200)
    })
    .openapi(restore, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const { version, ...guard } = c.req.valid('json')
      const options = { ...guardOf(c.req.raw, guard), signal: c.env.signal }
      const info = await scopeOf(c.env.session, address).restore(address.name, version, options)
      if (info === undefined) throw noSuchSecret()
      setRevision(c, info.revision)
      return c.json(success(secretJson(info)), 200)
    })
    .openapi(destroy, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const { confirm, ...given } = c.req.valid('json')
      if (confirm !== address.name) throw invalidField('confirm', 'must be the name of the secret.')
      const guard = guardOf(c.req.raw, given)
      return c.json(success(await change(c.env, { ...address, verb: 'destroy', guard })), 200)
    })
  for (const { verb, operationId, method, at, summary } of verbs) {
    const route = writeRoute({
      method,
      path: at,
      operationId,
      summary,
      tags,
      request: secretRequest,
      body: guardBody,
      data: changed,
    })
    api.openapi(route, async (c) => {
      const address = { ...c.req.valid('param'), ...c.req.valid('query') }
      const guard = guardOf(c.req.raw, c.req.valid('json'))
      return c.json(success(await change(c.env, { ...address, verb, guard })), 200)
    })
  }
  return api
}

interface Change extends Address {
  readonly name: string
  readonly verb: (typeof verbs)[number]['verb'] | 'destroy'
  readonly guard: GuardOptions
}

/** Where nothing was changed, the answer still tells a secret that already was so from one that is not there. */
async function change({ session, signal }: Call, asked: Change): Promise<{ changed: boolean }> {
  const { name, verb, guard } = asked
  const scope = scopeOf(session, asked)
  if (await scope[verb](name, { ...guard, signal })) return { changed: true }
  if ((await scope.describe(name, { signal })) === undefined) throw noSuchSecret()
  return { changed: false }
}
