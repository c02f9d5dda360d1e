// Calls the issues API. The token is in the Authorization header alone, and in no error.

/**
 * @typedef {object} ApiRequest
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {unknown} [body]
 * @property {import('@mcpvault/core').SecretValue} token
 */

/** @typedef {ReturnType<typeof issuesClient>} IssuesClient */

/** @param {string} baseUrl */
export function issuesClient(baseUrl) {
  return {
    /**
     * The token is revealed for this one request and wiped after it.
     *
     * @param {ApiRequest} request
     * @returns {Promise<Record<string, unknown>>}
     */
    async call({ method, path, body, token }) {
      try {
        const response = await fetch(new URL(path, baseUrl), {
          method,
          headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        if (!response.ok) throw new Error(`The issues API answered ${response.status}.`)
        /** @type {Record<string, unknown>} */
        const answer = JSON.parse(await response.text())
        return answer
      } finally {
        token.dispose()
      }
    },
  }
}
