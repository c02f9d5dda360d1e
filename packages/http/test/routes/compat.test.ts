// The calls of older systems: their bodies and answers as they were, under the same rules as every other call.
import { afterEach, describe, expect, it } from 'vitest'
import type { CompatSystem } from '../../src/index.ts'
import { canary, createHost, type Host, type SendInit } from '../support/host.ts'

let host: Host
const start = (...compat: readonly CompatSystem[]): void => {
  host = createHost({ handler: { compat, limits: { revealsPerMinute: 2 } } })
}
afterEach(() => host.vault.close())

async function answer(user: string | undefined, method: string, path: string, init?: SendInit) {
  const response = await host.send(user, method, path, init)
  return { status: response.status, body: JSON.parse(await response.text()), headers: response.headers }
}

describe('compat', () => {
  it('is off unless it is asked for', async () => {
    start()
    const json = { key: 'k', value: 'v', description: 'd' }
    expect((await answer('owner', 'POST', '/api/v1/secrets', { json })).status).toBe(405)
    expect((await answer('owner', 'GET', '/secrets')).status).toBe(404)
    expect((await answer('owner', 'POST', '/secrets/set', { json: {} })).status).toBe(404)
  })
})

describe('[A12] key, value and description', () => {
  it('create a secret whose answer has no value', async () => {
    start('airis')
    const json = { key: 'STRIPE_API_KEY', value: canary, description: 'for payments' }
    const { status, body } = await answer('owner', 'POST', '/api/v1/secrets', { json })
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { key: 'STRIPE_API_KEY', description: 'for payments' },
    })
    expect(JSON.stringify(body)).not.toContain(canary)
    const secret = { server: 'default', name: 'STRIPE_API_KEY' }
    expect(await host.client('owner').describe(secret)).toMatchObject({ description: 'for payments' })
    expect(await host.client('owner').reveal(secret)).toMatchObject({ value: canary })
  })

  it('are refused twice, without a sign-in, and with more', async () => {
    start('airis')
    const json = { key: 'k', value: canary }
    expect((await answer('owner', 'POST', '/api/v1/secrets', { json })).status).toBe(201)
    const again = await answer('owner', 'POST', '/api/v1/secrets', { json })
    expect(again).toMatchObject({ status: 409, body: { detail: expect.any(String) } })
    expect(await answer(undefined, 'POST', '/api/v1/secrets', { json })).toMatchObject({
      status: 401,
      body: { detail: 'Sign in first.' },
    })
    const more = await answer('owner', 'POST', '/api/v1/secrets', { json: { ...json, owner: 'admin' } })
    expect(more).toMatchObject({ status: 400, body: { detail: expect.stringContaining('owner is not a known field') } })
  })
})

