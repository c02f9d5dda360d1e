// The side of the call: what a client gets of each kind, how a call waits and goes on, and what is never asked for.
import { UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ElicitingServer } from '../../src/elicit/index.ts'
import { type ToolExtra, withSecrets } from '../../src/index.ts'
import { canary, type ElicitWorld, elicitWorld, linkIn } from '../support/elicit-world.ts'

interface Called {
  readonly content?: readonly { readonly text: string }[]
  readonly isError?: boolean
  readonly requestState?: string
  readonly resultType?: string
  readonly inputRequests?: { readonly secrets: { readonly params: { readonly url: string } } }
}

/** What the tool says when it has its token. */
const done = { content: [{ type: 'text' as const, text: 'done' }] }

interface CallOptions {
  readonly server?: ElicitingServer
  readonly extra?: object
  readonly user?: string
  readonly secrets?: Parameters<typeof withSecrets>[1]['secrets']
  readonly timeoutMs?: number
}

async function call(world: ElicitWorld, options: CallOptions = {}): Promise<Called> {
  const { server, extra = {}, user = 'alice', secrets = { token: 'issues' }, ...rest } = options
  const onMissing = world.elicitation.onMissing(server)
  const tool = withSecrets(world.vault, { secrets, principal: { id: user }, onMissing, ...rest }, () => done)
  // What comes back is looked at part by part.
  return (await tool(extra as ToolExtra)) as Called
}

const urlCapable = { elicitation: { url: {} } }

function serverOf1x(options: Partial<ElicitingServer['server']> = {}): ElicitingServer & { readonly told: string[] } {
  const told: string[] = []
  const server = {
    getClientCapabilities: () => urlCapable,
    elicitInput: () => Promise.resolve({ action: 'decline' }),
    createElicitationCompletionNotifier: (id: string) => async () => void told.push(id),
    ...options,
  }
  return { server, told }
}

/** What a server of 2.x gives for one round. */
function round(given: { state?: unknown; action?: string; capabilities?: object; signal?: AbortSignal } = {}): object {
  const { state, action, capabilities = urlCapable, signal = new AbortController().signal } = given
  return {
    mcpReq: {
      signal,
      notify: async () => {},
      envelope: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
      requestState: () => state,
      ...(action !== undefined && { inputResponses: { secrets: { action } } }),
    },
  }
}

describe('a client of 1.x that opens links', () => {
  it('gets the error -32042 with a link, is notified when it is done, and calls again', async () => {
    const world = elicitWorld()
    const server = serverOf1x()
    const error = await call(world, { server }).catch((thrown: unknown) => thrown)
    if (!(error instanceof UrlElicitationRequiredError)) throw new Error('not the error of the SDK')
    const [asked] = error.elicitations
    expect(asked).toMatchObject({ mode: 'url', elicitationId: expect.stringMatching(/^[0-9a-f]{32}$/) })
    await world.send(asked?.url ?? '', { '0.value': canary })
    expect(server.told).toEqual([asked?.elicitationId])
    expect(await call(world, { server })).toEqual(done)
  })

  it('may be asked within the call, which goes on when the user has stored it', async () => {
    const world = elicitWorld({ askBy: 'request' })
    const server = serverOf1x({
      async elicitInput({ url, elicitationId }, options) {
        expect(options).toMatchObject({ relatedRequestId: 7 })
        queueMicrotask(() => void world.send(url, { '0.value': canary }))
        expect(elicitationId).toHaveLength(32)
        return { action: 'accept' }
      },
    })
    expect(await call(world, { server, extra: { requestId: 7 } })).toEqual(done)
  })

  it.each(['decline', 'cancel'])('is refused by name when the user answers %s', async (action) => {
    const server = serverOf1x({ elicitInput: async () => ({ action }) })
    const answer = await call(elicitWorld({ askBy: 'request' }), { server })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^MCP_SECRET_MISSING/) }] })
  })

  it('gets the link as text when it opens none after all, and nothing when that took until its end', async () => {
    const world = elicitWorld({ askBy: 'request' })
    const refuses = serverOf1x({ elicitInput: () => Promise.reject(new Error('Method not found')) })
    const answer = await call(world, { server: refuses })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^MCP_SECRET_MISSING/) }] })
    expect((await world.open(linkIn(JSON.stringify(answer)))).status).toBe(200)
    const silent = serverOf1x({
      async elicitInput() {
        world.clock.advance(600_000)
        throw new Error('Request timed out')
      },
    })
    const late = await call(world, { server: silent })
    expect(late).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^MCP_SECRET_MISSING/) }] })
    expect(linkIn(JSON.stringify(late))).toBe('none')
  })

  it('may be given an error of another copy of its SDK', async () => {
    const world = elicitWorld({ urlElicitationRequired: ([each]) => new RangeError(each?.mode) })
    await expect(call(world, { server: serverOf1x() })).rejects.toThrow(RangeError)
  })
})

