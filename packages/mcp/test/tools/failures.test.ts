// What leaves a call has no value in it: results, errors with their causes, notifications and requests to the client.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { boundFetch, type ToolExtra, withSecrets } from '../../src/index.ts'
import { apiKey, basic, bearer, env, oauth } from '../../src/oauth/index.ts'
import { userVault } from '../support/test-vault.ts'

const options = { principal: { id: 'alice' }, secrets: { token: 'issues' } } as const
const label = '[secret:issues/token]'

describe('a result', () => {
  it('[N16] has a label where the value was, in text, structured content, blobs and _meta', async () => {
    const { vault, tokens } = await userVault()
    const tool = withSecrets(vault, options, (_args: object, { secrets }) => {
      const value = secrets.token.reveal()
      return {
        content: [
          { type: 'text', text: `It is ${value}.` },
          { type: 'resource', resource: { uri: `a:${value}`, text: value } },
        ],
        structuredContent: { deep: [{ value }] },
        _meta: { value },
      }
    })
    const result = await tool({}, {})
    expect(JSON.stringify(result)).not.toContain(tokens.alice)
    expect(result).toEqual({
      content: [
        { type: 'text', text: `It is ${label}.` },
        { type: 'resource', resource: { uri: `a:${label}`, text: label } },
      ],
      structuredContent: { deep: [{ value: label }] },
      _meta: { value: label },
    })
  })
})

describe('a value that is a word of the protocol', () => {
  it('changes no result, refusal and notification of another user', async () => {
    const { vault } = await userVault()
    const words = ['content', 'structuredContent', 'isError', 'resource', 'method', 'params', 'notifications/message']
    const values = [...words, 'mcpvault/code', 'MCP_SECRET_MISSING']
    const mallory = vault.as({ id: 'mallory' }).scope({ server: 'words' })
    for (const [at, value] of values.entries()) await mallory.set(`w${at}`, value)
    const declared = Object.fromEntries(values.map((_, at) => [`w${at}`, 'words']))
    const lease = withSecrets(vault, { principal: { id: 'mallory' }, secrets: declared }, () => ({ content: [] }))
    expect(await lease({})).toEqual({ content: [] })
    const result = {
      content: [{ type: 'resource' as const, resource: { uri: 'a:b', text: 'the content' } }],
      structuredContent: { isError: 'no' },
    }
    const sent: unknown[] = []
    const extra = { sendNotification: async (given: unknown): Promise<void> => void sent.push(given) }
    const notification = { method: 'notifications/message', params: { level: 'info', data: 'x' } }
    const tool = withSecrets(vault, options, async (_args: object, call: { extra: typeof extra }) => {
      await call.extra.sendNotification(notification)
      return result
    })
    const shown = { uri: 'a:b', text: 'the [secret:words/w0]' }
    expect(await tool({}, extra)).toEqual({ ...result, content: [{ type: 'resource', resource: shown }] })
    expect(sent).toEqual([notification])
    const missing = withSecrets(vault, { ...options, secrets: { none: 'issues' } }, () => result)
    expect(await missing({})).toMatchObject({ isError: true, _meta: { 'mcpvault/code': 'MCP_SECRET_MISSING' } })
  })
})

describe('a credential', () => {
  const hosts = ['api.example.com']
  const refresh = {
    token_endpoint: 'https://login.example.com/token',
    client_id: 'a-client',
    client_secret: 'a-client-secret',
    scope: 'read:all',
    resource: 'https://mcp.example.com/mcp',
    issuer: 'https://login.example.com',
  }
  const answer = { access_token: 'token-of-alice', refresh_token: 'refresh-of-alice', expires_in: 3_600 }

  it.each([
    ['bearer', bearer({ token: 'token-of-alice', hosts }), ['token']],
    ['basic', basic({ user: 'alice@example.com', password: 'password-of-alice', hosts }), ['password']],
    ['api-key', apiKey({ in: 'header', name: 'x-api-key', value: 'key-of-alice', hosts }), ['value']],
    ['env', env({ variable: 'API_KEY', value: 'key-of-alice', hosts }), ['value']],
    ['oauth', oauth({ answer, refresh, hosts }), ['access_token', 'refresh_token', 'client_secret']],
  ])('[N16] of the kind %s loses its secrets, and no word that is none', async (_kind, { value, settings }, secret) => {
    const { vault } = await userVault()
    await vault.as({ id: 'alice' }).scope({ server: 'crm' }).set('login', value, settings)
    const declared = { principal: { id: 'alice' }, secrets: { login: 'crm' } } as const
    const tool = withSecrets(vault, declared, (_args: object, { secrets }) => ({ ...secrets.login.fields() }))
    const shown = Object.fromEntries(secret.map((field) => [field, `[secret:crm/login#${field}]`]))
    expect(await tool({}, {})).toEqual({ ...value, ...shown })
  })
})

