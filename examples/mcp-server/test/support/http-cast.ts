// The server over streamable HTTP with its users, ended after the test: alice and bob have a token, carol has none.
import { onTestFinished } from 'vitest'
import { startHttpServer } from '../../src/http-server.mjs'
import { httpUser } from '../../src/http-user.mjs'
import { type IssuesApi, startIssuesApi } from '../../src/issues-api.mjs'
import { issuesClient } from '../../src/issues-client.mjs'
import type { McpUser } from '../../src/mcp-user.mjs'
import { type VaultFolder, vaultFolder } from './vault-folder.ts'

export interface HttpServer extends VaultFolder {
  readonly api: IssuesApi
  readonly url: string
}

export interface HttpCast extends HttpServer {
  readonly alice: McpUser
  readonly bob: McpUser
}

/** The login of a user of the cast. */
export const loginOf = (user: string): string => `login-of-${user}`

/** The issues API that knows the tokens of all users. */
export async function issuesApiFor({ tokens }: Pick<VaultFolder, 'tokens'>): Promise<IssuesApi> {
  const users = new Map((['alice', 'bob', 'carol'] as const).map((user) => [tokens[user], user]))
  const api = await startIssuesApi({ users, boardKey: tokens.board, billingKey: tokens.billing })
  onTestFinished(() => api.close())
  return api
}

export async function openHttpServer({ askBy }: { readonly askBy?: 'error' } = {}): Promise<HttpServer> {
  const folder = await vaultFolder()
  const api = await issuesApiFor(folder)
  const logins = new Map(['alice', 'bob', 'carol'].map((user) => [loginOf(user), user]))
  const userOf = (login: string): string | undefined => logins.get(login)
  const asking = askBy === undefined ? {} : { askBy }
  const { url, close } = await startHttpServer({ vault: folder.vault, api: issuesClient(api.url), userOf, ...asking })
  onTestFinished(() => close())
  return { ...folder, api, url }
}

export async function startHttpCast(): Promise<HttpCast> {
  const server = await openHttpServer()
  const connect = async (user: string): Promise<McpUser> => {
    const client = httpUser({ user, url: server.url, login: loginOf(user) })
    onTestFinished(() => client.close())
    await client.connect()
    return client
  }
  const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
  return { ...server, alice, bob }
}
