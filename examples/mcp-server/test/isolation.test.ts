// Two users of one server: each gets their own secret, whatever the model puts into the arguments of a tool.
import { describe, expect, it } from 'vitest'
import { principalFromEnvironment } from '../src/principal.mjs'
import { startCast } from './support/cast.ts'
import { vaultFolder } from './support/vault-folder.ts'

describe('two users with a secret of the same server and name', () => {
  it('[N1] get each their own in 1,000 interleaved concurrent calls', async () => {
    const { vault, tokens } = await vaultFolder()
    const scopes = (['alice', 'bob'] as const).map((user) => ({
      own: tokens[user],
      scope: vault.as({ id: user }).scope({ server: 'issues' }),
    }))
    const reads = Array.from({ length: 500 }, () => scopes).flat()
    const values = await Promise.all(reads.map(async ({ scope }) => (await scope.get('token'))?.reveal()))
    expect(values).toEqual(reads.map(({ own }) => own))
    expect(values).toHaveLength(1_000)
  })

  it('[N1] are told apart in concurrent tool calls through the MCP client', async () => {
    const { alice, bob } = await startCast()
    const calls = Array.from({ length: 50 }, () => [alice, bob]).flat()
    const answers = await Promise.all(calls.map((user) => user.call('whoami')))
    expect(answers).toEqual(calls.map(({ user }) => ({ ok: true, text: user })))
  })
})

describe('the principal', () => {
  it('[N19] is never read from the arguments of a tool', async () => {
    const { bob } = await startCast()
    const claims = ['user', 'principal', 'owner', 'id', 'EXAMPLE_USER', '_meta', '__proto__']
    for (const [index, name] of claims.entries()) {
      const args = JSON.parse(`{"title":"Test","${name}":"alice"}`)
      expect(await bob.call('create_issue', args)).toEqual({ ok: true, text: `#${index + 1} "Test" by bob` })
      expect(await bob.call('whoami', args)).toEqual({ ok: true, text: 'bob' })
    }
    const object = { title: 'Test', principal: { id: 'alice', roles: ['operator'] }, authInfo: { clientId: 'alice' } }
    expect((await bob.call('create_issue', object)).text).toBe(`#${claims.length + 1} "Test" by bob`)
  })

  it('[N19] is the user that the host started the process for', () => {
    expect(principalFromEnvironment({ EXAMPLE_USER: 'alice', USER: 'bob' })).toEqual({ id: 'alice' })
  })

  it.each([{}, { EXAMPLE_USER: '' }, { USER: 'alice' }])('is required: %j', (env) => {
    expect(() => principalFromEnvironment(env)).toThrow('EXAMPLE_USER')
  })
})

describe('the tokens', () => {
  it('are in no result, no output of the server and no URL, also when the API refuses them', async () => {
    const { alice, bob, api, tokens, vault } = await startCast()
    const invalid = 'a-token-that-the-api-does-not-know'
    await vault.as({ id: 'bob' }).scope({ server: 'issues' }).set('token', invalid)
    expect(await alice.call('whoami')).toEqual({ ok: true, text: 'alice' })
    expect(await bob.call('whoami')).toEqual({ ok: false, text: 'The issues API answered 401.' })
    const heard = [...alice.heard, ...bob.heard, ...api.requests].join('\n')
    expect(heard).toContain('GET /user')
    for (const token of [...Object.values(tokens), invalid]) expect(heard).not.toContain(token)
  })
})
