// Stands for api.github.com: on loopback, it knows people by their tokens and lists their issues.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** @type {Readonly<Record<string, readonly string[]>>} */
const titles = {
  alice: ['Sign-in is slow on Mondays', 'Replace the logo', 'Write down how to restore a backup'],
  bob: ['Dark colours on the invoice', 'Update the certificates'],
}

/**
 * Starts it on a free port.
 *
 * @param {ReadonlyMap<string, string>} tokens the user of each token
 */
export async function startIssuesApi(tokens) {
  const server = createServer((request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const user = tokens.get(token)
    const issues = (titles[user ?? ''] ?? []).map((title, index) => ({ number: index + 1, title }))
    const isKnown = request.method === 'GET' && request.url === '/issues'
    response.writeHead(user === undefined ? 401 : isKnown ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(user !== undefined && isKnown ? issues : { message: 'Not for you.' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
