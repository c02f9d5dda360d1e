// The users of the app: names and roles, and passwords that are kept as scrypt hashes, each a secret of the vault.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** @type {(password: string, salt: Buffer, length: number, cost: import('node:crypto').ScryptOptions) => Promise<Buffer>} */
const stretch = promisify(scrypt)
// 32 MiB and about 0.2 s for one guess; Node computes at most four at once.
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 }

/** @typedef {ReturnType<typeof openUsers>} Users */

/** @param {string} password */
export async function hashPassword(password) {
  const salt = randomBytes(16)
  const hash = await stretch(password, salt, 32, cost)
  return `${salt.toString('base64url')}.${hash.toString('base64url')}`
}

/**
 * @param {import('@mcpvault/core').SecretScope} scope where the hashes are
 * @param {Readonly<Record<string, readonly string[]>>} roles by user
 */
export function openUsers(scope, roles) {
  // Takes as long as any other, so that the time does not tell which users there are.
  const nobody = hashPassword(randomBytes(16).toString('hex'))
  return {
    /**
     * @param {unknown} user
     * @returns {import('@mcpvault/core').Principal | undefined}
     */
    find(user) {
      const isKnown = typeof user === 'string' && Object.hasOwn(roles, user)
      return isKnown ? { id: user, roles: roles[user] ?? [] } : undefined
    },
    /**
     * @param {string} user
     * @param {string} password
     */
    async isPassword(user, password) {
      const stored = Object.hasOwn(roles, user) ? await scope.get(`password_${user}`) : undefined
      const [salt = '', hash = ''] = (stored?.reveal() ?? (await nobody)).split('.')
      const given = await stretch(password, Buffer.from(salt, 'base64url'), 32, cost)
      return timingSafeEqual(given, Buffer.from(hash, 'base64url')) && stored !== undefined
    },
  }
}
