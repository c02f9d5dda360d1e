// Clients that go away, are slow, are many, or come through a proxy: on real connections.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { toExpress, toNode } from '../../src/mount/index.ts'
import { createHost, type Host, userHeader } from '../support/host.ts'
import { ask, listen, type Served } from '../support/serve.ts'

let host: Host
let served: Served
afterEach(async () => {
  await served.close()
  await host.vault.close()
})

const headers = { [userHeader]: 'owner', 'content-type': 'application/json' }
const path = '/vault/api/v1/secrets/github/token'

/** A request as bytes, so that it can be left unfinished. */
function open(text: string): Socket {
  const socket = connect(served.port, '127.0.0.1')
  socket.write(text)
  return socket
}

function put(length: number): string {
  return `PUT ${path} HTTP/1.1\r\nHost: localhost\r\n${userHeader}: owner\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
}

/** All that the server sends, until it closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

/** Waits until something is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}

describe('a client', () => {
  it('that goes away in the middle of a body changes nothing and is no fault', async () => {
    host = createHost()
    let isDone = false
    served = await listen(
      toNode(async (request, connection) => {
        const response = await host.handler(request, connection)
        isDone = true
        return response
      }),
    )
    const socket = open(`${put(1_000)}{"value":"x`)
    await once(socket, 'connect')
    await until(async () => (await connections(served)) === 1)
    socket.destroy()
    await until(() => isDone)
    expect(host.logged.filter(({ message }) => message === 'A request failed.')).toEqual([])
    expect((await host.client('owner').list()).items).toEqual([])
  })

  it('that sends more than it may is answered, and cut off', async () => {
    host = createHost()
    served = await listen(toNode(host.handler))
    const text = await readAll(open(put(10_000_000)))
    expect(text).toMatch(/^HTTP\/1.1 413 /)
    expect(text).toMatch(/connection: close/i)
  })

  it('that never ends its body is answered, and cut off', async () => {
    host = createHost({ handler: { limits: { bodyMs: 30 } } })
    served = await listen(express().use('/vault', toExpress(host.handler)))
    const text = await readAll(open(`${put(100)}{"value":`))
    expect(text).toMatch(/^HTTP\/1.1 408 /)
  })

  it('that is not signed in is answered before its body is read', async () => {
    host = createHost()
    served = await listen(toNode(host.handler))
    const text = await readAll(open(put(10_000_000).replace(`${userHeader}: owner`, 'x-nothing: 1')))
    expect(text).toMatch(/^HTTP\/1.1 401 /)
  })

  it('that goes away in the middle of an export ends the reading of the trail', async () => {
    host = createHost()
    const client = host.client('owner')
    await client.set({ server: 'github', name: 'token' }, { value: 'v' })
    const scope = host.vault.as({ id: 'owner' }).scope({ server: 'github' })
    for (let turn = 0; turn < 4_500; turn++) await scope.describe('token')
    let isCancelled = false
    served = await listen(
      toNode(async (request, connection) => {
        const response = await host.handler(request, connection)
        request.signal.addEventListener('abort', () => {
          isCancelled = true
        })
        return response
      }),
    )
    const socket = open(`GET /vault/api/v1/audit/export HTTP/1.1\r\nHost: localhost\r\n${userHeader}: owner\r\n\r\n`)
    await once(socket, 'data')
    socket.destroy()
    await until(() => isCancelled)
    const reads = await readsOf(host)
    expect(reads).toBeGreaterThan(0)
    // Of ten: some more fit into the buffers of the connection than the client has seen.
    expect(reads).toBeLessThan(8)
    // The vault serves others, and nothing was logged as a fault.
    expect(await client.describe({ server: 'github', name: 'token' })).toMatchObject({ version: 1 })
    expect(host.logged.filter(({ message }) => message === 'A request failed.')).toEqual([])
  })

  it('that writes the address of another server in its request is refused', async () => {
    host = createHost()
    served = await listen(toNode(host.handler))
    const head = `${userHeader}: owner\r\nConnection: close\r\n\r\n`
    expect(await readAll(open(`GET http://evil.test${path} HTTP/1.1\r\nHost: localhost\r\n${head}`))).toMatch(
      /^HTTP\/1.1 400 /,
    )
    expect(await readAll(open(`GET ${path} HTTP/1.1\r\nHost: a@evil.test\r\n${head}`))).toMatch(/^HTTP\/1.1 400 /)
    expect(await readAll(open(`GET ${path} HTTP/1.1\r\nHost: rebound.example\r\n${head}`))).toMatch(/^HTTP\/1.1 403 /)
    expect(await readAll(open(`GET ${path}\\..\\x HTTP/1.1\r\nHost: localhost\r\n${head}`))).toMatch(
      /^HTTP\/1.1 40[04] /,
    )
  })

  it('is one of 200 that write and read at once, and each gets its own', async () => {
    host = createHost()
    served = await listen(toNode(host.handler))
    const one = async (index: number): Promise<string> => {
      const own = { headers, path: `/vault/api/v1/secrets/github/token-${index}` }
      const written = await ask(served, { ...own, method: 'PUT', body: `{"value":"value ${index}"}` })
      const read = await ask(served, { ...own, path: `${own.path}/reveal`, method: 'POST', body: '{}' })
      return `${written.status} ${read.status} ${JSON.parse(read.text).data.value}`
    }
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => one(index)))
    expect(answers).toEqual(answers.map((_, index) => `201 200 value ${index}`))
  })
})

describe('a proxy that ends TLS', () => {
  it('is believed when it is named, and the client is who it says', async () => {
    host = createHost({ handler: { trustProxy: ['127.0.0.1'], origins: ['https://app.test'] } })
    served = await listen(express().use(express.json()).use('/vault', toExpress(host.handler)))
    const forwarded = { ...headers, host: 'app.test', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }
    const written = await ask(served, {
      method: 'PUT',
      path,
      headers: { ...forwarded, origin: 'https://app.test', 'sec-fetch-site': 'same-origin' },
      body: '{"value":"v"}',
    })
    expect(written.status).toBe(201)
    expect((await ask(served, { path, headers: { ...forwarded, 'x-forwarded-proto': 'http' } })).status).toBe(403)
    expect((await ask(served, { path, headers: { ...forwarded, host: 'other.test' } })).status).toBe(403)
    const { items } = await host.vault.as({ id: 'owner' }).auditLog()
    expect(items).toMatchObject([{ event: { operation: 'set', sourceIp: '203.0.113.9' } }])
  })

  it('is refused when it is not named', async () => {
    host = createHost()
    served = await listen(toNode(host.handler))
    const forwarded = { ...headers, host: 'localhost', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }
    expect((await ask(served, { path, headers: forwarded })).status).toBe(403)
  })
})

/** How many pages of the trail were read for an export. */
async function readsOf({ vault }: Host): Promise<number> {
  const { items } = await vault.as({ id: 'owner' }).auditLog({ actions: ['audit.exported'] })
  return items.length
}

function connections({ server }: Served): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
