// A small issues service on loopback: it knows people and boards by their bearer tokens, as real services do.
import { createServer } from 'node:http'
import { listenOnLoopback } from './loopback.mjs'

/**
 * @typedef {object} IssuesApi
 * @property {string} url
 * @property {readonly string[]} requests method and URL of every request seen
 * @property {() => Promise<void>} close
 */

/**
 * Starts the service on a free port.
 *
 * @param {object} tokens
 * @param {ReadonlyMap<string, string>} tokens.users the user of each token
 * @param {string} tokens.boardKey
 * @param {string} tokens.billingKey
 * @returns {Promise<IssuesApi>}
 */
export async function startIssuesApi({ users, boardKey, billingKey }) {
  /** @type {string[]} */
  const requests = []
  let issues = 0

  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const answer = await route(`${request.method} ${request.url}`, token, request)
    response.writeHead(answer === undefined ? 401 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })

  /**
   * @param {string} target
   * @param {string} token
   * @param {import('node:http').IncomingMessage} request
   * @returns {Promise<Record<string, unknown> | undefined>}
   */
  async function route(target, token, request) {
    const user = users.get(token)
    if (target === 'GET /user' && user !== undefined) return { user }
    if (target === 'POST /issues' && user !== undefined) {
      issues += 1
      return { number: issues, author: user, title: await titleOf(request) }
    }
    if (target === 'GET /board' && token === boardKey) return { board: 'Release board: 3 cards' }
    if (target === 'GET /invoices' && token === billingKey) return { invoices: 2 }
    return undefined
  }

  return { ...(await listenOnLoopback(server)), requests }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<string>}
 */
async function titleOf(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text).title
}
