// Requests over connections that are kept open.
import { Agent, request } from 'node:http'

/**
 * @param {{ readonly port: number, readonly connections: number, readonly headers?: Readonly<Record<string, string>> }} options
 */
export function httpClient({ port, connections, headers = {} }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    /**
     * @param {string} path
     * @param {unknown} [body] sent by POST as JSON
     * @returns {Promise<any>} the answer, parsed; undefined when it is empty
     */
    call(path, body) {
      const text = body === undefined ? undefined : JSON.stringify(body)
      return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, path, agent, headers, method: text === undefined ? 'GET' : 'POST' }
        const sent = request(options, (response) => {
          /** @type {Buffer[]} */
          const chunks = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const { statusCode = 0 } = response
            if (statusCode >= 300) reject(new Error(`${path} was answered with ${statusCode}.`))
            else if (chunks.length === 0) resolve(undefined)
            else resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')))
          })
        })
        sent.on('error', reject)
        sent.end(text)
      })
    },
    close: () => agent.destroy(),
  }
}
