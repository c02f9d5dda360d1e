// `POST /secrets/set`: saves, updates or deletes one secret of the signed-in user for a server.
import { type Api, createApi } from '../app/route.ts'
import { invalidField, noSuchSecret } from '../http-error.ts'
import { nexusSet } from '../schemas/compat.ts'
import { bodyOf } from './body.ts'

export function nexusRoutes(): Api {
  const api = createApi()
  api.post('/secrets/set', async (c) => {
    const { serverName, secretName, secretValue, action = 'save' } = await bodyOf(c, nexusSet)
    const { session, signal } = c.env
    const scope = session.scope({ server: serverName })
    if (action === 'delete') {
      if (secretValue !== undefined) throw invalidField('secretValue', 'must not be there when action is delete.')
      if (!(await scope.delete(secretName, { signal }))) throw noSuchSecret()
      return c.json({ success: true }, 200)
    }
    if (secretValue === undefined) throw invalidField('secretValue', 'must be there.')
    await scope.set(secretName, secretValue, { signal })
    return c.json({ success: true }, 200)
  })
  return api
}
