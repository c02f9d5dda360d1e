// The handler in real servers: under a base path, before and after body parsers, behind a proxy.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { gzipSync } from 'node:zlib'
import express from 'express'
import fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { vaultClient } from '../../src/client/index.ts'
import { incomingOf, toExpress, toFastify, toNode } from '../../src/mount/index.ts'
import { createHost, type Host, principalOf, userHeader } from '../support/host.ts'
import { ask, listen, type Served, started } from '../support/serve.ts'

const token = { server: 'github', name: 'token' }

type Mount = (host: Host) => Promise<Served>

const mounts: readonly (readonly [string, Mount])[] = [
  ['node:http', ({ handler }) => listen(toNode(handler))],
  ['Express', ({ handler }) => listen(express().use('/vault', toExpress(handler)))],
  [
    'Express after express.json',
    ({ handler }) => listen(express().use(express.json(), express.urlencoded()).use('/vault', toExpress(handler))),
  ],
  [
    'Express after express.text',
    ({ handler }) =>
      listen(
        express()
          .use(express.text({ type: '*/*' }))
          .use('/vault', toExpress(handler)),
      ),
  ],
  [
    'Express after express.raw',
    ({ handler }) =>
      listen(
        express()
          .use(express.raw({ type: '*/*' }))
          .use('/vault', toExpress(handler)),
      ),
  ],
  [
    'an Express router',
    ({ handler }) => listen(express().use('/', express.Router().use('/vault', toExpress(handler)))),
  ],
  [
    'Fastify',
    async ({ handler }) => {
      const server = createServer()
      const app = fastify({ serverFactory: (listener) => server.on('request', listener) })
      await app.register(toFastify(handler), { prefix: '/vault' })
      app.post('/other', async (request) => request.body)
      await app.ready()
      return started(server)
    },
  ],
]

describe.each(mounts)('the handler in %s', (_, mount) => {
  let host: Host
  let served: Served
  const start = async (): Promise<void> => {
    host = createHost()
    served = await mount(host)
  }
  afterEach(async () => {
    await served.close()
    await host.vault.close()
  })

  it('stores, changes and reveals a secret', async () => {
    await start()
    const client = vaultClient({
      baseUrl: `${served.url}/vault`,
      fetch: (url, init) => {
        const headers = new Headers(init.headers)
        headers.set(userHeader, 'owner')
        return fetch(url, { ...init, headers })
      },
    })
    const value = 'ü'.repeat(20_000)
    const { revision } = await client.set(token, { value })
    expect(await client.reveal(token)).toMatchObject({ value })
    expect(await client.patch(token, { tags: ['a'] }, { ifRevision: revision })).toMatchObject({ tags: ['a'] })
    expect(await client.delete(token)).toEqual({ changed: true })
    const events = await fetch(client.auditExportUrl(), { headers: { [userHeader]: 'owner' } })
    const operations = (await events.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).operation)
    expect(operations).toEqual(['delete', 'update', 'get', 'set'])
    const { items } = await client.audit({ action: ['secret.created'] })
    expect(items).toMatchObject([{ sourceIp: '127.0.0.1' }])
  })

  it('answers what it does not know, and what is no request, without a trace of the framework', async () => {
    await start()
    const headers = { [userHeader]: 'owner' }
    expect(await ask(served, { path: '/vault/api/v1/nothing', headers })).toMatchObject({ status: 404 })
    const trace = await ask(served, { method: 'TRACE', path: '/vault/api/v1/me', headers })
    expect(trace.text).not.toContain(userHeader)
    expect(trace.status).toBeGreaterThanOrEqual(400)
    const encoded = await ask(served, { path: '/vault/api/v1/secrets/a%2Fb/x%zz', headers })
    expect(encoded.status).toBe(400)
    const head = await ask(served, { method: 'HEAD', path: '/vault/api/v1/me', headers })
    expect(head).toMatchObject({ status: 200, text: '' })
  })

  it.each(['/vault/api/v1/audit/../me', '/vault/api/v1/%2E%2e/v1/me', '/vault/api/v1/x/..', '/vault\\api/v1/me'])(
    'answers nothing at %s, which who stands before it reads as another path',
    async (path) => {
      await start()
      const { status } = await ask(served, { path, headers: { [userHeader]: 'owner' } })
      expect([400, 404]).toContain(status)
      const query = await ask(served, {
        path: '/vault/api/v1/secrets?q=/../\\',
        headers: { [userHeader]: 'owner' },
      })
      expect(query.status).toBe(200)
    },
  )

  it('refuses a form', async () => {
    await start()
    const headers = { [userHeader]: 'owner', 'content-type': 'application/x-www-form-urlencoded' }
    const path = '/vault/api/v1/secrets/github/token'
    expect(await ask(served, { method: 'PUT', path, headers, body: 'value=x' })).toMatchObject({ status: 415 })
  })
})

