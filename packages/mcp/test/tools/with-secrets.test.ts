// withSecrets without a transport: who calls, what the handler gets, what is refused, and by which words.
import { isSecretValue } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  boundFetch,
  callAgain,
  isMcpVaultError,
  type MissingSecret,
  type PrincipalSource,
  type ToolExtra,
  type ToolRefusal,
  withSecrets,
} from '../../src/index.ts'
import { userVault } from '../support/test-vault.ts'
import { makeToken } from '../support/user-vault.ts'

const alice = { principal: { id: 'alice' } }
const refusalWith = (code: string) => ({ isError: true, _meta: { 'mcpvault/code': code } })
const textOf = (result: ToolRefusal | object): string => ('content' in result ? JSON.stringify(result.content) : '')

describe('the handler', () => {
  it('gets the arguments and the declared secrets of the caller', async () => {
    const { vault, tokens } = await userVault()
    const tool = withSecrets(
      vault,
      { ...alice, secrets: { token: 'issues', key: { server: 'issues', name: 'token' } } },
      async ({ title }: { title: string }, { secrets, principal }) => ({
        same: secrets.token.reveal() === tokens.alice && secrets.key.reveal() === tokens.alice,
        title,
        principal: principal.id,
        named: `${secrets.key.server}/${secrets.key.name}`,
      }),
    )
    expect(await tool({ title: 'a' }, {})).toEqual({
      same: true,
      title: 'a',
      principal: 'alice',
      named: 'issues/token',
    })
  })

  it('gets fields as the schema of the declaration gives them', async () => {
    const { vault, account } = await userVault()
    await vault.as({ id: 'alice' }).scope({ server: 'db' }).set('main', { host: 'db.example.com', port: '5432' })
    const fields = z.object({ host: z.string(), port: z.coerce.number() })
    const tool = withSecrets(
      vault,
      { ...alice, secrets: { account: 'issues', db: { server: 'db', name: 'main', fields } } },
      (_args: object, { secrets }) => {
        const port: number = secrets.db.fields().port
        return { port, isSame: secrets.account.fields()['password'] === account.password }
      },
    )
    expect(await tool({}, {})).toEqual({ port: 5432, isSame: true })
  })

  it('gets undefined for an optional secret that is not there', async () => {
    const { vault } = await userVault()
    const secrets = { token: 'issues', proxy: { server: 'proxy', optional: true } } as const
    const tool = withSecrets(vault, { ...alice, secrets }, (_args: object, call) => ({
      proxy: call.secrets.proxy ?? 'none',
    }))
    expect(await tool({}, {})).toEqual({ proxy: 'none' })
  })

  it('is called with no arguments when the SDK gives extra alone', async () => {
    const { vault } = await userVault()
    const tool = withSecrets(vault, { ...alice, secrets: {} }, (args, { extra }) => ({
      args,
      session: extra.sessionId,
    }))
    expect(await tool({ sessionId: 'one' })).toEqual({ args: {}, session: 'one' })
  })

  it('gets a secret that another user shared, by its owner', async () => {
    const { vault, tokens } = await userVault()
    const bob = vault.as({ id: 'bob' }).scope({ server: 'issues' })
    await bob.share('token', { with: 'alice', permission: 'read' })
    const tool = withSecrets(vault, { ...alice, secrets: {} }, async ({ owner }: { owner: string }, { lease }) => {
      const token = await lease({ owner, server: 'issues', name: 'token' })
      return { isSame: token.reveal() === tokens.bob }
    })
    expect(await tool({ owner: 'bob' }, {})).toEqual({ isSame: true })
    await bob.unshare('token', { with: 'alice' })
    const refused = await tool({ owner: 'bob' }, {})
    expect(refused).toMatchObject(refusalWith('MCP_SECRET_MISSING'))
    expect(textOf(refused)).toBe(textOf(await tool({ owner: 'nobody' }, {})))
  })

  it('[T51] has one correlation id for all that it does, and another in each call', async () => {
    const { vault, auditor } = await userVault()
    const secrets = { token: 'issues', account: 'issues' }
    const tool = withSecrets(vault, { ...alice, secrets }, async (_args: object, { correlationId }) => {
      await vault.as({ id: 'alice' }).scope({ server: 'issues' }).describe('token')
      return { correlationId }
    })
    const results = await Promise.all([tool({}, {}), tool({}, {})])
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed', 'secret.listed'] })
    const ids = items.map(({ event }) => event.correlationId)
    expect(new Set(ids).size).toBe(2)
    expect(ids).toHaveLength(6)
    for (const result of results) expect(ids).toContain(Reflect.get(result, 'correlationId'))
  })

  it('leaves the facts that the host gives in the events', async () => {
    const { vault, auditor } = await userVault()
    const context = (extra: ToolExtra) => ({ userAgent: `test ${extra.sessionId}`, correlationId: 'request 7' })
    const tool = withSecrets(vault, { ...alice, context, secrets: { token: 'issues' } }, () => ({}))
    await tool({ sessionId: 'one' })
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'] })
    expect(items.map(({ event }) => event)).toMatchObject([{ userAgent: 'test one', correlationId: 'request 7' }])
  })

  it('cannot print a secret by accident', async () => {
    const { vault } = await userVault()
    const tool = withSecrets(
      vault,
      { ...alice, secrets: { token: 'issues' } },
      (_args: object, { secrets: { token } }) => ({
        texts: [`${token}`, JSON.stringify({ token }), String(token), `${token.toJSON()}`],
        isSecret: isSecretValue(token),
      }),
    )
    const mask = '[secret]'
    expect(await tool({}, {})).toEqual({ texts: [mask, `{"token":"${mask}"}`, mask, mask], isSecret: true })
  })
})

