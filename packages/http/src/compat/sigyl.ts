// `/secrets` with ids: create, list, value, update and delete, as `{ success, data }`.
import { defaultServer, type SecretInfo, type SecretRef, type SecretScope } from '@mcpvault/core'
import { handleOf, refOfHandle } from '../app/json.ts'
import { revealSecret } from '../app/reveal.ts'
import { type Api, createApi, success } from '../app/route.ts'
import { type Call, dropUndefined } from '../call.ts'
import { noSuchSecret } from '../http-error.ts'
import { checkOwnScript } from '../safety/gate.ts'
import { sigylSecret, sigylUpdate } from '../schemas/compat.ts'
import { bodyOf } from './body.ts'

const maxPages = 10

export function sigylRoutes(): Api {
  const api = createApi()
  api.post('/secrets', async (c) => {
    const { name, value, ...settings } = await bodyOf(c, sigylSecret)
    const scope = c.env.session.scope({ server: defaultServer })
    const info = await scope.set(name, value, { ...optionsOf(settings), ifVersion: 0, signal: c.env.signal })
    return c.json(success(jsonOf(info)), 200)
  })
  api.get('/secrets', async (c) => c.json(success(await listAll(c.env)), 200))
  api.get('/secrets/:id/value', async (c) => {
    // A link could bring the value into a window; only a script of the app's own pages, or no browser, gets it.
    checkOwnScript(c.req.raw)
    const { scope, ref } = locate(c.env, c.req.param('id'))
    const { value } = await revealSecret(c.env, ref, {})
    const info = await scope.describe(ref.name, { signal: c.env.signal })
    if (info === undefined) throw noSuchSecret()
    return c.json(
      success({ secret: jsonOf(info), value: typeof value === 'string' ? value : JSON.stringify(value) }),
      200,
    )
  })
  api.put('/secrets/:id', async (c) => {
    const { scope, ref } = locate(c.env, c.req.param('id'))
    const { value, ...settings } = await bodyOf(c, sigylUpdate)
    const options = { ...optionsOf(settings), signal: c.env.signal }
    const info = await (value === undefined ? scope.update(ref.name, options) : replace(scope, ref, { value, options }))
    if (info === undefined) throw noSuchSecret()
    return c.json(success(jsonOf(info)), 200)
  })
  api.delete('/secrets/:id', async (c) => {
    const { scope, ref } = locate(c.env, c.req.param('id'))
    if (!(await scope.delete(ref.name, { signal: c.env.signal }))) throw noSuchSecret()
    return c.json(success(null), 200)
  })
  return api
}

interface Update {
  readonly value: string
  readonly options: ReturnType<typeof optionsOf> & { readonly signal: AbortSignal }
}

/** A new value for a secret that is there: an update creates nothing. */
async function replace(
  scope: SecretScope,
  { name }: SecretRef,
  { value, options }: Update,
): Promise<SecretInfo | undefined> {
  const info = await scope.describe(name, { signal: options.signal })
  return info && scope.set(name, value, { ...options, ifVersion: info.version })
}

function locate({ session }: Call, id: string): { readonly scope: SecretScope; readonly ref: SecretRef } {
  const ref = refOfHandle(id)
  if (ref === undefined) throw noSuchSecret()
  return { ref, scope: session.scope({ owner: ref.owner, server: ref.server }) }
}

/** Own and shared, active, newest first; at most 10,000. */
async function listAll({ session, signal }: Call): Promise<readonly ReturnType<typeof jsonOf>[]> {
  const found: ReturnType<typeof jsonOf>[] = []
  let cursor: string | undefined
  for (let page = 0; page < maxPages; page++) {
    const listed = await session.listAll({ limit: 1_000, signal, ...dropUndefined({ cursor }) })
    for (const item of listed.items) if (item.state !== 'untrusted') found.push(jsonOf(item))
    cursor = listed.cursor
    if (cursor === undefined) break
  }
  return found
}

function optionsOf(given: {
  readonly secretType?: string | undefined
  readonly description?: string | null | undefined
  readonly tags?: readonly string[] | undefined
  readonly expiresAt?: string | null | undefined
}) {
  const { secretType: type, description, tags, expiresAt } = given
  const expiry = expiresAt === undefined || expiresAt === null ? expiresAt : new Date(expiresAt)
  return dropUndefined({ type, description, tags, expiresAt: expiry })
}

function jsonOf(info: SecretInfo) {
  return {
    id: handleOf(info),
    name: info.name,
    secretType: info.type,
    description: info.description ?? null,
    tags: info.tags,
    isActive: info.isActive,
    expiresAt: info.expiresAt?.toISOString() ?? null,
    createdAt: info.createdAt.toISOString(),
    updatedAt: info.updatedAt.toISOString(),
  }
}