describe('a mount', () => {
  it('gives the framework request to principal', async () => {
    const host = createHost({
      handler: {
        principal: (request) => {
          const user = incomingOf<express.Request & { user?: string }>(request)?.user
          return user === undefined ? undefined : principalOf(user)
        },
      },
    })
    const app = express()
    app.use((req, _, next) => {
      Object.assign(req, { user: 'operator' })
      next()
    })
    const served = await listen(app.use('/vault', toExpress(host.handler)))
    const me = await ask(served, { path: '/vault/api/v1/me', headers: { [userHeader]: 'owner' } })
    expect(JSON.parse(me.text)).toMatchObject({ data: { id: 'operator' } })
    await served.close()
    await host.vault.close()
  })

  it('takes a body that express.json has unpacked', async () => {
    const host = createHost()
    const served = await listen(express().use(express.json()).use('/vault', toExpress(host.handler)))
    const headers = { [userHeader]: 'owner', 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const url = `${served.url}/vault/api/v1/secrets/github/token`
    const body = new Uint8Array(gzipSync('{"value":"unpacked"}'))
    expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(201)
    expect(await host.client('owner').reveal(token)).toMatchObject({ value: 'unpacked' })
    await served.close()
    await host.vault.close()
  })

  it('loses no condition of a write whose body something before it has swallowed', async () => {
    const host = createHost()
    await host.client('owner').set(token, { value: 'v' })
    const app = express().use(async (req, _, next) => {
      for await (const _ of req) void _
      next()
    })
    const served = await listen(app.use('/vault', toExpress(host.handler)))
    const refused = await ask(served, {
      method: 'POST',
      path: '/vault/api/v1/secrets/github/token/deactivate',
      headers: { [userHeader]: 'owner', 'content-type': 'application/json' },
      body: '{"ifVersion":7}',
    })
    expect(refused.status).toBe(500)
    expect(host.logged.filter(({ message }) => message === 'A request failed.')).toHaveLength(1)
    expect(await host.client('owner').describe(token)).toMatchObject({ state: 'active' })
    await served.close()
    await host.vault.close()
  })

  it('serves HTTP/2', async () => {
    const host = createHost()
    const listener = toNode(host.handler)
    const server = createHttp2Server((req, res) => void Reflect.apply(listener, undefined, [req, res]))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const session = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    const stream = session.request({
      ':method': 'PUT',
      ':path': '/vault/api/v1/secrets/github/token',
      [userHeader]: 'owner',
      'content-type': 'application/json',
    })
    stream.end('{"value":"over one connection"}')
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(201)
    stream.resume()
    await once(stream, 'close')
    expect(await host.client('owner').reveal(token)).toMatchObject({ value: 'over one connection' })
    session.close()
    server.close()
    await once(server, 'close')
    await host.vault.close()
  })

  it('leaves the bodies of other Fastify routes to Fastify', async () => {
    const host = createHost()
    const app = fastify()
    await app.register(toFastify(host.handler), { prefix: '/vault' })
    app.post('/other', async (request) => request.body)
    const answer = await app.inject({ method: 'POST', url: '/other', payload: { a: 1 } })
    expect(answer.json()).toEqual({ a: 1 })
    await app.close()
    await host.vault.close()
  })
})
