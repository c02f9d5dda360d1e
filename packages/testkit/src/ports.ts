// Free ports of the loopback interface, and whether something listens on one.
import { connect, createServer } from 'node:net'

export const loopback = '127.0.0.1'

// A port that was handed out is not handed out again by this process, even before its server listens.
const taken = new Set<number>()

/** A port that nobody listens on. Another process may still be quicker. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await someFreePort()
    if (taken.has(port)) continue
    taken.add(port)
    return port
  }
}

/**
 * Below the ports that Linux gives to clients (32,768 and more), also with what the bus of a Redis cluster adds to its
 * port (10,000), so that neither a connection nor a bus can have it.
 */
const from = 12_000
const count = 10_000

function someFreePort(): Promise<number> {
  const port = from + Math.floor(Math.random() * count)
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(someFreePort())
      else reject(error)
    })
    server.listen(port, loopback, () => server.close(() => resolve(port)))
  })
}

/** Whether something accepts connections. */
export function accepts({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('close', () => resolve(false))
    socket.once('error', () => socket.destroy())
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
  })
}
