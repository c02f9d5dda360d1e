// The secrets of a KV version 2 engine on a real server: listed, read, imported, refused.
import { createVault, memoryStore } from '@mcpvault/core'
import { importSecrets } from '@mcpvault/core/import'
import { describeWith, type StoredBao, startStoredBao } from '@mcpvault/testkit'
import { codeOf } from '@mcpvault/testkit/vaults'
import { beforeAll, expect, it } from 'vitest'
import { vaultTransit } from '../src/index.ts'
import { kvEngine } from '../src/kv/engine.ts'
import { type KvOptions, kvSecrets, login } from '../src/kv/index.ts'
import { parseKvOptions } from '../src/kv/options.ts'
import { walk } from '../src/kv/walk.ts'
import { requestSender } from '../src/requests.ts'
import { allOf, mountKv, mountTransit, newToken, putAll } from './support/setting.ts'

const clock = { monotonicMs: () => 0 }
const noWait = async (): Promise<void> => undefined

describeWith('the secrets of a KV engine', startStoredBao, (service) => {
  let bao: StoredBao
  let mount = ''
  beforeAll(async () => {
    bao = service()
    mount = await mountKv(bao)
    await putAll(bao, mount, {
      'sentia/database': { user: 'sentia', password: 'of the first version' },
      'sentia/integrations': { xero: 'of xero', port: 5432, isLive: true },
      'sentia/deep/er/token': { value: 'deep' },
      sentia: { value: 'beside its folder' },
      'odd/sp%20ace%23%3F%25': { value: 'odd' },
      'odd/%C3%BC%F0%9F%94%91': { value: 'not ASCII' },
      'left/deleted': { value: 'gone' },
      'left/destroyed': { value: 'gone' },
      'left/nested': { value: { a: 1 } },
      'left/large-number': { value: 2 ** 60 },
    })
    await putAll(bao, mount, { 'sentia/database': { user: 'sentia', password: 'of the second version' } })
    await bao.call('POST', `${mount}/metadata/sentia/database`, { custom_metadata: { description: 'of the orders' } })
    await bao.call('DELETE', `${mount}/data/left/deleted`)
    await bao.call('PUT', `${mount}/destroy/left/destroyed`, { versions: [1] })
  })
  const options = (more: Partial<KvOptions> = {}): KvOptions => ({ url: bao.url, token: bao.token, mount, ...more })
  const paths = async (more: Partial<KvOptions> = {}) => (await allOf(kvSecrets(options(more)))).map(({ path }) => path)

  it('[T11] come with their newest version, whatever stands in their paths', async () => {
    const all = await allOf(kvSecrets(options()))
    expect(all).toEqual([
      expect.objectContaining({
        path: 'left/large-number',
        refused: expect.objectContaining({ code: 'VAULT_VALUE_INVALID' }),
      }),
      expect.objectContaining({
        path: 'left/nested',
        refused: expect.objectContaining({ code: 'VAULT_VALUE_INVALID' }),
      }),
      { name: 'odd/sp ace#?%', path: 'odd/sp ace#?%', fields: { value: 'odd' }, version: 1 },
      { name: 'odd/ü🔑', path: 'odd/ü🔑', fields: { value: 'not ASCII' }, version: 1 },
      { name: 'sentia', path: 'sentia', fields: { value: 'beside its folder' }, version: 1 },
      {
        name: 'sentia/database',
        path: 'sentia/database',
        fields: { user: 'sentia', password: 'of the second version' },
        version: 2,
        description: 'of the orders',
      },
      { name: 'sentia/deep/er/token', path: 'sentia/deep/er/token', fields: { value: 'deep' }, version: 1 },
      {
        name: 'sentia/integrations',
        path: 'sentia/integrations',
        fields: { xero: 'of xero', port: '5432', isLive: 'true' },
        version: 1,
      },
    ])
  })

  it('[T11] are those of a folder or a single one, named from there', async () => {
    const named = async (path: string) => (await allOf(kvSecrets(options({ path })))).map(({ name }) => name)
    expect(await named('sentia')).toEqual(['database', 'deep/er/token', 'integrations'])
    expect(await named('sentia/deep')).toEqual(['er/token'])
    expect(await named('sentia/database')).toEqual(['database'])
    expect(await named('odd/ü🔑')).toEqual(['ü🔑'])
  })

  it('[T11] move into a vault whose master key is in the same server; a second run changes nothing', async () => {
    const keys = vaultTransit({ url: bao.url, token: bao.token, mount: await mountTransit(bao), key: 'mcpvault' })
    const vault = createVault({ keys, store: memoryStore() })
    const into = vault.as({ id: 'app' }).scope({ server: 'sentia' })
    const run = () => importSecrets({ from: kvSecrets(options()), into, name: ({ path }) => path.replaceAll('/', '.') })
    const { created, refused } = await run()
    expect(created).toEqual([
      'odd.sp ace#?%',
      'odd.ü🔑',
      'sentia',
      'sentia.database',
      'sentia.deep.er.token',
      'sentia.integrations',
    ])
    expect(refused.map(({ name, code }) => [name, code])).toEqual([
      ['left/large-number', 'VAULT_VALUE_INVALID'],
      ['left/nested', 'VAULT_VALUE_INVALID'],
    ])
    expect((await into.get('sentia.database'))?.fields()).toEqual({
      user: 'sentia',
      password: 'of the second version',
    })
    expect((await into.describe('sentia.database'))?.description).toBe('of the orders')
    expect(await run()).toEqual({ created: [], kept: created, updated: [], refused })
    expect((await importSecrets({ from: kvSecrets(options({ path: 'sentia' })), into })).refused).toMatchObject([
      { name: 'deep/er/token', code: 'VAULT_REF_INVALID' },
    ])
    await vault.close()
  })

  it('are listed in pages', async () => {
    const sent: string[] = []
    const counted: typeof fetch = (input, init) => {
      sent.push(String(input))
      return fetch(input, init)
    }
    const settings = parseKvOptions(options({ fetch: counted }))
    const send = requestSender(settings, clock)
    const paged = await allOf(walk(kvEngine(settings, { send, wait: noWait, pageLength: 1 }), []))
    expect(paged.map(({ path }) => path)).toEqual(await paths())
    expect(sent.filter((url) => url.includes('after=')).length).toBeGreaterThan(5)
  })

  it('are refused by name where the token may not read them, and folders where it may not list them', async () => {
    const rules = [
      `path "${mount}/metadata/" { capabilities = ["list"] }`,
      `path "${mount}/metadata/sentia/" { capabilities = ["list"] }`,
      `path "${mount}/metadata/left/*" { capabilities = ["list"] }`,
      `path "${mount}/data/sentia/*" { capabilities = ["read"] }`,
    ].join('\n')
    const token = await newToken(bao, { rules })
    const all = await allOf(kvSecrets(options({ token })))
    const denied = all.flatMap(({ path, refused }) => (refused?.code === 'VAULT_KEY_DENIED' ? [path] : []))
    expect(denied).toEqual([
      'left/deleted',
      'left/destroyed',
      'left/large-number',
      'left/nested',
      'odd/',
      'sentia',
      'sentia/deep/',
    ])
    expect(all.flatMap(({ path, fields }) => (fields === undefined ? [] : [path]))).toEqual([
      'sentia/database',
      'sentia/integrations',
    ])
  })

  it('need the rules that the README gives, and a single one no more than its own', async () => {
    const folder = [
      `path "${mount}/metadata/sentia/*" { capabilities = ["list"] }`,
      `path "${mount}/data/sentia/*"     { capabilities = ["read"] }`,
    ].join('\n')
    expect(await paths({ token: await newToken(bao, { rules: folder }), path: 'sentia' })).toEqual([
      'sentia/database',
      'sentia/deep/er/token',
      'sentia/integrations',
    ])
    const single = `path "${mount}/data/sentia/database" { capabilities = ["read"] }`
    expect(await paths({ token: await newToken(bao, { rules: single }), path: 'sentia/database' })).toEqual([
      'sentia/database',
    ])
  })

  it('are not asked for with a new sign-in for each refusal', async () => {
    const rules = `path "${mount}/metadata/*" { capabilities = ["list"] }`
    let signIns = 0
    const token = async () => {
      signIns += 1
      return { token: await newToken(bao, { rules }) }
    }
    expect(await paths({ token })).toHaveLength(10)
    expect(signIns).toBe(4)
  })

  it.each([
    ['no engine is mounted', 'nowhere', 'mount'],
    ['the engine is of version 1', 'kv-one', 'mount'],
    ['the engine is another one', 'sys', 'mount'],
  ])('are not looked for where %s', async (_, at, field) => {
    if (at === 'kv-one') {
      await bao.call('POST', 'sys/mounts/kv-one', { type: 'kv' })
      await bao.call('POST', 'kv-one/token', { value: 'of version 1' })
    }
    await expect(allOf(kvSecrets(options({ mount: at })))).rejects.toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field,
    })
  })

  it('are not taken for none where there is nothing at the path', async () => {
    for (const path of ['nothing', 'sentia/databse', 'left/deleted'])
      await expect(allOf(kvSecrets(options({ path })))).rejects.toMatchObject({
        code: 'VAULT_CONFIG_INVALID',
        field: 'path',
      })
  })

  it('come by a sign-in of the server', async () => {
    await bao.call('POST', 'sys/auth/approle', { type: 'approle' })
    await bao.call('PUT', 'sys/policies/acl/mover', { policy: `path "${mount}/*" { capabilities = ["read", "list"] }` })
    await bao.call('POST', 'auth/approle/role/mover', { token_policies: ['mover'], token_ttl: '1h' })
    // As the reference of AppRole gives its answers.
    const { data: role } = (await bao.call('GET', 'auth/approle/role/mover/role-id')) as { data: { role_id: string } }
    const { data: secret } = (await bao.call('POST', 'auth/approle/role/mover/secret-id', {})) as {
      data: { secret_id: string }
    }
    const body = { role_id: role.role_id, secret_id: secret.secret_id }
    const signIn = (given: typeof body) => login({ url: bao.url, path: 'auth/approle/login', body: given })
    expect(await paths({ token: signIn(body), path: 'odd' })).toHaveLength(2)
    const wrong = signIn({ ...body, secret_id: 'another' })
    expect(await codeOf(paths({ token: wrong, path: 'odd' }))).toBe('VAULT_KEY_DENIED')
    expect(await codeOf(paths({ token: 'a-token-of-nobody', path: 'odd' }))).toBe('VAULT_KEY_DENIED')
  })

  it('are unavailable while the server is sealed', async () => {
    const settings = parseKvOptions(options())
    const send = requestSender(settings, clock)
    const waits: number[] = []
    const wait = async (ms: number): Promise<void> => void waits.push(ms)
    await bao.seal()
    const sealed = await codeOf(allOf(walk(kvEngine(settings, { send, wait }), [])))
    await bao.unseal()
    expect(sealed).toBe('VAULT_KEY_UNAVAILABLE')
    expect(waits).toEqual([250, 500, 1_000, 2_000])
  })
})
