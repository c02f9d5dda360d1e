// Tokens: one sign-in for all requests, renewed in time, got again once when the server refuses it.
import { createVault, memoryStore } from '@mcpvault/core'
import { describeWith, type StoredBao, startStoredBao } from '@mcpvault/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { login, type TransitToken, vaultTransit } from '../src/index.ts'
import { heldToken } from '../src/tokens.ts'
import { mountTransit, newToken, outcomeOf, rulesFor, wrapOf } from './support/setting.ts'

describe('the token in use', () => {
  const { signal } = new AbortController()

  function setting(expiresInMs: number | undefined) {
    let nowMs = 0
    let signIns = 0
    const source = async (): Promise<TransitToken> => {
      signIns += 1
      return { token: `token-${signIns}`, expiresInMs }
    }
    const tokens = heldToken(source, { clock: { monotonicMs: () => nowMs }, timeoutMs: 1_000 })
    return { tokens, advance: (ms: number) => (nowMs += ms), signIns: () => signIns }
  }

  it('is got once for requests at the same time', async () => {
    const { tokens, signIns } = setting(undefined)
    await Promise.all(Array.from({ length: 100 }, () => tokens.current(new AbortController().signal)))
    expect(signIns()).toBe(1)
  })

  it('is got again when two thirds of its life are over', async () => {
    const { tokens, advance } = setting(3_000)
    expect(await tokens.current(signal)).toBe('token-1')
    advance(1_999)
    expect(await tokens.current(signal)).toBe('token-1')
    advance(1)
    expect(await tokens.current(signal)).toBe('token-2')
  })

  it('is forgotten when it was refused, unless it is a newer one by now', async () => {
    const { tokens } = setting(undefined)
    const first = await tokens.current(signal)
    tokens.refused(first)
    expect(await tokens.current(signal)).toBe('token-2')
    tokens.refused(first)
    expect(await tokens.current(signal)).toBe('token-2')
  })

  it('is not lost for others when one caller aborts', async () => {
    const { tokens, signIns } = setting(undefined)
    const abort = new AbortController()
    const [first, second] = [tokens.current(abort.signal), tokens.current(signal)]
    abort.abort()
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    expect(await second).toBe('token-1')
    expect(signIns()).toBe(1)
  })

  it('is asked for again after a source that did not answer and ignores its signal', async () => {
    let signIns = 0
    const source = (): Promise<TransitToken> => {
      signIns += 1
      return signIns === 1 ? new Promise(() => undefined) : Promise.resolve({ token: 'token-2' })
    }
    const tokens = heldToken(source, { clock: { monotonicMs: () => 0 }, timeoutMs: 1 })
    await expect(tokens.current(signal)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await tokens.current(signal)).toBe('token-2')
  })

  it.each([
    ['an empty one', ''],
    ['one with a line break', 'a\nb'],
    ['no text', 7],
  ])('is never %s', async (_what, token) => {
    // As a source without types would give it.
    const source = () => ({ token }) as TransitToken
    const tokens = heldToken(source, { clock: { monotonicMs: () => 0 }, timeoutMs: 1_000 })
    await expect(tokens.current(signal)).rejects.toMatchObject({ code: 'VAULT_KEY_UNAVAILABLE', field: 'token' })
  })
})

describeWith('tokens of a real server', startStoredBao, (service) => {
  let bao: StoredBao
  let mount = ''
  beforeAll(async () => {
    bao = service()
    mount = await mountTransit(bao)
  })

  it('are got again once when they were revoked in the middle', async () => {
    const tokens: string[] = []
    const token = async (): Promise<TransitToken> => {
      tokens.push(await newToken(bao, { rules: rulesFor(mount) }))
      return { token: tokens.at(-1) ?? '' }
    }
    const provider = vaultTransit({ url: bao.url, mount, key: 'mcpvault', token })
    await wrapOf(provider)
    await bao.call('POST', 'auth/token/revoke', { token: tokens[0] })
    await wrapOf(provider)
    expect(tokens).toHaveLength(2)
  })

  it('come from AppRole, and a vault lives on them', async () => {
    await bao.call('POST', 'sys/auth/approle', { type: 'approle' })
    await bao.call('PUT', 'sys/policies/acl/server', { policy: rulesFor(mount) })
    await bao.call('POST', 'auth/approle/role/server', { token_policies: ['server'], token_ttl: '1h' })
    // As the reference of AppRole gives its answers.
    const { data: role } = (await bao.call('GET', 'auth/approle/role/server/role-id')) as { data: { role_id: string } }
    const { data: secret } = (await bao.call('POST', 'auth/approle/role/server/secret-id', {})) as {
      data: { secret_id: string }
    }
    const body = { role_id: role.role_id, secret_id: secret.secret_id }
    const token = login({ url: bao.url, path: 'auth/approle/login', body })
    const vault = createVault({
      store: memoryStore(),
      keys: vaultTransit({ url: bao.url, mount, key: 'mcpvault', token }),
    })
    const scope = vault.as({ id: 'alice' }).scope()
    await scope.set('token', 'a value')
    expect((await scope.get('token'))?.reveal()).toBe('a value')
    await vault.close()

    const wrong = login({ url: bao.url, path: 'auth/approle/login', body: { ...body, secret_id: 'another' } })
    const refused = vaultTransit({ url: bao.url, mount, key: 'mcpvault', token: wrong })
    expect(await outcomeOf(refused, () => wrapOf(refused))).toBe('denied')
  })
})
