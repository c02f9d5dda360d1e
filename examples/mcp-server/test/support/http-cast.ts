// Two users of one server process over streamable HTTP, with a client each, ended after the test.
import { onTestFinished } from 'vitest'
import { startHttpServer } from '../../src/http-server.mjs'
import { httpUser } from '../../src/http-user.mjs'
import { type IssuesApi, startIssuesApi } from '../../src/issues-api.mjs'
import { issuesClient } from '../../src/issues-client.mjs'
import type { McpUser } from '../../src/mcp-user.mjs'
import { type VaultFolder, vaultFolder } from './vault-folder.ts'

export interface HttpCast extends VaultFolder {
  readonly api: IssuesApi
  readonly url: string
  readonly alice: McpUser
  readonly bob: McpUser
}

/** The login of a user of the cast. */
export const loginOf = (user: string): string => `login-of-${user}`

export async function startHttpCast(): Promise<HttpCast> {
  const folder = await vaultFolder()
  const { tokens, vault } = folder
  const users = new Map([
    [tokens.alice, 'alice'],
    [tokens.bob, 'bob'],
  ])
  const api = await startIssuesApi({ users, boardKey: tokens.board, billingKey: tokens.billing })
  onTestFinished(() => api.close())
  const logins = new Map(['alice', 'bob'].map((user) => [loginOf(user), user]))
  const userOf = (login: string): string | undefined => logins.get(login)
  const { url, close } = await startHttpServer({ vault, api: issuesClient(api.url), userOf })
  onTestFinished(() => close())
  const connect = async (user: string): Promise<McpUser> => {
    const client = httpUser({ user, url, login: loginOf(user) })
    onTestFinished(() => client.close())
    await client.connect()
    return client
  }
  const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
  return { ...folder, api, url, alice, bob }
}