describe('an error', () => {
  it('[N16] has none in its message, stack, data and causes, and stays what it is', async () => {
    const { vault, tokens } = await userVault()
    const tool = withSecrets(vault, options, (_args: object, { secrets }) => {
      const value = secrets.token.reveal()
      const cause = new AggregateError([new TypeError(`inner ${value}`)], `cause ${value}`)
      throw Object.assign(new RangeError(`outer ${value}`, { cause }), { code: -32000, data: { value } })
    })
    const error = await tool({}, {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({
      message: `outer ${label}`,
      code: -32000,
      data: { value: label },
      cause: { message: `cause ${label}`, errors: [{ message: `inner ${label}` }] },
    })
    const shown = [error, Reflect.get(Object(error), 'cause')].flatMap((each) => [
      String(each),
      Reflect.get(each, 'stack'),
    ])
    expect(shown.join('\n')).toContain('RangeError')
    expect(shown.join('\n')).not.toContain(tokens.alice)
  })

  it('without a value says what it said, also when its causes are a circle', async () => {
    const { vault } = await userVault()
    const thrown = new Error('no')
    thrown.cause = thrown
    const tool = withSecrets(vault, options, () => Promise.reject(thrown))
    await expect(tool({})).rejects.toMatchObject({ message: 'no' })
  })

  it('[N16] that is a circle and has a value comes to an end', async () => {
    const { vault, tokens } = await userVault()
    const tool = withSecrets(vault, options, (_args: object, { secrets }) => {
      const thrown = new Error(secrets.token.reveal())
      thrown.cause = thrown
      throw thrown
    })
    const error = await tool({}, {}).catch((each: unknown) => each)
    expect(error).toMatchObject({ message: label })
    expect(Reflect.get(Object(error), 'cause')).toBe(error)
    expect(inspect(error)).not.toContain(tokens.alice)
  })

  it('of an aborted request stays what it is', async () => {
    const { vault } = await userVault()
    const tool = withSecrets(vault, options, () => Promise.reject(AbortSignal.abort().reason))
    await expect(tool({})).rejects.toMatchObject({ name: 'AbortError', message: 'This operation was aborted' })
  })

  it('of a bound fetch is a result by its code', async () => {
    const { vault } = await userVault()
    const redirect = { status: 302, headers: { location: 'http://b.example/' } }
    const tool = withSecrets(vault, options, async (_args: object, { session, redactor }) => {
      const scope = session.scope({ server: 'issues' })
      const hosts = ['a.example']
      const send = async (): Promise<Response> => new Response(null, redirect)
      await boundFetch({ scope, name: 'token', hosts, redactor, fetch: send })('https://a.example/')
      return {}
    })
    expect(await tool({}, {})).toMatchObject({
      isError: true,
      _meta: { 'mcpvault/code': 'MCP_DESTINATION_REFUSED' },
    })
  })

  it('[N16] that is no Error has none either', async () => {
    const { vault } = await userVault()
    const tool = withSecrets(vault, options, (_args: object, { secrets }) => Promise.reject(secrets.token.reveal()))
    await expect(tool({}, {})).rejects.toBe(label)
  })
})

describe('what is sent beside the result', () => {
  it('[N16] has none also when what the SDK gives is frozen', async () => {
    const { vault } = await userVault()
    const sent: unknown[] = []
    const notify = async (given: unknown): Promise<void> => void sent.push(given)
    const { signal } = new AbortController()
    const extra = Object.freeze({ sendNotification: notify, mcpReq: Object.freeze({ signal, notify }) })
    const tool = withSecrets(
      vault,
      options,
      async (_args: object, call: { secrets: { token: { reveal(): string } }; extra: typeof extra }) => {
        await call.extra.mcpReq.notify({ value: call.secrets.token.reveal() })
        await call.extra.sendNotification({ value: call.secrets.token.reveal() })
        return { isSame: call.extra.mcpReq.signal === signal }
      },
    )
    expect(await tool({}, extra)).toEqual({ isSame: true })
    expect(sent).toEqual([{ value: label }, { value: label }])
  })

  it('[N16] has none: progress, logs and requests of 1.x, whose schema and options are left as they are', async () => {
    const { vault } = await userVault()
    const sent: unknown[] = []
    const schema = { parse: () => 1 }
    const extra: ToolExtra & {
      sendRequest(...given: unknown[]): unknown
      sendNotification(given: object): Promise<void>
    } = {
      sendNotification: async (given) => void sent.push(given),
      sendRequest: (...given) => sent.push(...given),
    }
    const tool = withSecrets(
      vault,
      options,
      async (_args: object, call: { secrets: { token: { reveal(): string } }; extra: typeof extra }) => {
        const value = call.secrets.token.reveal()
        await call.extra.sendNotification({ method: 'notifications/progress', params: { message: value } })
        call.extra.sendRequest({ method: 'sampling/createMessage', params: { value } }, schema, call.extra)
        return {}
      },
    )
    await tool({}, extra)
    expect(sent).toEqual([
      { method: 'notifications/progress', params: { message: label } },
      { method: 'sampling/createMessage', params: { value: label } },
      schema,
      expect.anything(),
    ])
    expect(sent[2]).toBe(schema)
  })

  it('[N16] has none: notifications, logs and requests of 2.x', async () => {
    const { vault } = await userVault()
    const sent: unknown[] = []
    const push = async (...given: unknown[]): Promise<void> => void sent.push(given)
    const { signal } = new AbortController()
    const extra = { mcpReq: { signal, notify: push, send: push, log: push, elicitInput: push, requestSampling: push } }
    const tool = withSecrets(
      vault,
      options,
      async (_args: object, call: { secrets: { token: { reveal(): string } }; extra: typeof extra }) => {
        const value = call.secrets.token.reveal()
        const { mcpReq } = call.extra
        await mcpReq.notify({ value })
        await mcpReq.send({ value }, signal)
        await mcpReq.log('info', { value }, value)
        await mcpReq.elicitInput({ value })
        await mcpReq.requestSampling({ value })
        return { isSame: mcpReq.signal === signal }
      },
    )
    expect(await tool({}, extra)).toEqual({ isSame: true })
    const clean = { value: label }
    expect(sent).toEqual([[clean], [clean, signal], ['info', clean, label], [clean], [clean]])
  })
})
