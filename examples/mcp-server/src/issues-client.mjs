// Calls the issues API. The token is in the Authorization header alone, and in no error.

/**
 * @typedef {object} ApiRequest
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {unknown} [body]
 * @property {typeof fetch} send a fetch that adds the token
 */

/** @typedef {ReturnType<typeof issuesClient>} IssuesClient */

/** @param {string} baseUrl */
export function issuesClient(baseUrl) {
  return {
    /** The one host that tokens of this API may be sent to. */
    host: new URL(baseUrl).host,
    /**
     * @param {ApiRequest} request
     * @returns {Promise<Record<string, unknown>>}
     */
    async call({ method, path, body, send }) {
      const response = await send(new URL(path, baseUrl), {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Error(`The issues API answered ${response.status}.`)
      /** @type {Record<string, unknown>} */
      const answer = JSON.parse(await response.text())
      return answer
    },
  }
}