describe('[S32] secrets by id', () => {
  const json = {
    name: 'OPENAI_API_KEY',
    value: canary,
    secretType: 'api_key',
    tags: ['ml'],
    expiresAt: '2100-01-01T00:00:00Z',
  }

  it('are created, listed, read, updated and deleted as { success, data }', async () => {
    start('sigyl')
    const created = await answer('owner', 'POST', '/secrets', { json })
    expect(created).toMatchObject({
      status: 200,
      body: {
        success: true,
        data: {
          name: 'OPENAI_API_KEY',
          secretType: 'api_key',
          tags: ['ml'],
          isActive: true,
          expiresAt: '2100-01-01T00:00:00.000Z',
        },
      },
    })
    const { id } = created.body.data
    expect((await answer('owner', 'GET', '/secrets')).body).toEqual({ success: true, data: [created.body.data] })
    const read = await answer('owner', 'GET', `/secrets/${id}/value`)
    expect(read.body).toEqual({ success: true, data: { secret: created.body.data, value: canary } })
    expect(read.headers.get('cache-control')).toBe('no-store')
    const updated = await answer('owner', 'PUT', `/secrets/${id}`, { json: { value: 'next', description: 'new' } })
    expect(updated.body).toMatchObject({ success: true, data: { description: 'new', secretType: 'api_key' } })
    expect((await answer('owner', 'PUT', `/secrets/${id}`, { json: { tags: [] } })).body).toMatchObject({
      data: { tags: [] },
    })
    expect(await answer('owner', 'DELETE', `/secrets/${id}`)).toMatchObject({ status: 200, body: { success: true } })
    expect(await answer('owner', 'GET', `/secrets/${id}/value`)).toMatchObject({
      status: 400,
      body: { success: false },
    })
  })

  it('answer 400 with a message, the same for what is absent and what is another’s, and 401 without a sign-in', async () => {
    start('sigyl')
    const { id } = (await answer('owner', 'POST', '/secrets', { json })).body.data
    const refused = { status: 400, body: { success: false, error: 'There is no such secret.' } }
    expect(await answer('stranger', 'GET', `/secrets/${id}/value`)).toMatchObject(refused)
    expect(await answer('stranger', 'GET', '/secrets/nothing/value')).toMatchObject(refused)
    expect(await answer('stranger', 'PUT', `/secrets/${id}`, { json: { value: 'x' } })).toMatchObject(refused)
    expect(await answer('stranger', 'DELETE', `/secrets/${id}`)).toMatchObject(refused)
    expect((await answer('stranger', 'GET', '/secrets')).body.data).toEqual([])
    expect(await answer(undefined, 'GET', '/secrets')).toMatchObject({
      status: 401,
      body: { success: false, error: 'Sign in first.' },
    })
    const again = await answer('owner', 'POST', '/secrets', { json })
    expect(again).toMatchObject({ status: 400, body: { success: false, error: expect.any(String) } })
    expect(JSON.stringify(again.body)).not.toContain(canary)
  })

  it.each([
    ['a link', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a frame of the same site', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' }],
    ['a link in the app', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' }],
  ])('give no value to %s', async (_, headers) => {
    start('sigyl')
    const { id } = (await answer('owner', 'POST', '/secrets', { json })).body.data
    const read = await answer('owner', 'GET', `/secrets/${id}/value`, { headers })
    expect(read).toMatchObject({ status: 400, body: { error: 'The request comes from another site.' } })
  })

  it('count against the limit on reveals, and stand in the trail', async () => {
    start('sigyl')
    const { id } = (await answer('owner', 'POST', '/secrets', { json })).body.data
    const statuses = []
    for (let turn = 0; turn < 3; turn++) statuses.push((await answer('owner', 'GET', `/secrets/${id}/value`)).status)
    expect(statuses).toEqual([200, 200, 429])
    const { items } = await host.client('owner').audit({ action: ['secret.accessed'] })
    expect(items).toHaveLength(2)
  })
})

describe('[N6] POST /secrets/set', () => {
  const body = { username: 'admin', serverName: 'github', secretName: 'token' }
  const set = (json: object, user: string | undefined = 'owner') =>
    answer(user, 'POST', '/secrets/set', { json: { ...body, ...json } })

  it('saves, updates and deletes for who is signed in, whatever username says', async () => {
    start('nexus', 'sigyl')
    expect(await set({ secretValue: 'one', action: 'save' })).toMatchObject({ status: 200, body: { success: true } })
    expect(await set({ secretValue: 'two', action: 'update' })).toMatchObject({ status: 200, body: { success: true } })
    const token = { server: 'github', name: 'token' }
    expect(await host.client('owner').reveal(token)).toMatchObject({ value: 'two', version: 2 })
    await expect(host.client('admin').describe(token)).rejects.toMatchObject({ status: 404 })
    await set({ secretName: 'other', secretValue: 'kept' })
    expect(await set({ action: 'delete' })).toMatchObject({ status: 200, body: { success: true } })
    expect((await host.client('owner').list()).items).toMatchObject([{ name: 'other' }])
    expect(await set({ action: 'delete' })).toMatchObject({
      status: 404,
      body: { success: false, error: 'There is no such secret.' },
    })
  })

  it('keeps one secret with a version for each of many saves at once', async () => {
    start('nexus')
    await Promise.all(Array.from({ length: 20 }, (_, turn) => set({ secretValue: `v${turn}` })))
    expect((await host.client('owner').list()).items).toMatchObject([{ name: 'token', version: 20 }])
  })

  it.each([
    ['no value', {}, 400],
    ['another action', { action: 'drop', secretValue: 'x' }, 400],
    ['a value to delete', { action: 'delete', secretValue: 'x' }, 400],
    ['a name that is none', { secretName: 'a/b', secretValue: 'x' }, 400],
    ['more fields', { secretValue: 'x', principal: 'admin' }, 400],
  ])('refuses %s', async (_, json, status) => {
    start('nexus')
    expect(await set(json)).toMatchObject({ status, body: { success: false, error: expect.any(String) } })
  })

  it('needs a sign-in', async () => {
    start('nexus')
    const response = await answer(undefined, 'POST', '/secrets/set', { json: { ...body, secretValue: 'x' } })
    expect(response).toMatchObject({ status: 401, body: { success: false } })
  })
})
