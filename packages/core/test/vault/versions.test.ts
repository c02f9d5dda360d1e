// Versions, compare-and-swap, state, expiry and deletion.

import { storedAt } from '@mcpvault/testkit/forgery'
import { codeOf, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { resealed } from './resealed.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('versions', () => {
  it('[S4] keeps one random id over updates', async () => {
    const github = testVault().scope('alice')
    const first = await github.set('token', 'one')
    const second = await github.set('token', 'two')
    const other = await github.set('other', 'one')
    expect(first.id).toMatch(uuid)
    expect(second.id).toBe(first.id)
    expect(other.id).not.toBe(first.id)
  })

  it('keeps ten versions, newest first, and reads each', async () => {
    const github = testVault().scope('alice')
    for (let version = 1; version <= 12; version++) await github.set('token', `v${version}`)
    const history = await github.history('token')
    expect(history?.map(({ version }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
    expect(history?.filter(({ isCurrent }) => isCurrent).map(({ version }) => version)).toEqual([12])
    expect(history?.[0]).toMatchObject({ createdBy: 'alice', encoding: 'text', state: 'active' })
    for (let version = 3; version <= 12; version++) {
      expect((await github.get('token', { version }))?.reveal()).toBe(`v${version}`)
    }
    expect(await github.get('token', { version: 2 })).toBeUndefined()
    expect(await github.get('token', { version: 13 })).toBeUndefined()
  })

  it('keeps as many versions as limits.versions says', async () => {
    const github = testVault({ limits: { versions: 1 } }).scope('alice')
    await github.set('token', 'one')
    await github.set('token', 'two')
    expect((await github.history('token'))?.map(({ version }) => version)).toEqual([2])
  })

  it('restores an older version as the newest', async () => {
    const github = testVault().scope('alice')
    await github.set('token', 'one')
    await github.set('token', Uint8Array.of(1, 2))
    const restored = await github.restore('token', 1)
    expect(restored).toMatchObject({ version: 3, encoding: 'text' })
    expect((await github.get('token'))?.reveal()).toBe('one')
    expect((await github.history('token'))?.map(({ encoding }) => encoding)).toEqual(['text', 'bytes', 'text'])
    expect(await github.restore('token', 9)).toBeUndefined()
  })

  it('[T19] serves no version that is still pending, neither by its number nor by restoring it', async () => {
    const test = tickingVault()
    const github = test.scope('alice')
    await github.set('token', 'in use')
    await github.set('token', 'staged')
    const record = await storedAt(test.store)
    const versions = record.versions.map((each) => (each.version === 2 ? { ...each, state: 'pending' as const } : each))
    const staged = { ...record, revision: record.revision + 1, currentVersion: 1, versions }
    await test.store.secrets.put(await resealed(test, staged), { ifRevision: record.revision })
    expect((await github.get('token'))?.reveal()).toBe('in use')
    expect((await github.get('token', { version: 1 }))?.reveal()).toBe('in use')
    expect(await github.get('token', { version: 2 })).toBeUndefined()
    expect(await github.use('token', String, { version: 2 })).toBeUndefined()
    expect(await github.restore('token', 2)).toBeUndefined()
    const { items } = await test.vault.as({ id: 'alice' }).auditLog({ limit: 3 })
    expect(items.map(({ event }) => [event.operation, event.outcome]).sort()).toEqual([
      ['get', 'missing'],
      ['restore', 'missing'],
      ['use', 'missing'],
    ])
    expect((await github.history('token'))?.map(({ state }) => state)).toEqual(['pending', 'active'])
  })

  it('[S6] creates only where ifVersion 0 finds nothing', async () => {
    const github = testVault().scope('alice')
    await github.set('token', 'one', { ifVersion: 0 })
    expect(await codeOf(github.set('token', 'two', { ifVersion: 0 }))).toBe('VAULT_CONFLICT')
    expect((await github.get('token'))?.reveal()).toBe('one')
  })

  it('[S6] lets exactly one of 50 creations at once win', async () => {
    const github = testVault().scope('alice')
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => codeOf(github.set('token', `v${index}`, { ifVersion: 0 }))),
    )
    expect(outcomes.filter((outcome) => outcome === 'VAULT_CONFLICT')).toHaveLength(49)
    expect((await github.describe('token'))?.version).toBe(1)
  })

  it('gives every one of 30 writers at once a version of its own', async () => {
    const github = testVault({ limits: { versions: 100 } }).scope('alice')
    const written = await Promise.all(Array.from({ length: 30 }, (_, index) => github.set('token', `v${index}`)))
    expect(written.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    )
    for (const [index, { version }] of written.entries()) {
      expect((await github.get('token', { version }))?.reveal()).toBe(`v${index}`)
    }
  })

  it('refuses every write whose ifVersion is not the current version', async () => {
    const github = testVault().scope('alice')
    await github.set('token', { a: '1' })
    const stale = { ifVersion: 7 }
    const writes = [
      github.set('token', 'x', stale),
      github.patch('token', { a: '2' }, stale),
      github.restore('token', 1, stale),
      github.update('token', { tags: ['x'], ...stale }),
      github.deactivate('token', stale),
      github.delete('token', stale),
      github.destroy('token', stale),
    ]
    for (const write of writes) expect(await codeOf(write)).toBe('VAULT_CONFLICT')
    expect(await github.describe('token')).toMatchObject({ version: 1, state: 'active', tags: [] })
    expect(await github.patch('token', { a: '2' }, { ifVersion: 1 })).toMatchObject({ version: 2 })
  })

  it('says that the store went back when it has less than minVersion', async () => {
    const github = testVault().scope('alice')
    await github.set('token', 'one')
    expect((await github.get('token', { minVersion: 1 }))?.reveal()).toBe('one')
    expect(await codeOf(github.get('token', { minVersion: 2 }))).toBe('VAULT_ROLLBACK_SUSPECTED')
  })
})

