// A temporary folder with a key, a migrated vault and the tokens of two users, removed after the test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKey, keyFromFile } from '@mcpvault/core'
import { onTestFinished } from 'vitest'
import { type OpenVault, openVault } from '../../src/open-vault.mjs'
import { makeTokens, type Tokens } from '../../src/story/prepare.mjs'

export interface VaultFolder extends OpenVault {
  readonly folder: string
  readonly databasePath: string
  readonly keyPath: string
  readonly tokens: Tokens
}

/** Opens a fresh vault. Alice and Bob each have a `token` for the server `issues`. */
export async function vaultFolder(): Promise<VaultFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-example-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const databasePath = join(folder, 'vault.db')
  const keyPath = join(folder, 'vault.key')
  writeFileSync(keyPath, generateKey(), { mode: 0o600 })
  const opened = openVault({ databasePath, keys: keyFromFile(keyPath) })
  onTestFinished(() => opened.close())
  await opened.store.migrate()
  const tokens = makeTokens()
  for (const user of ['alice', 'bob'] as const) {
    await opened.vault.as({ id: user }).scope({ server: 'issues' }).set('token', tokens[user])
  }
  return { ...opened, folder, databasePath, keyPath, tokens }
}
