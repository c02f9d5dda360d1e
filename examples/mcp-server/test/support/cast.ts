// The issues API and two users' clients on one vault, ended after the test.
import { onTestFinished } from 'vitest'
import type { IssuesApi } from '../../src/issues-api.mjs'
import type { McpUser } from '../../src/mcp-user.mjs'
import { stdioUser } from '../../src/stdio-user.mjs'
import { issuesApiFor } from './http-cast.ts'
import { type VaultFolder, vaultFolder } from './vault-folder.ts'

export interface Cast extends VaultFolder {
  readonly api: IssuesApi
  readonly alice: McpUser
  readonly bob: McpUser
}

export async function startCast(): Promise<Cast> {
  const folder = await vaultFolder()
  const { databasePath, keyPath } = folder
  const api = await issuesApiFor(folder)
  const connect = async (user: string): Promise<McpUser> => {
    const client = stdioUser({ user, databasePath, keyPath, apiUrl: api.url })
    onTestFinished(() => client.close())
    await client.connect()
    return client
  }
  const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
  return { ...folder, api, alice, bob }
}
