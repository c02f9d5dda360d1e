// The health of the vault for operators, and for a monitor that is not signed in.
import { memoryStore, type VaultStore } from '@mcpvault/core'
import { afterEach, describe, expect, it } from 'vitest'
import { createHost, type Host } from '../support/host.ts'

let host: Host
afterEach(() => host.vault.close())

const healthAs = { id: 'monitor', roles: ['operator'] }

/** A store whose secrets cannot be reached while `isDown`. */
function fragileStore(): { store: VaultStore; state: { isDown: boolean } } {
  const store = memoryStore()
  const state = { isDown: false }
  const down = <T>(work: () => T): T => {
    if (state.isDown) throw new Error('connect ECONNREFUSED postgres://app:hunter2@db')
    return work()
  }
  const secrets: VaultStore['secrets'] = {
    ...store.secrets,
    find: (...args) => down(() => store.secrets.find(...args)),
    list: (...args) => down(() => store.secrets.list(...args)),
  }
  const meta = {
    ...store.meta,
    read: (...args: Parameters<VaultStore['meta']['read']>) => down(() => store.meta.read(...args)),
  }
  return { store: { ...store, secrets, meta }, state }
}

describe('GET /health', () => {
  it('tells a stranger nothing, unless the host says as whom to look', async () => {
    host = createHost()
    expect((await host.send(undefined, 'GET', '/api/v1/health')).status).toBe(401)
  })

  it('tells a stranger ok or not, and no part', async () => {
    host = createHost({ handler: { healthAs } })
    const response = await host.send(undefined, 'GET', '/api/v1/health?t=1')
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 200,
      body: { success: true, data: { ok: true } },
    })
    expect((await host.send(undefined, 'GET', '/api/v1/me')).status).toBe(401)
    expect((await host.send(undefined, 'POST', '/api/v1/health', { json: {} })).status).toBe(401)
  })

  it('looks once for many strangers', async () => {
    host = createHost({ handler: { healthAs } })
    await Promise.all(Array.from({ length: 50 }, () => host.send(undefined, 'GET', '/api/v1/health')))
    const { items } = await host.client('operator').audit({ principal: 'monitor' })
    expect(items).toMatchObject([{ operation: 'health' }])
  })

  it('says 503 with codes and remedies to an operator, 503 to a stranger, and nothing of the error', async () => {
    const { store, state } = fragileStore()
    host = createHost({ handler: { healthAs }, vault: { store } })
    await host.client('owner').set({ server: 'github', name: 'token' }, { value: 'v' })
    state.isDown = true
    const stranger = await host.send(undefined, 'GET', '/api/v1/health')
    expect({ status: stranger.status, body: await stranger.json() }).toEqual({
      status: 503,
      body: { success: true, data: { ok: false } },
    })
    const operator = await host.send('operator', 'GET', '/api/v1/health')
    const body = await operator.text()
    expect(operator.status).toBe(503)
    expect(JSON.parse(body)).toMatchObject({
      data: {
        ok: false,
        store: { ok: false, code: 'VAULT_STORE_FAILED', remedy: expect.any(String) },
      },
    })
    const read = await host.send('owner', 'GET', '/api/v1/secrets/github/token')
    expect({ status: read.status, retry: read.headers.get('retry-after') }).toEqual({ status: 503, retry: '1' })
    expect(JSON.stringify([body, await read.text(), host.logged])).not.toContain('hunter2')
    state.isDown = false
  })
})

describe('a vault that is closed', () => {
  it('is 503', async () => {
    host = createHost()
    await host.vault.close()
    await expect(host.client('owner').list()).rejects.toMatchObject({ status: 503, code: 'VAULT_CLOSED' })
  })
})
