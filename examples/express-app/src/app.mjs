// The routes: sign-in, the board, the settings page of the vault, and MCP.
import { join } from 'node:path'
import { vaultHandler } from '@mcpvault/http'
import { incomingOf, toExpress } from '@mcpvault/http/mount'
import * as elicit from '@mcpvault/mcp/elicit'
import express, { static as files } from 'express'
import { messagePage } from '../views/layout.mjs'
import { tokenPage } from '../views/token.mjs'
import { createAccessTokens } from './access-tokens.mjs'
import { boardOf } from './board.mjs'
import { guard } from './guard.mjs'
import { tokenPlace } from './issues.mjs'
import { mcpRoutes } from './mcp.mjs'
import { createSignIn, keyOfApp } from './sign-in.mjs'
import { service } from './vault.mjs'

/**
 * @param {object} parts
 * @param {import('./config.mjs').Config} parts.config
 * @param {import('@mcpvault/core').Vault} parts.vault
 * @param {import('./users.mjs').Users} parts.users
 * @param {string} parts.issuesUrl
 * @param {string} parts.address where it listens, for links to it
 */
export async function createApp({ config, vault, users, issuesUrl, address }) {
  const { origin, proxies, allowInsecure } = config
  const own = vault.as(service).scope({ server: 'app' })
  const key = await keyOfApp(own, 'session_key')
  const signIn = createSignIn({ users, key, isSecure: origin?.startsWith('https:') === true })
  const tokens = createAccessTokens(await keyOfApp(own, 'mcp_token_key'))

  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', proxies)
  app.use(signIn.session)
  const handler = vaultHandler({
    vault,
    basePath: '/vault',
    principal: (request) => signIn.userOf(incomingOf(request)),
    signInUrl: '/sign-in',
    healthAs: service,
    trustProxy: proxies,
    allowInsecure,
    ...(origin !== undefined && { origins: [origin] }),
  })
  app.use('/vault', toExpress(handler))
  // Secrets are asked for over https, or on this machine.
  const asking = isPrivate(origin ?? address)
    ? elicit.elicitSecrets({
        vault,
        baseUrl: new URL('/connect', origin ?? address).href,
        principalOfBrowser: (request) => signIn.userOf(elicit.incomingOf(request)),
        presets: { [`${tokenPlace.server}/${tokenPlace.name}`]: 'github-classic-token' },
        askBy: 'request',
        signInUrl: () => '/sign-in',
      })
    : undefined
  if (asking) app.use('/connect', elicit.toExpress(asking.handler))

  app.use(guard(origin))
  const mcp = mcpRoutes({ vault, users, tokens, issuesUrl, onMissing: asking?.onMissing })
  app.use(mcp.routes)
  app.use(signIn.routes)
  app.use('/static', files(join(import.meta.dirname, '..', 'views', 'static')))
  app.use((req, res, next) => {
    const principal = signIn.userOf(req)
    if (principal === undefined) return res.redirect(303, '/sign-in')
    res.locals['principal'] = principal
    next()
  })
  app.get('/', boardOf({ vault, issuesUrl }))
  app.post('/mcp-token', (req, res) => {
    const { id } = res.locals['principal']
    res.send(tokenPage({ user: id, token: tokens.issue(id), url: `${req.protocol}://${req.host}/mcp` }))
  })
  app.use((_req, res) => void res.status(404).send(messagePage('There is no such page.')))
  app.use(fail)
  return { app, close: mcp.close }
}

/** @param {string} url */
function isPrivate(url) {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)
}

/** @type {import('express').ErrorRequestHandler} */
function fail(error, _req, res, next) {
  if (res.headersSent) return next(error)
  const isRefusal = Number.isInteger(error.status) && error.status < 500
  // The name and the code alone: a message may repeat what was sent.
  if (!isRefusal) console.error(`A request failed: ${error.name} ${error.code ?? ''}`)
  const message = error.retryable ? 'The vault cannot be reached. Try again.' : 'This request could not be answered.'
  res.status(isRefusal ? error.status : error.retryable ? 503 : 500).send(messagePage(message))
}
