// What TypeScript knows of a wrapped tool: the names and fields of its secrets, its arguments and extra, in both lines.
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult as Result1 } from '@modelcontextprotocol/sdk/types.js'
import { McpServer as McpServer2 } from '@modelcontextprotocol/server'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type LeasedSecret, withSecrets } from '../../src/index.ts'
import { userVault } from '../support/test-vault.ts'

const info = { name: 'types', version: '1.0.0' }
const token = { token: 'github' } as const

describe('a handler for 1.x', () => {
  it('knows its arguments, its secrets and what the SDK gives', async () => {
    const { vault } = await userVault()
    const server = new McpServer1(info)
    server.registerTool(
      'a',
      { inputSchema: { title: z.string() } },
      withSecrets(vault, { secrets: { token: 'github' } }, async ({ title }, { secrets, extra }) => {
        expectTypeOf(title).toEqualTypeOf<string>()
        expectTypeOf(secrets).toEqualTypeOf<{ readonly token: LeasedSecret }>()
        expectTypeOf(extra.requestId).toEqualTypeOf<string | number>()
        // @ts-expect-error It was not declared.
        secrets.other
        return { content: [{ type: 'text', text: title }] }
      }),
    )
    server.registerTool(
      'b',
      { inputSchema: z.object({ count: z.number() }), outputSchema: { count: z.number() } },
      withSecrets(vault, { secrets: token }, ({ count }): Result1 => ({ content: [], structuredContent: { count } })),
    )
    server.registerTool(
      'c',
      {},
      withSecrets(vault, { secrets: token }, async (args, { extra }) => {
        expectTypeOf(args).toEqualTypeOf<Readonly<Record<string, never>>>()
        expectTypeOf(extra.signal).toEqualTypeOf<AbortSignal | undefined>()
        return { content: [{ type: 'text', text: 'no arguments' }] }
      }),
    )
    const text = withSecrets(vault, { secrets: token }, async () => 'text')
    // @ts-expect-error The result of a tool is an object.
    server.registerTool('d', {}, text)
    expect(Object.keys(Reflect.get(server, '_registeredTools'))).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('a handler for 2.x', () => {
  it('knows its arguments, its secrets and what the SDK gives', async () => {
    const { vault } = await userVault()
    const server = new McpServer2(info)
    const account = z.object({ user: z.string(), port: z.coerce.number() })
    const secrets = {
      account: { server: 'db', name: 'main', fields: account },
      proxy: { server: 'proxy', optional: true },
    } as const
    server.registerTool(
      'a',
      { inputSchema: z.object({ title: z.string() }) },
      withSecrets(vault, { secrets }, async ({ title }, { secrets, extra }) => {
        expectTypeOf(title).toEqualTypeOf<string>()
        expectTypeOf(secrets.account.fields()).toEqualTypeOf<{ user: string; port: number }>()
        expectTypeOf(secrets.proxy).toEqualTypeOf<LeasedSecret | undefined>()
        expectTypeOf(extra.mcpReq.id).toEqualTypeOf<string | number>()
        // @ts-expect-error The schema has no such field.
        secrets.account.fields().password
        return { content: [{ type: 'text', text: title }] }
      }),
    )
    server.registerTool(
      'b',
      {},
      withSecrets(vault, { secrets: token }, async () => ({ content: [{ type: 'text', text: 'b' }] })),
    )
    expect(Object.keys(Reflect.get(server, '_registeredTools'))).toEqual(['a', 'b'])
  })
})

describe('a handler of its own', () => {
  it('says its arguments itself, and must not contradict the tool', async () => {
    const { vault } = await userVault()
    const handler = withSecrets(vault, { secrets: token }, async ({ a }: { a: number }, { lease }) => {
      const shared = await lease({ server: 'db', name: 'main', owner: 'bob', fields: z.object({ user: z.string() }) })
      expectTypeOf(shared.fields()).toEqualTypeOf<{ user: string }>()
      return { content: [{ type: 'text' as const, text: String(a) }] }
    })
    const server = new McpServer1(info)
    server.registerTool('a', { inputSchema: { a: z.number() } }, handler)
    // @ts-expect-error The tool takes a text.
    server.registerTool('b', { inputSchema: { a: z.string() } }, handler)
    expect(Object.keys(Reflect.get(server, '_registeredTools'))).toEqual(['a', 'b'])
  })
})
