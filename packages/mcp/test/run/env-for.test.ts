// envFor: which variable gets which secret, and what is refused by name.
import type { VaultSession } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { startSignIn } from '../../src/oauth/index.ts'
import { createRedactor } from '../../src/redact/index.ts'
import { envFor } from '../../src/run/index.ts'
import { userVault } from '../support/test-vault.ts'

async function session(): Promise<{ readonly session: VaultSession; readonly token: string }> {
  const { vault, tokens } = await userVault()
  const session = vault.as({ id: 'alice' })
  await session.scope({ server: 'app' }).set('ONE', 'first')
  await session.scope({ server: 'app' }).set('TWO', { value: 'second', other: 'third' })
  await session.scope({ server: 'io.github.acme/files' }).set('key', 'fourth')
  return { session, token: tokens.alice }
}

describe('envFor', () => {
  it('gives every usable secret of a server that is named alone', async () => {
    const { session: alice } = await session()
    await alice.scope({ server: 'app' }).set('OFF', 'never')
    await alice.scope({ server: 'app' }).deactivate('OFF')
    expect(await envFor({ session: alice, server: 'app', env: { A: 'b' } })).toEqual({
      A: 'b',
      ONE: 'first',
      TWO: 'second',
    })
  })

  it('resolves references with versions, fields and percent-encoded parts', async () => {
    const { session: alice } = await session()
    await alice.scope({ server: 'app' }).set('ONE', 'newer')
    const env = {
      OLD: 'mcpvault://app/ONE@1',
      NEW: 'mcpvault://app/ONE',
      FIELD: 'mcpvault://app/TWO#other',
      FILES: 'mcpvault://io.github.acme%2Ffiles/key',
      PLAIN: 'see mcpvault://app/ONE',
      GONE: undefined,
    }
    expect(await envFor({ session: alice, env })).toEqual({
      OLD: 'first',
      NEW: 'newer',
      FIELD: 'third',
      FILES: 'fourth',
      PLAIN: 'see mcpvault://app/ONE',
    })
  })

  it('prefers what is declared to what the caller has', async () => {
    const { session: alice } = await session()
    const env = { ONE: 'plain', TWO: 'mcpvault://app/ONE' }
    expect(await envFor({ session: alice, server: 'app', only: ['ONE'], map: { TWO: 'TWO' }, env })).toEqual({
      ONE: 'first',
      TWO: 'second',
    })
  })

  it('reads what another user shared, by its owner', async () => {
    const { vault, tokens } = await userVault()
    const bob = vault.as({ id: 'bob' }).scope({ server: 'issues' })
    await bob.share('token', { with: 'alice', permission: 'read' })
    const env = await envFor({
      session: vault.as({ id: 'alice' }),
      owner: 'bob',
      server: 'issues',
      map: { T: 'token' },
      env: {},
    })
    expect(env).toEqual({ T: tokens.bob })
  })

  it('tells a redactor the values', async () => {
    const { session: alice } = await session()
    const redactor = createRedactor()
    await alice.scope({ server: 'app' }).set('ONE', 'a longer value')
    await envFor({ session: alice, server: 'app', only: ['ONE'], env: {}, redactor })
    expect(redactor.redact('it is a longer value')).toBe('it is [secret:app/ONE]')
  })

  it('refuses what a variable cannot hold, and names all of it', async () => {
    const { session: alice } = await session()
    const scope = alice.scope({ server: 'bin' })
    await scope.set('NUL', 'a\0b')
    await scope.set('BYTES', Uint8Array.of(0xff, 0xfe))
    await scope.set('TEXT', 'fine')
    const map = { A: 'NUL', B: 'BYTES', C: 'mcpvault://bin/TEXT#field', D: 'mcpvault://app/TWO#none' }
    await expect(envFor({ session: alice, server: 'bin', map, env: {} })).rejects.toMatchObject({
      code: 'MCP_SECRET_MISSING',
      missing: ['A', 'B', 'C', 'D'].map((key) => ({ key, reason: 'malformed' })),
    })
    const all = envFor({ session: alice, server: 'bin', env: {} })
    await expect(all).rejects.toMatchObject({
      code: 'MCP_SECRET_MISSING',
      missing: expect.arrayContaining([expect.objectContaining({ key: 'NUL' })]),
    })
  })

  it.each([
    'PATH',
    'LD_PRELOAD',
    'node_options',
    'BASH_ENV',
    'PYTHONPATH',
    'JAVA_TOOL_OPTIONS',
    'GIT_SSH_COMMAND',
    'https_proxy',
  ])('sets %s, which steers programs, only where it is named', async (name) => {
    const { vault } = await userVault()
    const bob = vault.as({ id: 'bob' }).scope({ server: 'app' })
    await bob.set(name, '/tmp/of-bob')
    await bob.share(name, { with: 'alice', permission: 'read' })
    const options = { session: vault.as({ id: 'alice' }), owner: 'bob', server: 'app', env: {} }
    await expect(envFor(options)).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'server' })
    expect(await envFor({ ...options, only: [name] })).toEqual({ [name]: '/tmp/of-bob' })
  })

  it('takes no sign-in under way for a secret of the server', async () => {
    const { session: alice } = await session()
    const issuer = 'https://login.example.com'
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      code_challenge_methods_supported: ['S256'],
    }
    const resource = { resource: 'https://mcp.example.com/mcp', authorization_servers: [issuer] }
    await startSignIn(alice.scope({ server: 'app' }), {
      name: 'TOKENS',
      url: resource.resource,
      redirectUri: 'https://app.example.com/callback',
      client: { client_id: 'a-client' },
      fetch: async (url) => Response.json(String(url).startsWith(issuer) ? metadata : resource),
    })
    expect(await envFor({ session: alice, server: 'app', env: {} })).toEqual({ ONE: 'first', TWO: 'second' })
  })

  it('takes names of secrets that look alike', async () => {
    const { session: alice } = await session()
    const scope = alice.scope({ server: 'alike' })
    const names = ['GIT_TOKEN', 'NODE_AUTH_TOKEN', 'PATHS', 'JAVA_KEY', 'LDAP_PASSWORD', 'PYTHON_TOKEN', 'PROXY_KEY']
    for (const name of names) await scope.set(name, 'a value')
    expect(Object.keys(await envFor({ session: alice, server: 'alike', env: {} })).sort()).toEqual(names.sort())
  })

  it.each([
    [{ only: ['token'] }, 'only'],
    [{ map: { A: 'token' } }, 'map.A'],
    [{ server: 'issues', only: ['a-b'] }, 'only'],
    [{ server: 'issues', map: { '1A': 'token' } }, 'map'],
    [{ server: 'issues', only: ['mcpvault_key'] }, 'only'],
    [{ env: { A: 'mcpvault://' } }, 'A'],
    [{ env: { A: 'mcpvault://server' } }, 'A'],
    [{ env: { A: 'mcpvault://a/b@0' } }, 'A'],
    [{ env: { A: 'mcpvault://a/b@x' } }, 'A'],
    [{ env: { A: 'mcpvault://a/b/c' } }, 'A'],
    [{ env: { A: 'mcpvault://a/%zz' } }, 'A'],
    [{ env: { A: 'mcpvault://a/b?c' } }, 'A'],
    [{ env: { A: ' mcpvault://a/b' } }, 'A'],
    [{ env: { A: '"mcpvault://a/b"' } }, 'A'],
    [{ env: { A: 'MCPVAULT://a/b' } }, 'A'],
    [{ env: { A: 'mcpvault:a/b' } }, 'A'],
  ])('refuses %j by the name of the field', async (options, field) => {
    const { session: alice } = await session()
    const asked = envFor({ session: alice, env: {}, ...options })
    await expect(asked).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field })
  })

  it('does not guess the variable of a secret whose name is none', async () => {
    const { session: alice } = await session()
    await alice.scope({ server: 'named' }).set('api-key', 'a value')
    const asked = envFor({ session: alice, server: 'named', env: {} })
    await expect(asked).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'server' })
  })
})