describe('the principal', () => {
  const whoami = (vault: Parameters<typeof withSecrets>[0], principal?: PrincipalSource) =>
    withSecrets(
      vault,
      { secrets: { token: 'issues' }, ...(principal === undefined ? {} : { principal }) },
      (_args: object, call) => ({ user: call.principal.id }),
    )

  it.each([
    ['1.x, by sub', { authInfo: { extra: { sub: 'bob' } } }],
    ['1.x, by userId', { authInfo: { extra: { userId: 'bob' } } }],
    ['2.x, by sub', { http: { authInfo: { extra: { sub: 'bob', userId: 'bob' } } } }],
  ])('[N19] is the user of the verified token in %s', async (_line, extra) => {
    const { vault } = await userVault()
    expect(await whoami(vault)({}, extra)).toEqual({ user: 'bob' })
  })

  it('[N19] is what the resolver finds in extra, and never an argument', async () => {
    const { vault } = await userVault()
    const tool = whoami(vault, async (extra) => ({ id: extra.sessionId === 'of bob' ? 'bob' : 'alice' }))
    const claims = { principal: { id: 'alice' }, user: 'alice', sub: 'alice', authInfo: { extra: { sub: 'alice' } } }
    expect(await tool(claims, { sessionId: 'of bob' })).toEqual({ user: 'bob' })
  })

  it.each([
    ['nobody is signed in', {}],
    ['the token names a program alone', { authInfo: { clientId: 'alice', token: 'alice' } }],
    ['the user is empty', { authInfo: { extra: { sub: '' } } }],
    ['the user is no text', { authInfo: { extra: { sub: 7 } } }],
    ['the token names two users', { authInfo: { extra: { sub: 'alice', userId: 'bob' } } }],
  ])('is required by name when %s', async (_why, extra) => {
    const { vault, auditor } = await userVault()
    expect(await whoami(vault)({ sub: 'alice' }, extra)).toMatchObject(refusalWith('MCP_PRINCIPAL_MISSING'))
    const { items } = await vault.as(auditor).auditLog({ actions: ['secret.accessed'] })
    expect(items).toEqual([])
  })

  it.each([undefined, null, {}, { id: '' }, { id: 7 }, 'alice'])('is required of a resolver too: %j', async (found) => {
    const { vault } = await userVault()
    const extra = { authInfo: { extra: { sub: 'alice' } } }
    // Wrong on purpose, as JavaScript could be.
    const refused = await whoami(vault, () => found as never)({}, extra)
    expect(refused).toMatchObject(refusalWith('MCP_PRINCIPAL_MISSING'))
  })
})

