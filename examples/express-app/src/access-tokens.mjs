// Tokens for MCP clients: a user and a time, signed with a key that is a secret of the vault.
import { createHmac, timingSafeEqual } from 'node:crypto'

const lifetimeSeconds = 30 * 24 * 3_600

/** @typedef {ReturnType<typeof createAccessTokens>} AccessTokens */

/** @param {string} key a new value of it ends all tokens */
export function createAccessTokens(key) {
  /** @param {string} claims */
  const signatureOf = (claims) => createHmac('sha256', key).update(claims).digest()
  return {
    /** @param {string} user */
    issue(user) {
      const expiresAt = Math.floor(Date.now() / 1_000) + lifetimeSeconds
      const claims = Buffer.from(JSON.stringify({ user, expiresAt })).toString('base64url')
      return `${claims}.${signatureOf(claims).toString('base64url')}`
    },
    /**
     * Whose token this is, and when it expires, in seconds since 1970; undefined for one that was not issued here.
     *
     * @param {string} token
     * @returns {{ user: string, expiresAt: number } | undefined}
     */
    read(token) {
      const [claims = '', signature = ''] = token.split('.')
      const given = Buffer.from(signature, 'base64url')
      const own = signatureOf(claims)
      if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined
      return JSON.parse(Buffer.from(claims, 'base64url').toString())
    },
  }
}
