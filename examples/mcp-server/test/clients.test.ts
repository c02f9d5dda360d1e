// Real clients of both lines of the SDK: over HTTP, over stdio, and of a server that knows no vault.
import { join } from 'node:path'
import { writingIn } from '@mcpvault/testkit/canary'
import { askingSuite, type ClientKind, clientKinds, connectClient, type McpClient } from '@mcpvault/testkit/mcp'
import { describe, expect, it } from 'vitest'
import { browserOf } from '../src/browser.mjs'
import { issuesApiFor, loginOf, openHttpServer } from './support/http-cast.ts'
import { vaultFolder } from './support/vault-folder.ts'

const folder = join(import.meta.dirname, '..')
const carolsBrowser = browserOf({ login: loginOf('carol') })
const targetOf = (url: string, user: string) => ({ url, headers: { authorization: `Bearer ${loginOf(user)}` } })

describe('the server over HTTP', () => {
  askingSuite(async () => {
    const { url, tokens } = await openHttpServer()
    return {
      tool: 'whoami',
      owner: { target: targetOf(url, 'alice'), answer: 'alice' },
      newcomer: { target: targetOf(url, 'carol'), answer: 'carol' },
      typeIn: (link) => carolsBrowser.typeIn(link, tokens.carol),
      secrets: Object.values(tokens),
    }
  })

  it.each(clientKinds)('asks a client of %s by the error -32042 instead, and its next call goes on', async (kind) => {
    const { url, tokens } = await openHttpServer({ askBy: 'error' })
    const capabilities = { elicitation: { url: {} } }
    const client = await connectClient({ kind, target: targetOf(url, 'carol'), capabilities })
    await expect(client.call('whoami')).rejects.toMatchObject({ code: -32_042 })
    const { error } = await client.message((message) => message.error !== undefined)
    const { url: link } = Object(error?.data?.elicitations?.[0])
    expect(await carolsBrowser.typeIn(String(link), tokens.carol)).toBe(200)
    expect(await client.call('whoami')).toMatchObject({ isError: false, text: 'carol' })
  })

  it('shows the page of a link to its user alone, and stores nothing for another', async () => {
    const { url, tokens, vault } = await openHttpServer()
    const client = await connectClient({ kind: '1.x', target: targetOf(url, 'carol') })
    const [link = ''] = /http:\S+\/connect\/[\w-]+/.exec((await client.call('whoami')).text) ?? []
    expect(await browserOf({ login: loginOf('bob') }).typeIn(link, tokens.bob)).toBe(403)
    expect(await browserOf({ login: 'of nobody' }).typeIn(link, tokens.bob)).toBe(401)
    expect(await vault.as({ id: 'carol' }).scope({ server: 'issues' }).describe('token')).toBeUndefined()
    expect(await carolsBrowser.typeIn(link, tokens.carol)).toBe(200)
    expect((await carolsBrowser.open(link)).status).toBe(410)
  })
})

// With a server of 1.x both kinds of 2.x come to speak the same.
describe.each(['1.x', '2.x of 2026'] as const)('over stdio, a client of %s', (kind) => {
  it('gets what the user of its process may use, and is told what a user without a token lacks', async () => {
    const { start, tokens } = await stdioWorld()
    const alice = await start(kind, 'alice', ['server.mjs'])
    expect(await alice.call('whoami')).toMatchObject({ isError: false, text: 'alice' })
    const carol = await start(kind, 'carol', ['server.mjs'])
    const refused = await carol.call('whoami')
    expect(refused).toMatchObject({ isError: true, meta: { 'mcpvault/code': 'MCP_SECRET_MISSING' } })
    expect(refused.text).toContain('"token" for the server "issues"')
    const said = [...alice.said, ...carol.said].join('\n')
    for (const token of Object.values(tokens)) expect(writingIn(said, Buffer.from(token))).toBeUndefined()
  })

  it('reaches a server that reads its environment, which has the token and no key', async () => {
    const { start } = await stdioWorld()
    const alice = await start(kind, 'alice', envServer)
    expect(await alice.call('whoami')).toMatchObject({ isError: false, text: 'alice' })
    const names = (await alice.call('variables')).text.split(' ')
    expect(names).toContain('ISSUES_TOKEN')
    expect(names.filter((name) => name.startsWith('MCPVAULT_'))).toEqual([])
  })

  it('reaches no such server for a user without a token', async () => {
    const { start } = await stdioWorld()
    await expect(start(kind, 'carol', envServer)).rejects.toThrow()
  })
})

const envServer = ['run.mjs', process.execPath, join(folder, 'src', 'env-server.mjs')]

/** Starts programs of the example, with their arguments, for a user. */
async function stdioWorld() {
  const { databasePath, keyPath, tokens } = await vaultFolder()
  const api = await issuesApiFor({ tokens })
  const start = (kind: ClientKind, user: string, [program = '', ...args]: readonly string[]): Promise<McpClient> => {
    const env = {
      EXAMPLE_USER: user,
      EXAMPLE_DATABASE: databasePath,
      EXAMPLE_API_URL: api.url,
      MCPVAULT_KEY_FILE: keyPath,
    }
    return connectClient({ kind, target: { command: process.execPath, args: [join(folder, program), ...args], env } })
  }
  return { start, tokens }
}
