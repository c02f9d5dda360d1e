// Chapter 1: a key, a vault in one file, and the secrets of two users.
import { randomBytes } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { generateKey, keyFromFile } from '@mcpvault/core'
import { openVault } from '../open-vault.mjs'
import { serverName } from '../tools.mjs'

/** @typedef {Readonly<Record<'alice' | 'bob' | 'carol' | 'board' | 'billing', string>>} Tokens */

/** @typedef {Readonly<Record<'alice' | 'bob' | 'carol', string>>} Logins */

/** Random tokens, so that nothing the demo shows could be the real thing by chance. */
export function makeTokens() {
  return { alice: token(), bob: token(), carol: token(), board: token(), billing: token() }
}

/** What each user shows to the MCP server, as an identity provider would give it to them. */
export function makeLogins() {
  return { alice: token(), bob: token(), carol: token() }
}

function token() {
  return `demo_${randomBytes(18).toString('base64url')}`
}

/**
 * Opens the vault for the chapters that follow.
 *
 * @param {import('./stage.mjs').Stage} stage
 */
export async function prepareVault({ narrator, expect, tokens, databasePath, keyPath }) {
  narrator.chapter('A vault in one file')
  writeFileSync(keyPath, `${generateKey()}\n`, { mode: 0o600 })
  narrator.fact('vault.key', `32 random bytes, ${modeOf(keyPath)}, not in the database`)

  const opened = openVault({ databasePath, keys: keyFromFile(keyPath) })
  const { store, vault } = opened
  const { version, applied } = await store.migrate()
  expect.equal(applied.length > 0, true, 'the schema is new')
  narrator.fact('vault.db', `SQLite, ${modeOf(databasePath)}, schema version ${version}`)

  const alice = vault.as({ id: 'alice' }).scope({ server: serverName })
  const bob = vault.as({ id: 'bob' }).scope({ server: serverName })
  await alice.set('token', tokens.alice, { type: 'api_key', tier: 1 })
  await alice.set('board_key', tokens.board, { type: 'api_key' })
  await alice.set('billing_key', tokens.billing, { type: 'api_key' })
  await bob.set('token', tokens.bob, { type: 'api_key', tier: 1 })

  narrator.fact('alice keeps', await namesOf(alice))
  narrator.fact('bob keeps', await namesOf(bob))
  const printed = `${await alice.get('token')}`
  expect.equal(printed, '[secret]', 'a value that is printed shows nothing')
  narrator.good('console.log(value)', printed)
  return opened
}

/** @param {string} path */
function modeOf(path) {
  return `mode ${(statSync(path).mode & 0o777).toString(8).padStart(4, '0')}`
}

/** @param {import('@mcpvault/core').SecretScope} scope */
async function namesOf(scope) {
  const { items } = await scope.list()
  return items
    .map((item) => item.name)
    .sort()
    .join(', ')
}