describe('a client of the revision 2026-07-28', () => {
  it('gets a result that asks, and its repeated call goes on when the user has stored it', async () => {
    const world = elicitWorld()
    const asked = await call(world, { extra: round() })
    expect(asked.resultType).toBe('input_required')
    await world.send(asked.inputRequests?.secrets.params.url ?? '', { '0.value': canary })
    expect(await call(world, { extra: round({ state: asked.requestState, action: 'accept' }) })).toEqual(done)
  })

  it('waits in its repeated call, and is asked to call again when that takes long, without a second question', async () => {
    const world = elicitWorld()
    const asked = await call(world, { extra: round() })
    const first = call(world, { extra: round({ state: asked.requestState, action: 'accept' }) })
    const again = await passing(world, first)
    expect(again).toEqual({ resultType: 'input_required', requestState: expect.any(String) })
    const second = call(world, { extra: round({ state: again.requestState }) })
    await world.send(asked.inputRequests?.secrets.params.url ?? '', { '0.value': canary })
    expect(await second).toEqual(done)
  })

  it('sees what the user stored by another process', async () => {
    const world = elicitWorld()
    const asked = await call(world, { extra: round() })
    const waiting = call(world, { extra: round({ state: asked.requestState, action: 'accept' }) })
    const url = asked.inputRequests?.secrets.params.url ?? ''
    const other = world.again().handler
    const page = await (await other(new Request(url, { headers: { 'x-user': 'alice' } }))).text()
    const csrf = /name="csrf" value="([\w-]+)"/.exec(page)?.[1] ?? ''
    const body = new URLSearchParams({ '0.value': canary, csrf })
    await other(new Request(url, { method: 'POST', body, headers: { 'x-user': 'alice' } }))
    expect(await passing(world, waiting)).toEqual(done)
  })

  it.each(['decline', 'cancel', undefined])('is refused by name when the user answers %s', async (action) => {
    const world = elicitWorld()
    const { requestState: state } = await call(world, { extra: round() })
    const answer = await call(world, { extra: round({ state, ...(action !== undefined && { action }) }) })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^MCP_SECRET_MISSING/) }] })
  })

  it.each([
    [
      'of another user',
      async (world: ElicitWorld) => (await call(world, { user: 'bob', extra: round() })).requestState,
    ],
    ['that is made up', async () => 'A'.repeat(120)],
    ['that is a link', async (world: ElicitWorld) => (await world.link()).split('/').at(-1)],
    ['that a hook of the server has decoded', async () => ({ phase: 'opened' })],
    [
      'that is too old',
      async (world: ElicitWorld) => {
        const { requestState } = await call(world, { extra: round() })
        world.clock.advance(600_000)
        return requestState
      },
    ],
  ])('is asked again with a state %s', async (_, stateOf) => {
    const world = elicitWorld()
    const state = await stateOf(world)
    const answer = await call(world, { extra: round({ state, action: 'accept' }) })
    expect(answer.inputRequests?.secrets.params.url).toMatch(/^https:/)
  })

  it('ends its wait when the client cancels', async () => {
    const world = elicitWorld()
    const { requestState: state } = await call(world, { extra: round() })
    const cancel = new AbortController()
    const waiting = call(world, { extra: round({ state, action: 'accept', signal: cancel.signal }) })
    cancel.abort(new RangeError('cancelled'))
    await expect(waiting).rejects.toThrow('cancelled')
  })
})

