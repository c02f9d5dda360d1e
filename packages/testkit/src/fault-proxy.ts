// A TCP proxy that breaks connections, as a bad network between a client and its server does.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { loopback } from './ports.ts'

export type Direction = 'toServer' | 'toClient'

export interface FaultProxy {
  readonly host: string
  readonly port: number
  /** Connections open now. */
  connections(): number
  /** Bytes that came from one side so far, whatever became of them. */
  received(direction: Direction): number
  /** Back to passing everything on. */
  pass(): void
  /** Ends all connections, and closes new ones at once. */
  refuse(): void
  /** Ends all connections; new ones are passed on. */
  cut(): void
  /** Ends all connections after so many more bytes in one direction; once, then everything passes. */
  cutAfter(limit: { readonly bytes: number; readonly direction: Direction }): void
  /** Holds everything back for so long, in both directions. */
  delay(options: { readonly ms: number }): void
  /** Half-open: connections stay, and nothing is passed on. */
  stall(): void
  /** The connections that are open now stay half-open and pass nothing on; new ones work. */
  strand(): void
  stop(): Promise<void>
}

type Mode =
  | { readonly kind: 'pass' | 'refuse' | 'stall' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'cutAfter'; readonly direction: Direction; left: number }

/** Starts a proxy on a free port of the loopback interface, in front of a server. */
export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  let mode: Mode = { kind: 'pass' }
  const pairs = new Set<readonly [Socket, Socket]>()
  const held: (() => void)[] = []
  const stranded = new WeakSet<Socket>()
  const received = { toServer: 0, toClient: 0 }

  const cut = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
    held.length = 0
  }
  const turnTo = (next: Mode): void => {
    mode = next
    if (next.kind !== 'stall') for (const release of held.splice(0)) release()
  }

  function forward(direction: Direction, to: Socket, chunk: Buffer): void {
    received[direction] += chunk.length
    if (stranded.has(to)) return
    const write = (): void => {
      if (!to.destroyed) to.write(chunk)
    }
    if (mode.kind === 'stall') held.push(write)
    else if (mode.kind === 'delay') setTimeout(write, mode.ms)
    else if (mode.kind === 'cutAfter' && mode.direction === direction) {
      const passed = chunk.subarray(0, mode.left)
      mode.left -= passed.length
      const isOver = mode.left === 0
      if (isOver) mode = { kind: 'pass' }
      // The last bytes leave before the connection does.
      if (passed.length > 0) to.write(passed, isOver ? cut : undefined)
      else if (isOver) cut()
    } else write()
  }

  const server = createServer((client) => {
    if (mode.kind === 'refuse') {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const upstream = connect(target)
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end)
    client.on('data', (chunk) => forward('toServer', upstream, chunk))
    upstream.on('data', (chunk) => forward('toClient', client, chunk))
  })
  server.listen(0, loopback)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The proxy has no port.')
  return {
    host: loopback,
    port: address.port,
    connections: () => pairs.size,
    received: (direction) => received[direction],
    pass: () => turnTo({ kind: 'pass' }),
    refuse() {
      turnTo({ kind: 'refuse' })
      cut()
    },
    cut,
    cutAfter({ bytes, direction }) {
      turnTo({ kind: 'cutAfter', direction, left: bytes })
      if (bytes === 0) {
        mode = { kind: 'pass' }
        cut()
      }
    },
    delay: ({ ms }) => turnTo({ kind: 'delay', ms }),
    stall: () => turnTo({ kind: 'stall' }),
    strand() {
      held.length = 0
      for (const pair of pairs) for (const socket of pair) stranded.add(socket)
      turnTo({ kind: 'pass' })
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
