// Real clients of both lines, with and without the capability: what goes over the wire, and that the call goes on.
import { type ClientKind, connectClient, type Message } from '@mcpvault/testkit/mcp'
import { ElicitationCompleteNotificationSchema, ElicitRequestURLParamsSchema } from '@modelcontextprotocol/sdk/types.js'
import { isSpecType } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { serveElicitation } from '../support/elicit-servers.ts'
import { canary, elicitWorld, linkIn } from '../support/elicit-world.ts'
import type { Line } from '../support/http-servers.ts'
import { fingerprint } from '../support/tools.ts'

const urlCapable = { elicitation: { url: {} } }

/** As both lines publish the shape of the revision 2025-11-25. */
function expectUrlParams(params: unknown): void {
  expect(ElicitRequestURLParamsSchema.safeParse(params).error).toBeUndefined()
  expect(isSpecType.ElicitRequestURLParams(params)).toBe(true)
}

describe('a client that opens links, of a server of 1.x', () => {
  it.each(['1.x', '2.x'] as const)('of %s gets -32042, is notified when it is done, and calls again', async (kind) => {
    const world = elicitWorld()
    const url = await serveElicitation(kind, '1.x', world)
    const client = await connectClient({ kind, target: { url }, capabilities: urlCapable })
    await expect(client.call('whoami')).rejects.toMatchObject({ code: -32_042 })
    const { error } = await client.message((message) => message.error !== undefined)
    const [asked] = error?.data?.elicitations ?? []
    expectUrlParams(asked)
    const { url: link, elicitationId } = Object(asked)
    if (kind === '1.x') await client.listening
    await world.send(link, { '0.value': canary })
    if (kind === '1.x') {
      const told = await client.message(({ method }) => method === 'notifications/elicitation/complete')
      expect(ElicitationCompleteNotificationSchema.safeParse(told).error).toBeUndefined()
      expect(told.params).toMatchObject({ elicitationId })
    }
    expect((await client.call('whoami')).text).toBe(fingerprint(canary))
    expectNoValue(client.received)
  })

  it.each(['1.x', '2.x'] as const)('of %s is asked within the call, which goes on', async (kind) => {
    const world = elicitWorld({ askBy: 'request' })
    const url = await serveElicitation(kind, '1.x', world)
    const answer = async (params: Readonly<Record<string, unknown>>) => {
      expectUrlParams(params)
      await world.send(String(params['url']), { '0.value': canary })
      return 'accept' as const
    }
    const client = await connectClient({ kind, target: { url }, capabilities: urlCapable, answer })
    expect((await client.call('whoami')).text).toBe(fingerprint(canary))
    expectNoValue(client.received)
  })
})

describe('a client that opens links, of a server of 2.x', () => {
  it.each(['1.x', '2.x', '2.x of 2026'] as const)('of %s goes on with the same call', async (kind) => {
    const world = elicitWorld()
    const url = await serveElicitation(kind, '2.x', world)
    const asked: Readonly<Record<string, unknown>>[] = []
    const client = await connectClient({
      kind,
      target: { url },
      capabilities: urlCapable,
      async answer(params) {
        asked.push(params)
        // The user agrees first and types later: the call waits.
        setImmediate(() => void world.send(String(params['url']), { '0.value': canary }))
        return 'accept'
      },
    })
    expect((await client.call('whoami')).text).toBe(fingerprint(canary))
    expect(asked).toHaveLength(1)
    const required = client.received.find(({ result }) => result?.['resultType'] === 'input_required')?.result
    if (kind !== '2.x of 2026') {
      expect(required).toBeUndefined()
      expectUrlParams(client.received.find(({ method }) => method === 'elicitation/create')?.params)
    } else {
      // The client has checked it by the schema of its revision; its shape has no elicitationId.
      expect(required).toMatchObject({
        inputRequests: {
          secrets: {
            method: 'elicitation/create',
            params: { mode: 'url', message: expect.any(String), url: asked[0]?.['url'] },
          },
        },
        requestState: expect.stringMatching(/^[\w-]+$/),
      })
      expect(JSON.stringify(required)).not.toContain('elicitationId')
    }
    expectNoValue(client.received)
  })

  it.each([
    ['without a URL', { mode: 'url', message: 'Open it.' }],
    ['without a message', { mode: 'url', url: 'https://app.example.com/' }],
  ])('of the revision 2026-07-28 would refuse a question %s', async (_, params) => {
    const world = elicitWorld()
    const broken = {
      resultType: 'input_required',
      inputRequests: { secrets: { method: 'elicitation/create', params } },
    }
    const elicitation = { ...world.elicitation, onMissing: () => () => broken }
    const url = await serveElicitation('2.x of 2026', '2.x', { ...world, elicitation })
    const client = await connectClient({ kind: '2.x of 2026', target: { url }, capabilities: urlCapable })
    await expect(client.call('whoami')).rejects.toThrow()
  })

  it.each(['1.x', '2.x', '2.x of 2026'] as const)('of %s is refused by name when its user declines', async (kind) => {
    const world = elicitWorld()
    const url = await serveElicitation(kind, '2.x', world)
    const client = await connectClient({ kind, target: { url }, capabilities: urlCapable })
    expect((await client.call('whoami')).text).toMatch(/^MCP_SECRET_MISSING: /)
  })
})

describe('a client that opens no links', () => {
  const pairs = [
    ['1.x', '1.x'],
    ['2.x', '1.x'],
    ['1.x', '2.x'],
    ['2.x', '2.x'],
    ['2.x of 2026', '2.x'],
  ] as const satisfies readonly (readonly [ClientKind, Line])[]
  const cases = pairs.flatMap((pair) => [
    { pair, capabilities: {} },
    { pair, capabilities: { elicitation: { form: {} } } },
  ])

  it.each(cases)(
    'gets the link as text, and never a form: $pair with $capabilities',
    async ({ pair, capabilities }) => {
      const [kind, line] = pair
      const world = elicitWorld()
      const url = await serveElicitation(kind, line, world)
      const client = await connectClient({ kind, target: { url }, capabilities })
      const { text } = await client.call('whoami')
      expect(text).toMatch(/^MCP_SECRET_MISSING: /)
      await world.send(linkIn(text), { '0.value': canary })
      expect((await client.call('whoami')).text).toBe(fingerprint(canary))
      expect(client.received.filter(({ method }) => method === 'elicitation/create')).toEqual([])
      expectNoValue(client.received)
    },
  )
})

function expectNoValue(received: readonly Message[]): void {
  expect(received.length).toBeGreaterThan(0)
  expect(JSON.stringify(received)).not.toContain(canary)
}
