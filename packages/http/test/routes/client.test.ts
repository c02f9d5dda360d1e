// Every call of the client against the handler: what a page does, end to end.
import { memoryStore, type VaultStore } from '@mcpvault/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VaultClient } from '../../src/client/index.ts'
import { createHost, type Host } from '../support/host.ts'

const token = { server: 'github', name: 'token' }
const ofOwner = { ...token, owner: 'owner' }

describe('a client of the API', () => {
  let host: Host
  let owner: VaultClient

  beforeEach(() => {
    host = createHost()
    owner = host.client('owner')
  })
  afterEach(() => host.vault.close())

  it('[A3] stores, shows, changes, lists and deletes a secret, and never gets its value back', async () => {
    const created = await owner.set(token, {
      value: 'first',
      type: 'api_key',
      tags: ['ci'],
      description: 'for ci',
      tier: 3,
    })
    expect(created).toMatchObject({
      ...ofOwner,
      version: 1,
      type: 'api_key',
      tags: ['ci'],
      description: 'for ci',
      tier: 3,
    })
    expect(await owner.describe(token)).toEqual(created)
    const expiresAt = '2100-01-01T00:00:00.000Z'
    const changed = await owner.patch(token, { description: null, expiresAt }, { ifRevision: created.revision })
    expect(changed).toMatchObject({ description: null, expiresAt, version: 1 })
    expect(changed.revision).toBeGreaterThan(created.revision)
    expect(await owner.list()).toEqual({ items: [changed], cursor: null })
    expect(await owner.delete(token)).toEqual({ changed: true })
    await expect(owner.describe(token)).rejects.toMatchObject({ status: 404, code: 'HTTP_NOT_FOUND' })
    expect(await owner.undelete(token)).toEqual({ changed: true })
    expect(await owner.destroy(token, 'token')).toEqual({ changed: true })
    expect(await owner.list({ state: 'any' })).toEqual({ items: [], cursor: null })
  })

  it('reveals text, fields and bytes as they were stored', async () => {
    await owner.set(token, { value: 'grüße' })
    expect(await owner.reveal(token)).toEqual({ encoding: 'text', value: 'grüße', version: 1 })
    await owner.set(token, { value: { user: 'u', password: 'p' } })
    expect(await owner.reveal(token)).toEqual({ encoding: 'fields', value: { user: 'u', password: 'p' }, version: 2 })
    await owner.patch(token, { fields: { user: null, password: 'q' } })
    expect(await owner.reveal(token)).toEqual({ encoding: 'fields', value: { password: 'q' }, version: 3 })
    await owner.set(token, { value: 'AP/+', encoding: 'bytes' })
    expect(await owner.reveal(token)).toEqual({ encoding: 'bytes', value: 'AP/+', version: 4 })
    expect(await owner.reveal(token, { version: 1 })).toMatchObject({ value: 'grüße', version: 1 })
  })

  it('asks for the reason that a tier wants, and the trail keeps it', async () => {
    await owner.set(token, { value: 'v', tier: 1 })
    await expect(owner.reveal(token)).rejects.toMatchObject({
      status: 403,
      code: 'VAULT_ACCESS_DENIED',
      field: 'reason',
    })
    expect(await owner.reveal(token, { reason: 'release 7' })).toMatchObject({ value: 'v' })
    const { items } = await owner.audit({ action: ['secret.accessed'], outcome: ['allowed'] })
    expect(items).toMatchObject([{ operation: 'get', reason: 'release 7', principal: 'owner', name: 'token' }])
  })

  it('writes on the condition that nothing was changed meanwhile', async () => {
    const { revision } = await owner.set(token, { value: 'v' }, { ifRevision: 0 })
    await expect(owner.set(token, { value: 'w' }, { ifRevision: 0 })).rejects.toMatchObject({
      status: 412,
      code: 'VAULT_CONFLICT',
    })
    await owner.patch(token, { tags: ['x'] })
    await expect(owner.set(token, { value: 'w' }, { ifRevision: revision })).rejects.toMatchObject({ status: 412 })
    await expect(owner.set(token, { value: 'w' }, { ifVersion: 2 })).rejects.toMatchObject({
      status: 409,
      code: 'VAULT_CONFLICT',
    })
    await expect(owner.delete(token, { ifRevision: revision })).rejects.toMatchObject({ status: 412 })
    expect(await owner.set(token, { value: 'w' }, { ifVersion: 1 })).toMatchObject({ version: 2 })
  })

  it('shows versions and restores one', async () => {
    await owner.set(token, { value: 'one' })
    await owner.set(token, { value: 'two' })
    const { items } = await owner.versions(token)
    expect(items).toMatchObject([
      { version: 2, isCurrent: true, createdBy: 'owner' },
      { version: 1, isCurrent: false },
    ])
    expect(await owner.restore(token, 1)).toMatchObject({ version: 3 })
    expect(await owner.reveal(token)).toMatchObject({ value: 'one' })
    await expect(owner.restore(token, 9)).rejects.toMatchObject({ status: 404 })
  })

  it('takes a secret out of use and into use again', async () => {
    await owner.set(token, { value: 'v' })
    expect(await owner.deactivate(token)).toEqual({ changed: true })
    expect(await owner.deactivate(token)).toEqual({ changed: false })
    await expect(owner.reveal(token)).rejects.toMatchObject({ status: 423, code: 'VAULT_INACTIVE' })
    expect(await owner.activate(token)).toEqual({ changed: true })
    await expect(owner.activate({ server: 'github', name: 'absent' })).rejects.toMatchObject({ status: 404 })
    await expect(owner.destroy(token, 'tokem')).rejects.toMatchObject({ status: 400, field: 'confirm' })
  })

  it('shares a secret, and the other user finds, reads and loses it', async () => {
    await owner.set(token, { value: 'v' })
    const reader = host.client('reader')
    await expect(reader.reveal(ofOwner)).rejects.toMatchObject({ status: 404 })
    expect(await owner.share(token, { with: 'reader', permission: 'read' })).toMatchObject({
      principal: 'reader',
      deploymentId: null,
    })
    expect((await owner.grants(token)).items).toMatchObject([
      { principal: 'reader', permission: 'read', grantedBy: 'owner' },
    ])
    expect((await reader.list({ shared: true })).items).toMatchObject([ofOwner])
    expect(await reader.reveal(ofOwner)).toMatchObject({ value: 'v' })
    await expect(reader.set(ofOwner, { value: 'w' })).rejects.toMatchObject({
      status: 403,
      code: 'VAULT_ACCESS_DENIED',
    })
    expect(await owner.unshare(token, 'reader')).toEqual({ changed: true })
    expect(await owner.unshare(token, 'reader')).toEqual({ changed: false })
    await expect(reader.describe(ofOwner)).rejects.toMatchObject({ status: 404 })
  })

  it('lists by every filter, page by page', async () => {
    for (const name of ['aa', 'ab', 'b'])
      await owner.set({ server: 'github', name }, { value: 'v', tags: [name, 'all'] })
    await owner.set(
      { server: 'slack', name: 'aa' },
      { value: 'v', type: 'api_key', tier: 1, expiresAt: '2100-01-01T00:00:00Z' },
    )
    const names = async (query: Parameters<VaultClient['list']>[0]) =>
      (await owner.list(query)).items.map(({ server, name }) => `${server}/${name}`).sort()
    expect(await names({ q: 'a' })).toEqual(['github/aa', 'github/ab', 'slack/aa'])
    expect(await names({ server: 'github', q: 'a' })).toEqual(['github/aa', 'github/ab'])
    expect(await names({ server: 'github', owner: 'owner', tag: ['all', 'b'] })).toEqual(['github/b'])
    expect(await names({ type: 'api_key', tier: 1 })).toEqual(['slack/aa'])
    expect(await names({ expiresBefore: '2101-01-01T00:00:00Z' })).toEqual(['slack/aa'])
    expect(await names({ shared: true })).toEqual([])
    const first = await owner.list({ limit: 3 })
    const second = await owner.list({ limit: 3, cursor: first.cursor ?? undefined })
    expect([...first.items, ...second.items]).toHaveLength(4)
    expect(second.cursor).toBeNull()
  })

  it('says who is signed in and what that allows', async () => {
    expect(await owner.me()).toEqual({
      id: 'owner',
      roles: [],
      may: { audit: false, operate: false },
      limits: { bodyBytes: 524_288, revealsPerMinute: 10_000 },
    })
    expect(await host.client('operator').me()).toMatchObject({ may: { audit: true, operate: true } })
    await expect(host.client(undefined).me()).rejects.toMatchObject({ status: 401, code: 'HTTP_UNAUTHENTICATED' })
  })

  it('verifies the trail and sees the health of the vault, with a role that may', async () => {
    await owner.set(token, { value: 'v' })
    const operator = host.client('operator')
    expect(await operator.verifyAudit()).toMatchObject({ ok: true, problemCount: 0 })
    expect(await operator.health()).toEqual({
      ok: true,
      key: { ok: true },
      store: { ok: true },
      schema: { ok: true },
      trail: { ok: true },
    })
    await expect(owner.verifyAudit()).rejects.toMatchObject({ status: 403 })
    await expect(owner.health()).rejects.toMatchObject({ status: 403 })
  })

  it('exports the events of a user, one JSON object a line', async () => {
    for (let turn = 0; turn < 3; turn++) await owner.set(token, { value: `v${turn}` })
    const path = owner.auditExportUrl({ action: ['secret.updated'] }).replace(/^.*\/vault/, '')
    const response = await host.send('owner', 'GET', path)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const lines = (await response.text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ version: 3 }, { version: 2 }])
  })

  it('breaks off an export whose rest cannot be read, and the log says so', async () => {
    const store = memoryStore()
    let queries = 0
    const query: VaultStore['audit']['query'] = (...args) => {
      queries += 1
      if (queries > 1) throw new Error('connect ECONNREFUSED')
      return store.audit.query(...args)
    }
    const failing = createHost({ vault: { store: { ...store, audit: { ...store.audit, query } } } })
    const scope = failing.vault.as({ id: 'owner' }).scope({ server: 'github' })
    for (let turn = 0; turn < 501; turn++) await scope.describe('token')
    const response = await failing.send('owner', 'GET', '/api/v1/audit/export')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
    const reported = failing.logged.filter(({ message }) => message === 'A request failed.')
    expect(reported).toMatchObject([{ facts: { code: 'VAULT_STORE_FAILED', correlationId: expect.any(String) } }])
    await failing.vault.close()
  })
})
