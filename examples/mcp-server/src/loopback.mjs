// Starts an HTTP server on a free port of loopback, and ends it with all of its connections.

/** @typedef {{ readonly url: string, readonly close: () => Promise<void> }} Listening */

/**
 * @param {import('node:http').Server} server
 * @returns {Promise<Listening>}
 */
export async function listenOnLoopback(server) {
  // Longer than clients keep an idle connection: no request is sent on one that closes.
  server.keepAliveTimeout = 75_000
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
