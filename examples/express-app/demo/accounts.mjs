// The two users of the demo, with random passwords that are shown once, and their tokens at the issues API of the demo.
import { randomBytes } from 'node:crypto'
import { isVaultError } from '@mcpvault/core'
import { hashPassword } from '../src/users.mjs'

/** Alice may read the audit trail. @type {Readonly<Record<string, readonly string[]>>} */
const roles = { alice: ['auditor'], bob: [] }

/**
 * Makes what is not there yet. `notes` says what was made, for the terminal.
 *
 * @param {import('@mcpvault/core').SecretScope} scope of the app's own secrets
 * @param {Readonly<Record<string, string | undefined>>} env `ALICE_PASSWORD` and `BOB_PASSWORD` replace the random ones
 */
export async function makeAccounts(scope, env) {
  /** @type {string[]} */
  const notes = []
  for (const user of Object.keys(roles)) {
    const given = env[`${user.toUpperCase()}_PASSWORD`]
    const password = given || randomBytes(9).toString('base64url')
    const isNew = await create(scope, `password_${user}`, await hashPassword(password))
    if (isNew) notes.push(`${user}: password ${given ? 'as you set it' : password}`)
    else if (given) await scope.set(`password_${user}`, await hashPassword(given))
  }
  // Whose tokens another API knows is not for the demo to say.
  if (env['ISSUES_API_URL']) return { roles, tokens: new Map(), notes }
  const made = Object.fromEntries(Object.keys(roles).map((user) => [user, `ghp_${randomBytes(18).toString('hex')}`]))
  if (await create(scope, 'demo_tokens', made)) {
    for (const [user, token] of Object.entries(made)) notes.push(`${user}: token of the demo's issues API ${token}`)
  }
  const stored = (await scope.get('demo_tokens'))?.fields() ?? {}
  const tokens = new Map(Object.entries(stored).map(([user, token]) => [token, user]))
  return { roles, tokens, notes }
}

/**
 * Whether it was not there before.
 *
 * @param {import('@mcpvault/core').SecretScope} scope
 * @param {string} name
 * @param {import('@mcpvault/core').SecretInput} value
 */
async function create(scope, name, value) {
  try {
    await scope.set(name, value, { ifVersion: 0 })
    return true
  } catch (error) {
    if (isVaultError(error, 'VAULT_CONFLICT')) return false
    throw error
  }
}
