// The demo: one MCP server, two users, one vault, from the first key to a tampered database, each step asserted.
import { startIssuesApi } from './src/issues-api.mjs'
import { mcpUser } from './src/mcp-user.mjs'
import { createNarrator } from './src/narrator.mjs'
import { lookAtRest } from './src/story/at-rest.mjs'
import { makeTokens, prepareVault } from './src/story/prepare.mjs'
import { shareOneSecret } from './src/story/share.mjs'
import { expect } from './src/story/stage.mjs'
import { tamper } from './src/story/tamper.mjs'
import { showTrail } from './src/story/trail.mjs'
import { useAsTwoUsers } from './src/story/use.mjs'
import { openWorkshop } from './src/workshop.mjs'

const workshop = openWorkshop()
const tokens = makeTokens()
const narrator = createNarrator({ write: (text) => process.stdout.write(text), secrets: Object.values(tokens) })
const stage = { narrator, expect, tokens, databasePath: workshop.path('vault.db'), keyPath: workshop.path('vault.key') }

try {
  narrator.print('MCPVault: secrets for the users of an MCP server')
  await prepareVault(stage)
  const cast = await startCast()
  await useAsTwoUsers(stage, cast)
  await shareOneSecret(stage, cast)
  // The servers write their last events as they end, so that what follows sees the whole trail in one file.
  await Promise.all([cast.alice.close(), cast.bob.close()])
  await lookAtRest(stage)
  await tamper(stage, await showTrail(stage))
  narrator.print('\nEvery step went as told. Nothing is left behind.')
} catch (error) {
  process.exitCode = 1
  if (!workshop.isClosing()) console.error(error)
} finally {
  await workshop.close()
}

/** Starts the issues API, then a client with a server of its own for each user. */
async function startCast() {
  const users = new Map([
    [tokens.alice, 'alice'],
    [tokens.bob, 'bob'],
  ])
  const api = await startIssuesApi({ users, boardKey: tokens.board, billingKey: tokens.billing })
  workshop.atEnd(api.close)
  const connect = async (/** @type {string} */ user) => {
    const { databasePath, keyPath } = stage
    const client = mcpUser({ user, databasePath, keyPath, apiUrl: api.url })
    workshop.atEnd(client.close)
    await client.connect()
    return client
  }
  const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
  return { alice, bob, api }
}
