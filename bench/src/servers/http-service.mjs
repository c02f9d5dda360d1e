// A secrets service as teams write it: HTTP on loopback, one table, the value decrypted, no policy and no audit.
import { createDecipheriv, createSecretKey } from 'node:crypto'
import { createServer } from 'node:http'
import pg from 'pg'

/**
 * Runs in a process of its own and tells its port.
 *
 * @param {{ readonly url: string, readonly key: Uint8Array, readonly connections: number }} input
 */
function serve({ url, key, connections }) {
  const pool = new pg.Pool({ connectionString: url, max: connections })
  const secretKey = createSecretKey(key)
  const select = 'SELECT iv, tag, sealed FROM http_secrets WHERE owner = $1 AND name = $2'
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent((request.url ?? '/').slice(1))
    const { rows } = await pool.query({ name: 'http-select', text: select, values: ['alice', name] })
    const [{ iv, tag, sealed }] = rows
    const decipher = createDecipheriv('aes-256-gcm', secretKey, iv).setAuthTag(tag)
    const value = Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name, value }))
  })
  // The client keeps its connections, and must not send on one that is closed just then.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1', () => process.send?.({ port: /** @type {any} */ (server.address()).port }))
  process.once('disconnect', () => process.exit())
}

process.once('message', serve)
