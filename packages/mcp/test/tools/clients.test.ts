// Real clients of both lines of the SDK, with servers of both lines, over streamable HTTP and stdio.

import { writingIn } from '@mcpvault/testkit/canary'
import { type ClientKind, connectClient, type McpClient } from '@mcpvault/testkit/mcp'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram } from '../support/bundle.ts'
import { type Line, loginOf, startHttp } from '../support/http-servers.ts'
import { userVault } from '../support/test-vault.ts'
import { fingerprint } from '../support/tools.ts'
import { makeToken, type User } from '../support/user-vault.ts'

const pairs = [
  ['1.x', '1.x'],
  ['2.x', '1.x'],
  ['1.x', '2.x'],
  ['2.x', '2.x'],
  ['2.x of 2026', '2.x'],
] as const satisfies readonly (readonly [ClientKind, Line])[]

interface Reached {
  readonly client: McpClient
  readonly tokens: Readonly<Record<User, string>>
}

/** Calls every tool, and looks for the values of both users in all that came back, in every encoding. */
async function expectNoLeak({ client, tokens }: Reached): Promise<void> {
  const label = '[secret:issues/token]'
  expect(await client.call('whoami')).toMatchObject({ isError: false, text: `alice ${fingerprint(tokens.alice)}` })
  expect((await client.call('leak')).text).toContain(label)
  expect(await client.call('fail')).toMatchObject({ isError: true, text: `The API refused the key ${label}.` })
  // A client that gets progress and result at once may forget whom to notify, so the messages are looked at.
  await client.call('notify', { onprogress: () => {} })
  const missing = await client.call('missing')
  expect(missing).toMatchObject({ isError: true, meta: { 'mcpvault/code': 'MCP_SECRET_MISSING' } })
  expect(missing.text).toContain('"key" for the server "search"')
  const all = client.said.join('\n')
  expect(all).toMatch(/notifications\/progress.*using \[secret:issues\/token\]/)
  for (const token of Object.values(tokens)) expect(writingIn(all, Buffer.from(token))).toBeUndefined()
}

describe('over streamable HTTP', () => {
  it.each(pairs)('[N16] a client of %s gets no value from a server of %s, in no encoding', async (kind, line) => {
    const { vault, tokens } = await userVault()
    const target = { url: await startHttp(line, vault), headers: loginOf('alice') }
    const client = await connectClient({ kind, target })
    await expectNoLeak({ client, tokens })
  })

  // A server of 1.x is made for each request, which takes most of the time.
  it.each([
    [200, '1.x'],
    [1_000, '2.x'],
  ] as const)(
    '[N1] %i parallel calls of two users of one server of %s never cross',
    { timeout: 300_000 },
    async (count, line) => {
      const { vault, tokens, auditor } = await userVault()
      const url = await startHttp(line, vault)
      const users = ['alice', 'bob'] as const
      const clients = await Promise.all(
        users.map((user) => connectClient({ kind: '1.x', target: { url, headers: loginOf(user) } })),
      )
      const calls = Array.from({ length: count / 2 }, () => users).flat()
      const answers = await Promise.all(calls.map((user) => clients[users.indexOf(user)]?.call('whoami')))
      expect(answers.map((each) => each?.text)).toEqual(calls.map((user) => `${user} ${fingerprint(tokens[user])}`))
      const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'], limit: 1_000 })
      expect(new Set(items.map(({ event }) => event.correlationId)).size).toBe(count)
    },
  )
})

describe('over stdio', () => {
  let program = ''
  beforeAll(async () => {
    program = await bundleProgram(new URL('../support/stdio-server.ts', import.meta.url))
  })

  it.each(pairs)(
    '[N16] a client of %s gets no value from a server of %s, nor from its standard error',
    async (kind, line) => {
      const tokens = { alice: makeToken(), bob: makeToken() }
      const env = { TEST_LINE: line, TEST_ALICE: tokens.alice, TEST_BOB: tokens.bob, TEST_USER: 'alice' }
      const client = await connectClient({ kind, target: { command: process.execPath, args: [program], env } })
      // Bob's value was never released in this process, so it is not known there.
      const before = client.said.length
      await expectNoLeak({ client, tokens: { ...tokens, bob: tokens.alice } })
      expect(client.said.slice(before).join('\n')).toContain('answered with the token [secret:issues/token]')
    },
  )
})
