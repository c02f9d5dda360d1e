// Sends single commands to a Redis that a test may kill at any time: each one by a connection of its own.
import { Redis } from 'ioredis'

const limitMs = 5_000

/** Sends one command and gives its reply; bulk replies as text. Rejects with the server's error. */
export async function sendRedisCommand(url: string, [name, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: limitMs,
    commandTimeout: limitMs,
    // The answer is that of the server as it is now: loading, killed, or not yet there.
    enableReadyCheck: false,
    retryStrategy: () => null,
    disableClientInfo: true,
  })
  // The promise reports a failed connection; without a listener the event would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}
