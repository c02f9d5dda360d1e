// The story: one MCP server, two users, one vault, from the first key to a tampered database, each step asserted.
import { startHttpServer } from './http-server.mjs'
import { httpUser } from './http-user.mjs'
import { startIssuesApi } from './issues-api.mjs'
import { issuesClient } from './issues-client.mjs'
import { createNarrator } from './narrator.mjs'
import { paletteFor } from './palette.mjs'
import { stdioUser } from './stdio-user.mjs'
import { askInTheBrowser } from './story/ask.mjs'
import { lookAtRest } from './story/at-rest.mjs'
import { makeLogins, makeTokens, prepareVault } from './story/prepare.mjs'
import { shareOneSecret } from './story/share.mjs'
import { expect } from './story/stage.mjs'
import { tamper } from './story/tamper.mjs'
import { showTrail } from './story/trail.mjs'
import { runUnchanged } from './story/unchanged.mjs'
import { useAsTwoUsers } from './story/use.mjs'
import { openWorkshop } from './workshop.mjs'

/** Tells it on standard output. When a step goes wrong, the error is on standard error and the exit code is 1. */
export async function tellStory() {
  const workshop = openWorkshop()
  const tokens = makeTokens()
  const logins = makeLogins()
  const narrator = createNarrator({
    write: (text) => process.stdout.write(text),
    secrets: [...Object.values(tokens), ...Object.values(logins)],
    palette: paletteFor(process.stdout, process.env),
  })
  const paths = { databasePath: workshop.path('vault.db'), keyPath: workshop.path('vault.key') }
  const stage = { narrator, expect, tokens, logins, ...paths }
  try {
    narrator.heading('MCPVault: secrets for the users of an MCP server')
    const opened = await prepareVault(stage)
    workshop.atEnd(opened.close)
    const cast = await startCast({ stage, opened, workshop })
    await useAsTwoUsers(stage, cast)
    await askInTheBrowser(stage, cast)
    await runUnchanged(stage, cast)
    await shareOneSecret(stage, cast)
    // The vault writes its last events as it ends, so that what follows sees the whole trail in one file.
    await opened.close()
    await lookAtRest(stage)
    await tamper(stage, await showTrail(stage))
    narrator.print('')
    narrator.heading('Every step went as told, and nothing is left behind. To try next:')
    narrator.table(next)
  } catch (error) {
    if (!workshop.isClosing()) {
      process.exitCode = 1
      console.error(error)
    }
  } finally {
    await workshop.close()
  }
}

const next = [
  ['node examples/quickstart/quickstart.mjs', 'the shortest whole program'],
  ['examples/mcp-server/src/tools.mjs', 'the tools that you saw, to copy from'],
  ['README.md', 'a vault in your own server'],
]

/**
 * Starts the issues API and the MCP server, then a client for each user.
 *
 * @param {object} parts
 * @param {import('./story/stage.mjs').Stage} parts.stage
 * @param {import('./open-vault.mjs').OpenVault} parts.opened
 * @param {import('./workshop.mjs').Workshop} parts.workshop
 * @returns {Promise<import('./story/stage.mjs').Cast>}
 */
async function startCast({ stage, opened: { vault }, workshop }) {
  const { tokens, logins } = stage
  const users = new Map([
    [tokens.alice, 'alice'],
    [tokens.bob, 'bob'],
    [tokens.carol, 'carol'],
  ])
  const api = await startIssuesApi({ users, boardKey: tokens.board, billingKey: tokens.billing })
  workshop.atEnd(api.close)
  const userOfLogin = new Map([
    [logins.alice, 'alice'],
    [logins.bob, 'bob'],
    [logins.carol, 'carol'],
  ])
  const userOf = (/** @type {string} */ login) => userOfLogin.get(login)
  const server = await startHttpServer({ vault, api: issuesClient(api.url), userOf })
  workshop.atEnd(server.close)
  /** @type {import('./story/stage.mjs').Connect} */
  const connect = (user, { openLink } = {}) =>
    connected(workshop, httpUser({ user, url: server.url, login: logins[user], openLink }))
  /** @type {import('./story/stage.mjs').ConnectStdio} */
  const connectStdio = (user, options) =>
    connected(workshop, stdioUser({ user, ...stage, apiUrl: api.url, ...options }))
  const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
  return { alice, bob, api, url: server.url, vault, connect, connectStdio }
}

/**
 * @param {import('./workshop.mjs').Workshop} workshop
 * @param {import('./mcp-user.mjs').McpUser} client
 */
async function connected(workshop, client) {
  workshop.atEnd(client.close)
  await client.connect()
  return client
}
