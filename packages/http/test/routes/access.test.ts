// Every call for every kind of user: what each may do, and that nobody learns of what is not theirs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canary, createHost, type Host, type SendInit } from '../support/host.ts'

const users = ['nobody', 'stranger', 'reader', 'writer', 'admin', 'owner', 'role'] as const
type Statuses = readonly [number, number, number, number, number, number, number]

const secret = '/secrets/github/token'
const grantee = `${secret}/grants/somebody`
const json = (body: unknown): SendInit => ({ json: body })

/** A call, its body, its status for each of the users, and the state that it is for. */
const calls: readonly (readonly [string, string, string, SendInit | undefined, Statuses, Asked['before']?])[] = [
  //                                                                          nobody stra read writ admi owne role
  ['describe', 'GET', secret, undefined, [401, 404, 200, 200, 200, 200, 200]],
  ['set a value', 'PUT', secret, json({ value: 'next' }), [401, 403, 403, 200, 200, 200, 403]],
  ['set a description', 'PATCH', secret, json({ description: 'd' }), [401, 404, 403, 200, 200, 200, 403]],
  ['set tags', 'PATCH', secret, json({ tags: ['x'] }), [401, 404, 403, 403, 200, 200, 403]],
  ['set fields', 'PATCH', secret, json({ fields: { a: 'b' } }), [401, 404, 403, 422, 422, 422, 403]],
  ['reveal', 'POST', `${secret}/reveal`, json({}), [401, 404, 200, 200, 200, 200, 200]],
  ['reveal a version', 'POST', `${secret}/reveal`, json({ version: 1 }), [401, 404, 200, 200, 200, 200, 200]],
  ['see versions', 'GET', `${secret}/versions`, undefined, [401, 404, 200, 200, 200, 200, 200]],
  ['restore', 'POST', `${secret}/restore`, json({ version: 1 }), [401, 404, 403, 200, 200, 200, 403]],
  ['deactivate', 'POST', `${secret}/deactivate`, json({}), [401, 404, 403, 200, 200, 200, 403]],
  ['activate', 'POST', `${secret}/activate`, json({}), [401, 404, 403, 200, 200, 200, 403], 'inactive'],
  ['delete', 'DELETE', secret, undefined, [401, 404, 403, 200, 200, 200, 403]],
  ['undelete', 'POST', `${secret}/undelete`, json({}), [401, 404, 403, 200, 200, 200, 403], 'deleted'],
  ['destroy', 'POST', `${secret}/destroy`, json({ confirm: 'token' }), [401, 404, 403, 403, 200, 200, 403]],
  ['see permissions', 'GET', `${secret}/grants`, undefined, [401, 404, 403, 403, 200, 200, 403]],
  ['share', 'PUT', grantee, json({ permission: 'read' }), [401, 404, 403, 403, 200, 200, 403]],
  ['unshare', 'DELETE', grantee, undefined, [401, 404, 403, 403, 200, 200, 403]],
]

/** Calls that concern no secret of the owner's. */
const other: readonly (readonly [string, string, string, SendInit | undefined, Statuses])[] = [
  ['ask who it is', 'GET', '/me', undefined, [401, 200, 200, 200, 200, 200, 200]],
  ['list', 'GET', '/secrets', undefined, [401, 200, 200, 200, 200, 200, 200]],
  [
    'check what is needed',
    'POST',
    '/require',
    json({ server: 'github', owner: 'owner', names: ['token'] }),
    [401, 200, 200, 200, 200, 200, 200],
  ],
  ['see its own events', 'GET', '/audit', undefined, [401, 200, 200, 200, 200, 200, 200]],
  ['see the events of the owner', 'GET', '/audit?principal=owner', undefined, [401, 403, 403, 403, 403, 200, 403]],
  ['export its own events', 'GET', '/audit/export', undefined, [401, 200, 200, 200, 200, 200, 200]],
  [
    'export the events of the owner',
    'GET',
    '/audit/export?principal=owner',
    undefined,
    [401, 403, 403, 403, 403, 200, 403],
  ],
  ['verify the trail', 'POST', '/audit/verify', json({}), [401, 403, 403, 403, 403, 403, 403]],
  ['see the health', 'GET', '/health', undefined, [401, 403, 403, 403, 403, 403, 403]],
  ['read the OpenAPI document', 'GET', '/openapi.json', undefined, [401, 200, 200, 200, 200, 200, 200]],
]

interface Asked {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly init: SendInit | undefined
  readonly statuses: Statuses
  /** The state that the call is for. */
  readonly before: 'active' | 'inactive' | 'deleted'
}

const asked: readonly Asked[] = [
  ...calls.map(([name, method, path, init, statuses, before = 'active']) => ({
    name,
    method,
    path,
    init,
    statuses,
    before,
  })),
  ...other.map(([name, method, path, init, statuses]) => ({
    name,
    method,
    path,
    init,
    statuses,
    before: 'active' as const,
  })),
]

describe('[A3] each call', () => {
  let host: Host
  beforeEach(() => {
    host = createHost()
  })
  afterEach(() => host.vault.close())

  /** A secret of the owner, with one user for each permission. */
  const prepare = async (
    state: Asked['before'],
    grantees: readonly ('reader' | 'writer' | 'admin' | 'somebody')[] = ['reader', 'writer', 'admin', 'somebody'],
  ): Promise<void> => {
    const owner = host.client('owner')
    const token = { server: 'github', name: 'token' }
    await owner.set(token, { value: canary })
    const grants = { reader: 'read', writer: 'write', admin: 'admin', somebody: 'write' } as const
    for (const name of grantees) await owner.share(token, { with: name, permission: grants[name] })
    if (state === 'inactive') await owner.deactivate(token)
    if (state === 'deleted') await owner.delete(token)
  }
  const ask = async (user: string, { method, path, init }: Pick<Asked, 'method' | 'path' | 'init'>) => {
    const owned = path.startsWith('/secrets/') && user !== 'owner' ? `${path}?owner=owner` : path
    const response = await host.send(user === 'nobody' ? undefined : user, method, `/api/v1${owned}`, init)
    return { status: response.status, text: await response.text() }
  }

  it.each(asked)('lets those $name who may', async (call) => {
    const found: Record<string, number> = {}
    for (const user of users) {
      await prepare(call.before)
      const { status, text } = await ask(user, call)
      found[user] = status
      const isRevealed = call.path.endsWith('/reveal') && status === 200
      expect(text.includes(canary)).toBe(isRevealed)
    }
    expect(found).toEqual(Object.fromEntries(users.map((user, index) => [user, call.statuses[index]])))
  })

  const conditions = [{}, { 'if-match': '"7"' }, { 'if-none-match': '*' }]
  const hidden = asked.filter(({ path }) => path.startsWith(secret))
  it.each(
    hidden.flatMap((call) => (call.method === 'GET' ? [{}] : conditions).map((headers) => ({ ...call, headers }))),
  )(
    'looks to a stranger who may not $name as if there were no such secret, with $headers',
    async ({ headers, ...call }) => {
      await prepare(call.before, [])
      const init = call.path.endsWith('/destroy') ? json({ confirm: 'absent' }) : call.init
      const absentPath = call.path.replace('/token', '/absent')
      const absent = await ask('stranger', { ...call, path: absentPath, init: { ...init, headers } })
      const there = await ask('stranger', { ...call, init: { ...call.init, headers } })
      const plain = (text: string): string => text.replace(/"correlationId":"[^"]+"/, '')
      expect({ ...there, text: plain(there.text) }).toEqual({ ...absent, text: plain(absent.text) })
    },
  )
})