describe('state', () => {
  it('[S12] takes a secret out of use and back', async () => {
    const github = testVault().scope('alice')
    await github.set('token', 'one')
    expect(await github.deactivate('token')).toBe(true)
    expect(await github.deactivate('token')).toBe(false)
    expect(await codeOf(github.get('token'))).toBe('VAULT_INACTIVE')
    expect((await github.list()).items).toEqual([])
    expect((await github.list({ state: 'inactive' })).items).toHaveLength(1)
    expect(await github.describe('token')).toMatchObject({ state: 'inactive', isActive: false })
    expect(await github.activate('token')).toBe(true)
    expect(await github.activate('token')).toBe(false)
    expect((await github.get('token'))?.reveal()).toBe('one')
  })

  it('deletes so that it can be undone, with grants and versions', async () => {
    const { scope } = testVault()
    const github = scope('alice')
    await github.set('token', 'one')
    await github.set('token', 'two')
    await github.share('token', { with: 'bob', permission: 'read' })
    expect(await github.delete('token')).toBe(true)
    expect(await github.delete('token')).toBe(false)
    expect(await github.get('token')).toBeUndefined()
    expect(await github.describe('token')).toBeUndefined()
    expect(await github.activate('token')).toBe(false)
    expect((await github.list({ state: 'deleted' })).items).toHaveLength(1)
    expect(await github.undelete('token')).toBe(true)
    expect(await github.undelete('token')).toBe(false)
    expect((await github.get('token', { version: 1 }))?.reveal()).toBe('one')
    expect((await scope('alice', { id: 'bob' }).get('token'))?.reveal()).toBe('two')
  })

  it('starts afresh when a deleted name is set again: versions go on, grants do not', async () => {
    const { scope } = testVault()
    const github = scope('alice')
    await github.set('token', 'one')
    await github.share('token', { with: 'bob', permission: 'read' })
    await github.delete('token')
    expect(await github.set('token', 'two', { ifVersion: 0 })).toMatchObject({ version: 2, state: 'active' })
    expect(await scope('alice', { id: 'bob' }).get('token')).toBeUndefined()
  })

  it('destroys without a way back, and lets the name be used again', async () => {
    const { scope, store } = testVault()
    const github = scope('alice')
    const before = await github.set('token', 'one')
    expect(await github.destroy('token')).toBe(true)
    expect(await github.destroy('token')).toBe(false)
    expect(await github.undelete('token')).toBe(false)
    expect(await store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'all')).toBeUndefined()
    const after = await github.set('token', 'two')
    expect(after.version).toBe(1)
    expect(after.id).not.toBe(before.id)
  })

  it('destroys a deleted secret too', async () => {
    const github = testVault().scope('alice')
    await github.set('token', 'one')
    await github.delete('token')
    expect(await github.destroy('token')).toBe(true)
    expect((await github.list({ state: 'any' })).items).toEqual([])
  })
})

