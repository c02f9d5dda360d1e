// Sign-in and sign-out: a signed cookie says who the user is, under a key that is itself a secret of the vault.
import { randomBytes, randomUUID } from 'node:crypto'
import { isVaultError } from '@mcpvault/core'
import cookieSession from 'cookie-session'
import { Router, urlencoded } from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { signInPage } from '../views/sign-in.mjs'

const sessionMs = 8 * 3_600_000
const minutes = 60

/**
 * A random key of the app, made at the first start. Two processes that start at once get the same one.
 *
 * @param {import('@mcpvault/core').SecretScope} scope
 * @param {string} name
 */
export async function keyOfApp(scope, name) {
  try {
    await scope.set(name, randomBytes(32).toString('base64url'), { ifVersion: 0 })
  } catch (error) {
    if (!isVaultError(error, 'VAULT_CONFLICT')) throw error
  }
  const key = await scope.get(name)
  if (key === undefined) throw new Error(`The key ${name} of the app is not usable.`)
  return key.reveal()
}

/**
 * @param {object} options
 * @param {import('./users.mjs').Users} options.users
 * @param {string} options.key signs the cookies
 * @param {boolean} options.isSecure whether browsers come over HTTPS; false on loopback only
 */
export function createSignIn({ users, key, isSecure }) {
  /** When each session that was signed out would have ended, by its id. */
  const ended = new Map()
  const byUser = new RateLimiterMemory({ keyPrefix: 'user', points: 5, duration: 15 * minutes })
  const byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 50, duration: 15 * minutes })

  const session = cookieSession({
    // With this prefix, browsers take the cookie from this host alone, and over HTTPS alone.
    name: isSecure ? '__Host-session' : 'session',
    keys: [key],
    maxAge: sessionMs,
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
  })

  /**
   * Who is signed in.
   *
   * @param {import('express').Request | undefined} req
   */
  function userOf(req) {
    const { id, user, endsAt } = req?.session ?? {}
    return endsAt > Date.now() && !ended.has(id) ? users.find(user) : undefined
  }

  /** @param {import('express').Request} req */
  function end(req) {
    const now = Date.now()
    for (const [id, endsAt] of ended) if (endsAt <= now) ended.delete(id)
    if (userOf(req) !== undefined) ended.set(req.session?.['id'], req.session?.['endsAt'])
    req.session = null
  }

  const routes = Router()
  routes.get('/sign-in', (_req, res) => res.send(signInPage()))
  routes.post('/sign-in', urlencoded({ extended: false, limit: '4kb' }), async (req, res) => {
    const { user = '', password = '' } = req.body ?? {}
    if (typeof user !== 'string' || typeof password !== 'string' || user.length > 64) return void res.sendStatus(400)
    const guesses = `${req.ip} ${user}`
    try {
      // Before the check, so that guesses at the same time count too.
      await byAddress.consume(`${req.ip}`)
      await byUser.consume(guesses)
    } catch {
      return void res
        .status(429)
        .set('retry-after', `${15 * minutes}`)
        .send(signInPage('Too many tries. Wait 15 minutes.'))
    }
    if (!(await users.isPassword(user, password))) {
      return void res.status(401).send(signInPage('This user and password do not fit.'))
    }
    await byUser.delete(guesses)
    end(req)
    // A new id, whatever the browser had before.
    req.session = { id: randomUUID(), user, endsAt: Date.now() + sessionMs }
    res.redirect(303, '/')
  })
  routes.post('/sign-out', (req, res) => {
    end(req)
    res.redirect(303, '/sign-in')
  })
  return { session, userOf, routes }
}
