// The proxy breaks connections exactly as it is asked to.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { eventually } from '@mcpvault/testkit/eventually'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FaultProxy, startProxy } from '../src/index.ts'

describe('the proxy', () => {
  let echo: Server
  let proxy: FaultProxy
  let received: Buffer
  const sockets: Socket[] = []

  beforeEach(async () => {
    received = Buffer.alloc(0)
    echo = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        socket.write(chunk)
      })
    })
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const address = echo.address()
    if (address === null || typeof address === 'string') throw new Error('The echo has no port.')
    proxy = await startProxy({ host: '127.0.0.1', port: address.port })
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await proxy.stop()
    echo.close()
  })

  /** A client that keeps what it is sent. */
  async function client() {
    const socket = connect(proxy)
    sockets.push(socket)
    const state = { received: Buffer.alloc(0), isClosed: false }
    socket.on('data', (chunk) => {
      state.received = Buffer.concat([state.received, chunk])
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      state.isClosed = true
    })
    // A connection that is refused at once may fail before it is there.
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)
    return { socket, state }
  }

  it('passes everything on', async () => {
    const { socket, state } = await client()
    socket.write('hello')
    await eventually(() => expect(state.received.toString()).toBe('hello'))
    expect(proxy.connections()).toBe(1)
  })

  it.each([0, 1, 3, 4])('cuts after %i bytes to the server', async (bytes) => {
    const { socket, state } = await client()
    socket.write('warm')
    await eventually(() => expect(state.received.toString()).toBe('warm'))
    proxy.cutAfter({ bytes, direction: 'toServer' })
    socket.write('hello')
    await eventually(() => expect(state.isClosed).toBe(true))
    await eventually(() => expect(received.toString()).toBe(`warm${'hello'.slice(0, bytes)}`))
    const again = await client()
    again.socket.write('again')
    await eventually(() => expect(again.state.received.toString()).toBe('again'))
  })

  it('cuts after some bytes to the client, whole as the request was', async () => {
    const { socket, state } = await client()
    proxy.cutAfter({ bytes: 2, direction: 'toClient' })
    socket.write('hello')
    await eventually(() => expect(state.isClosed).toBe(true))
    expect(received.toString()).toBe('hello')
    expect(state.received.length).toBeLessThanOrEqual(2)
  })

  it('holds everything back while it stalls, and lets it go afterwards', async () => {
    const { socket, state } = await client()
    proxy.stall()
    socket.write('held')
    const other = await client()
    other.socket.write('also held')
    await eventually(() => expect(proxy.connections()).toBe(2))
    expect(received.length).toBe(0)
    proxy.pass()
    await eventually(() => expect(state.received.toString()).toBe('held'))
    await eventually(() => expect(other.state.received.toString()).toBe('also held'))
  })

  it('passes nothing more on by the connections that it strands, and everything by new ones', async () => {
    const { socket, state } = await client()
    await eventually(() => expect(proxy.connections()).toBe(1))
    proxy.strand()
    const sent = proxy.received('toServer')
    socket.write('lost')
    await eventually(() => expect(proxy.received('toServer')).toBe(sent + 4))
    const other = await client()
    other.socket.write('passed')
    await eventually(() => expect(other.state.received.toString()).toBe('passed'))
    expect(received.toString()).toBe('passed')
    expect(state).toEqual({ received: Buffer.alloc(0), isClosed: false })
  })

  it('delays by the time asked for', async () => {
    const { socket, state } = await client()
    proxy.delay({ ms: 60 })
    const startedMs = performance.now()
    socket.write('late')
    await eventually(() => expect(state.received.toString()).toBe('late'))
    expect(performance.now() - startedMs).toBeGreaterThan(100)
  })

  it('refuses new connections and ends old ones', async () => {
    const { state } = await client()
    proxy.refuse()
    await eventually(() => expect(state.isClosed).toBe(true))
    const refused = await client()
    await eventually(() => expect(refused.state.isClosed).toBe(true))
    expect(proxy.connections()).toBe(0)
  })
})
