// A server that asks a Postgres client for its password, notes it, and hangs up.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** Listens on a free port of loopback until the end of the test. */
export async function startAsksPassword(): Promise<{ readonly port: number; readonly passwords: readonly string[] }> {
  const passwords: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    // The first message asks for a database; the answer is AuthenticationCleartextPassword, whose answer begins with "p".
    socket.once('data', () => {
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))
      socket.once('data', (message) => {
        passwords.push(message.subarray(5, -1).toString())
        socket.destroy()
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo // A server that listens on a port has one.
  return { port, passwords }
}