describe('expiry', () => {
  it('[S13] refuses a secret from the instant of its expiry on, without opening it', async () => {
    const { scope, clock, store } = testVault()
    const github = scope('alice')
    const expiresAt = new Date(clock.now().getTime() + 60_000)
    await github.set('token', 'one', { expiresAt })
    clock.advance(59_999)
    expect((await github.get('token'))?.reveal()).toBe('one')
    clock.advance(1)
    expect(await codeOf(github.get('token'))).toBe('VAULT_EXPIRED')
    const record = await store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'all')
    expect(record?.useCount).toBe(0)
    expect(await github.describe('token')).toMatchObject({ state: 'expired', isActive: false, expiresAt })
  })

  it('[S13] means the same instant whatever the time zone it was written in', async () => {
    const { scope } = testVault()
    const github = scope('alice')
    const info = await github.set('token', 'one', { expiresAt: new Date('2199-06-01T00:00:00+05:30') })
    expect(info.expiresAt?.toISOString()).toBe('2199-05-31T18:30:00.000Z')
  })

  it('does not carry a past expiry over to a new value', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    await github.set('token', 'one', { expiresAt: new Date(clock.now().getTime() + 1) })
    clock.advance(1)
    expect((await github.set('token', 'two')).expiresAt).toBeUndefined()
    expect((await github.get('token'))?.reveal()).toBe('two')
  })

  it('keeps a future expiry, moves it, and takes it away', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    const soon = new Date(clock.now().getTime() + 1_000)
    const later = new Date(clock.now().getTime() + 2_000)
    await github.set('token', 'one', { expiresAt: soon })
    expect((await github.set('token', 'two')).expiresAt).toEqual(soon)
    expect((await github.update('token', { expiresAt: later }))?.expiresAt).toEqual(later)
    expect((await github.update('token', { expiresAt: null }))?.expiresAt).toBeUndefined()
    await github.update('token', { expiresAt: later })
    expect((await github.set('token', 'three', { expiresAt: null })).expiresAt).toBeUndefined()
  })

  it('[S42] sweeps what has expired, and reads fail already before', async () => {
    const { scope, clock, vault } = testVault()
    const github = scope('alice')
    await github.set('short', 'one', { expiresAt: new Date(clock.now().getTime() + 1_000) })
    await github.set('long', 'one', { expiresAt: new Date(clock.now().getTime() + 1_001) })
    await github.set('none', 'one')
    clock.advance(1_000)
    expect(await codeOf(github.get('short'))).toBe('VAULT_EXPIRED')
    const operator = vault.operator({ id: 'root', roles: ['operator'] })
    expect(await operator.sweep()).toEqual({ deactivated: 1, failed: 0 })
    expect(await operator.sweep()).toEqual({ deactivated: 0, failed: 0 })
    const states = (await github.list({ state: 'any' })).items.map(({ name, state }) => [name, state])
    expect(Object.fromEntries(states)).toEqual({ short: 'inactive', long: 'active', none: 'active' })
    const swept = await vault
      .as({ id: 'root', roles: ['auditor'] })
      .auditLog({ actions: ['secret.expired'], name: 'short' })
    expect(swept.items).toHaveLength(1)
  })
})

describe('settings', () => {
  it('[A12][S9][S10][S11][S26] keeps type, tier, description and tags, and changes them one by one', async () => {
    const github = testVault({ types: ['ssh_key'] }).scope('alice')
    const set = await github.set('token', 'a value', {
      type: 'ssh_key',
      tier: 1,
      description: 'of the CI',
      tags: ['b', 'a', 'b'],
    })
    expect(set).toMatchObject({ type: 'ssh_key', tier: 1, description: 'of the CI', tags: ['a', 'b'] })
    expect(await github.set('token', 'another')).toMatchObject({
      type: 'ssh_key',
      tier: 1,
      description: 'of the CI',
      tags: ['a', 'b'],
    })
    expect(await github.update('token', { tags: [] })).toMatchObject({ tags: [], tier: 1, version: 2 })
    expect(await github.update('token', { description: null })).toMatchObject({ description: undefined })
    expect(await github.update('token', { tier: 3, type: 'custom' })).toMatchObject({ tier: 3, type: 'custom' })
    expect((await github.get('token'))?.reveal()).toBe('another')
  })

  it('has defaults', async () => {
    const info = await testVault().scope('alice').set('token', 'x')
    expect(info).toMatchObject({
      type: 'custom',
      tier: 2,
      tags: [],
      description: undefined,
      expiresAt: undefined,
      useCount: 0,
    })
  })

  it('[S10] refuses a description that contains the value, also of a field, also later', async () => {
    const github = testVault().scope('alice')
    const description = 'the token is hunter22, keep it'
    expect(await codeOf(github.set('token', 'hunter22', { description }))).toBe('VAULT_VALUE_INVALID')
    expect(await codeOf(github.set('token', { user: 'me', password: 'hunter22' }, { description }))).toBe(
      'VAULT_VALUE_INVALID',
    )
    await github.set('token', 'hunter22', { description: 'the token' })
    expect(await codeOf(github.update('token', { description }))).toBe('VAULT_VALUE_INVALID')
    expect(await github.describe('token')).toMatchObject({ description: 'the token', version: 1 })
  })

  it('[S14][A29] moves created, updated and last used as they should', async () => {
    const { scope, clock } = testVault()
    const github = scope('alice')
    const at = (ms: number) => new Date(start + ms)
    const start = clock.now().getTime()
    await github.set('token', 'one')
    clock.advance(1_000)
    await github.set('token', 'two')
    clock.advance(1_000)
    await github.get('token')
    await github.get('token')
    expect(await github.describe('token')).toMatchObject({ lastUsedAt: undefined, useCount: 0 })
    clock.advance(5_000)
    await Promise.resolve()
    expect(await github.describe('token')).toMatchObject({
      createdAt: at(0),
      updatedAt: at(1_000),
      lastUsedAt: at(2_000),
      useCount: 2,
    })
  })
})
