// Reads the open issues of whose token it is, as api.github.com has them. The token goes to that host and nowhere else.
import { boundFetch } from '@mcpvault/mcp'

/** Where users keep their tokens: the server and the name that the preset of the settings page suggests. */
export const tokenPlace = { server: 'github', name: 'github_token' }

// More at once than the API accepts connections would fail some, so the others wait.
const maxCalls = 32
let calls = 0
/** @type {(() => void)[]} */
const waiting = []

/** @typedef {{ readonly number: number, readonly title: string }} Issue */

/**
 * @param {import('@mcpvault/core').VaultSession} session of the user who asks
 * @param {object} options
 * @param {string} options.owner whose token; the vault decides whether the user may use it
 * @param {string} options.issuesUrl
 * @param {import('@mcpvault/mcp').BoundFetchOptions['redactor']} [options.redactor]
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<readonly Issue[]>}
 */
export async function readIssues(session, { owner, issuesUrl, redactor, signal }) {
  const { server, name } = tokenPlace
  const scope = session.scope({ owner, server })
  const url = new URL('issues', `${issuesUrl.replace(/\/$/, '')}/`)
  const send = boundFetch({ scope, name, hosts: [url.host], ...(redactor && { redactor }) })
  /** @type {unknown} */
  const issues = await inTurn(async () => {
    const headers = { accept: 'application/vnd.github+json' }
    // A caller may wait longer, but an API that hangs must not take the turns of others.
    const limit = AbortSignal.timeout(10_000)
    const response = await send(url, { headers, signal: signal ? AbortSignal.any([signal, limit]) : limit })
    if (!response.ok) throw new Error(`The issues API answered ${response.status}.`)
    return response.json()
  })
  if (!Array.isArray(issues)) throw new Error('The issues API answered something else than a list.')
  return issues.map(({ number, title }) => ({ number: Number(number), title: String(title) }))
}

/**
 * @template T
 * @param {() => Promise<T>} work
 */
async function inTurn(work) {
  if (calls < maxCalls) calls += 1
  else await new Promise((resolve) => waiting.push(() => resolve(undefined)))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) calls -= 1
    else next()
  }
}
