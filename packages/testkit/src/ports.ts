// Free ports of the loopback interface, and whether something listens on one.
import { connect, createServer, type Server } from 'node:net'

export const loopback = '127.0.0.1'

/**
 * Below the ports that Linux gives to clients (32,768 and more), also with what the bus of a Redis cluster adds to its
 * port (10,000), so that neither a connection nor a bus can have it.
 */
const from = 12_000
const count = 5_000

/**
 * A port that nobody listens on, and that no other process of the tests is given for as long as this one lives: also not
 * before its server listens, or while that is stopped.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = from + Math.floor(Math.random() * count)
    // Who listens on the claim of a port has the port; the claims stand between the ports and the buses.
    const claim = await listening(port + count)
    if (claim === undefined) continue
    const probe = await listening(port)
    if (probe === undefined) {
      claim.close()
      continue
    }
    await new Promise((resolve) => probe.close(resolve))
    claim.unref()
    return port
  }
}

/** A server that listens on the port, or undefined where another one does. */
function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(port, loopback, () => resolve(server))
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
