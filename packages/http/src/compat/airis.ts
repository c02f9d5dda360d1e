// `POST /api/v1/secrets` with key, value and description: a new secret of no server in particular.
import { defaultServer } from '@mcpvault/core'
import { handleOf } from '../app/json.ts'
import { type Api, createApi } from '../app/route.ts'
import { dropUndefined } from '../call.ts'
import { airisSecret } from '../schemas/compat.ts'
import { bodyOf } from './body.ts'

export function airisRoutes(): Api {
  const api = createApi()
  api.post('/api/v1/secrets', async (c) => {
    const { key, value, description } = await bodyOf(c, airisSecret)
    const { session, signal } = c.env
    const scope = session.scope({ server: defaultServer })
    const info = await scope.set(key, value, { ...dropUndefined({ description }), ifVersion: 0, signal })
    const times = { created_at: info.createdAt.toISOString(), updated_at: info.updatedAt.toISOString() }
    return c.json({ id: handleOf(info), key: info.name, description: info.description ?? null, ...times }, 201)
  })
  return api
}