describe('a secret that cannot be used', () => {
  it('refuses the call before the handler, with all of them, what is wrong with each, and what to do', async () => {
    const { vault, account } = await userVault()
    const scope = vault.as({ id: 'alice' }).scope({ server: 'issues' })
    await scope.set('off', makeToken())
    await scope.deactivate('off')
    const secrets = {
      none: 'github',
      off: 'issues',
      account: { server: 'issues', fields: z.object({ user: z.string(), realm: z.string() }) },
      token: { server: 'issues', fields: z.object({ user: z.string() }) },
    }
    const howToStore = ({ server, name }: MissingSecret): string => `See https://vault.example.com/${server}/${name}.`
    let calls = 0
    const tool = withSecrets(vault, { ...alice, secrets, howToStore }, () => ({ calls: calls++ }))
    const refused = await tool({})
    expect(calls).toBe(0)
    expect(refused).toMatchObject(refusalWith('MCP_SECRET_MISSING'))
    expect(Reflect.get(Reflect.get(refused, '_meta'), 'mcpvault/missing')).toEqual([
      { key: 'none', owner: 'alice', server: 'github', name: 'none', reason: 'missing' },
      { key: 'off', owner: 'alice', server: 'issues', name: 'off', reason: 'inactive' },
      { key: 'account', owner: 'alice', server: 'issues', name: 'account', reason: 'malformed', fields: ['realm'] },
      { key: 'token', owner: 'alice', server: 'issues', name: 'token', reason: 'malformed', fields: [] },
    ])
    const text = textOf(refused)
    expect(text).toContain('MCP_SECRET_MISSING: 4 secrets cannot be used:')
    expect(text).toContain('See https://vault.example.com/github/none.')
    for (const value of Object.values(account)) expect(text).not.toContain(value)
  })

  it('is asked for by onMissing, whose result is that of the call', async () => {
    const { vault } = await userVault()
    const seen: unknown[] = []
    const tool = withSecrets(
      vault,
      {
        ...alice,
        secrets: { none: 'github' },
        onMissing(missing, { principal, extra }) {
          seen.push(missing, principal.id, extra.sessionId)
          return { resultType: 'input_required' }
        },
      },
      () => ({}),
    )
    expect(await tool({ sessionId: 'one' })).toEqual({ resultType: 'input_required' })
    expect(seen).toEqual([[expect.objectContaining({ key: 'none', reason: 'missing' })], 'alice', 'one'])
  })

  it('may make onMissing throw what the SDK knows, and is refused as usual when it returns nothing', async () => {
    const { vault } = await userVault()
    const wanted = Object.assign(new Error('Open a page'), { code: -32042 })
    const options = { ...alice, secrets: { none: 'github' } }
    const asking = withSecrets(vault, { ...options, onMissing: () => Promise.reject(wanted) }, () => ({}))
    await expect(asking({})).rejects.toMatchObject({ message: 'Open a page', code: -32042 })
    const silent = withSecrets(vault, { ...options, onMissing: () => undefined }, () => ({}))
    expect(await silent({})).toMatchObject(refusalWith('MCP_SECRET_MISSING'))
  })

  it('is refused in the same words when a boundFetch misses it', async () => {
    const { vault } = await userVault()
    const howToStore = 'See the settings page.'
    const asked: unknown[] = []
    const tool = withSecrets(
      vault,
      { ...alice, secrets: {}, howToStore, onMissing: (missing) => void asked.push(...missing) },
      async ({ owner }: { owner: string }, { session }) => {
        const scope = session.scope({ owner, server: 'issues' })
        await boundFetch({ scope, name: 'none', hosts: ['api.example.com'] })('https://api.example.com/')
        return {}
      },
    )
    const own = await tool({ owner: 'alice' }, {})
    expect(own).toMatchObject(refusalWith('MCP_SECRET_MISSING'))
    expect(textOf(own)).toContain(`Store it in the vault under this server and name, then try again. ${howToStore}`)
    expect(textOf(await tool({ owner: 'bob' }, {}))).toContain('of another user: there is none that you may use')
    expect(asked).toMatchObject([
      { owner: 'alice', name: 'none' },
      { owner: 'bob', name: 'none' },
    ])
  })

  it('may make onMissing store it and the call begin again, once', async () => {
    const { vault } = await userVault()
    let asked = 0
    const calling = (stored: string) =>
      withSecrets(
        vault,
        {
          ...alice,
          secrets: { none: 'github' },
          howToStore: 'See the settings page.',
          async onMissing(_missing, { session }) {
            asked += 1
            await session.scope({ server: 'github' }).set(stored, 'now there')
            return callAgain
          },
        },
        (_args, { secrets: { none } }) => ({ length: none.reveal().length }),
      )
    const refused = await calling('another')({})
    expect(refused).toMatchObject(refusalWith('MCP_SECRET_MISSING'))
    expect(textOf(refused)).toContain('See the settings page.')
    expect(asked).toBe(1)
    expect(await calling('none')({})).toEqual({ length: 9 })
  })

  it('of another user is never used instead', async () => {
    const { vault, tokens } = await userVault()
    await vault.as({ id: 'service' }).scope({ server: 'search' }).set('key', tokens.bob)
    const tool = withSecrets(vault, { ...alice, secrets: { key: 'search' } }, () => ({}))
    expect(await tool({})).toMatchObject(refusalWith('MCP_SECRET_MISSING'))
  })
})

describe('a vault that cannot be used', () => {
  it('refuses the call with its code', async () => {
    const { vault } = await userVault()
    await vault.close()
    const tool = withSecrets(vault, { ...alice, secrets: { token: 'issues' } }, () => ({}))
    expect(await tool({})).toMatchObject(refusalWith('VAULT_CLOSED'))
  })
})

describe('declarations and options that make no sense', () => {
  it.each([
    [{ token: '' }, 'secrets.token.server'],
    [{ token: { server: 'issues', name: '' } }, 'secrets.token.name'],
    [{ token: { server: 'issues', owner: '' } }, 'secrets.token.owner'],
    [{ token: { server: 'issues', fields: {} } }, 'secrets.token.fields'],
    [{ token: { server: 'issues', fallback: 'x' } }, 'secrets.token.fallback'],
  ])('%j: an error that names %s', async (secrets, field) => {
    const { vault } = await userVault()
    // Wrong on purpose, as JavaScript could be.
    const make = () => withSecrets(vault, { ...alice, secrets: secrets as never }, () => ({}))
    expect(make).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field }))
  })

  it.each([0, -1, 1.5, 86_400_001, Number.NaN])('a time limit of %s ms is refused', async (timeoutMs) => {
    const { vault } = await userVault()
    const make = () => withSecrets(vault, { ...alice, secrets: {}, timeoutMs }, () => ({}))
    expect(make).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field: 'timeoutMs' }))
  })

  it('an error of the package is known by its code', () => {
    expect(isMcpVaultError(new Error('no'))).toBe(false)
    expect(isMcpVaultError(undefined, 'MCP_SECRET_MISSING')).toBe(false)
  })
})