describe('a client that opens no links', () => {
  it.each([
    ['of 1.x', {}, serverOf1x({ getClientCapabilities: () => ({}) })],
    ['of 1.x with forms alone', {}, serverOf1x({ getClientCapabilities: () => ({ elicitation: {} }) })],
    ['of 1.x, of which nothing is known', {}, undefined],
    ['of 2.x', round({ capabilities: {} }), undefined],
    ['of 2.x with forms alone', round({ capabilities: { elicitation: { form: {} } } }), undefined],
  ])('%s gets the link as text, and a line for the shell', async (_, extra, server) => {
    const world = elicitWorld({ commandLine: ({ server, name }) => `vault-set ${server} ${name}` })
    const answer = await call(world, { extra, ...(server !== undefined && { server }) })
    expect(answer.isError).toBe(true)
    const text = answer.content?.[0]?.text ?? ''
    expect(text).toMatch(/^MCP_SECRET_MISSING: /)
    expect(text).toContain('Run: vault-set issues token')
    await world.send(linkIn(text), { '0.value': canary })
    expect(await call(world, { extra })).toEqual(done)
  })
})

describe('what the caller cannot help', () => {
  const cases: readonly (readonly [string, (world: ElicitWorld) => Promise<CallOptions>])[] = [
    ['a secret of another user', async () => ({ secrets: { token: { server: 'issues', owner: 'bob' } } })],
    [
      'an inactive secret',
      async ({ vault }) => {
        const scope = vault.as({ id: 'alice' }).scope({ server: 'issues' })
        await scope.set('token', 'value')
        await scope.deactivate('token')
        return {}
      },
    ],
  ]

  it.each(cases)('is not asked for: %s', async (_, prepare) => {
    const world = elicitWorld()
    const answer = await call(world, await prepare(world))
    expect(answer).toMatchObject({ isError: true })
    expect(linkIn(JSON.stringify(answer))).toBe('none')
  })
})

describe('a secret that is there', () => {
  it('and has expired is asked for, and takes the new value', async () => {
    const world = elicitWorld()
    const scope = world.vault.as({ id: 'alice' }).scope({ server: 'issues' })
    await scope.set('token', 'old', { expiresAt: new Date(world.clock.now().getTime() + 1_000) })
    world.clock.advance(2_000)
    await world.send(await world.link(), { '0.value': canary })
    expect(await call(world)).toEqual(done)
  })

  it('and is not what the declaration says is asked for, and waited for until it is stored again', async () => {
    const world = elicitWorld({ presets: { 'issues/token': 'twilio-auth-token' } })
    await world.vault.as({ id: 'alice' }).scope({ server: 'issues' }).set('token', 'one text')
    const fields = z.object({ accountSid: z.string(), authToken: z.string() })
    const secrets = { token: { server: 'issues', fields } }
    const asked = await call(world, { secrets, extra: round() })
    const extra = round({ state: asked.requestState, action: 'accept' })
    const waiting = await passing(world, call(world, { secrets, extra }))
    expect(waiting.resultType).toBe('input_required')
    const typed = { '0.accountSid': `AC${'0a'.repeat(16)}`, '0.authToken': '0b'.repeat(16) }
    const again = call(world, { secrets, extra: round({ state: waiting.requestState }) })
    await world.send(asked.inputRequests?.secrets.params.url ?? '', typed)
    expect(await again).toEqual(done)
  })
})

describe('the key of the links', () => {
  it('is the same for calls that come first at the same time', async () => {
    const world = elicitWorld()
    const urls = await Promise.all(Array.from({ length: 5 }, () => world.link()))
    expect(await Promise.all(urls.map(async (url) => (await world.open(url)).status))).toEqual([
      200, 200, 200, 200, 200,
    ])
  })

  it('belongs to a service that has a name', () => {
    expect(() => elicitWorld({ service: { id: '' } })).toThrow('principal.id must not be empty')
  })
})

/** Moves the time until the call has an answer. */
async function passing<T>({ clock }: ElicitWorld, answer: Promise<T>): Promise<T> {
  let isOver = false
  const over = answer.finally(() => {
    isOver = true
  })
  for (let turns = 0; !isOver && turns < 1_000; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(500)
  }
  return over
}
