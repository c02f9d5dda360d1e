// ifRevision: every write can insist that nothing of the secret has changed since it was looked at.

import { storedAt } from '@mcpvault/testkit/forgery'
import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { SecretScope } from '../../src/vault/scope.ts'

type Write = (scope: SecretScope, options: { readonly ifRevision?: number }) => Promise<unknown>

/** Each write, and the state in which it has something to do. */
const writes: readonly [verb: string, from: 'active' | 'inactive' | 'deleted', write: Write][] = [
  ['set', 'active', (scope, options) => scope.set('token', 'another', options)],
  ['set of a deleted secret', 'deleted', (scope, options) => scope.set('token', 'another', options)],
  ['patch', 'active', (scope, options) => scope.patch('token', { a: '2' }, options)],
  ['update', 'active', (scope, options) => scope.update('token', { description: 'new', ...options })],
  ['restore', 'active', (scope, options) => scope.restore('token', 1, options)],
  ['deactivate', 'active', (scope, options) => scope.deactivate('token', options)],
  ['activate', 'inactive', (scope, options) => scope.activate('token', options)],
  ['delete', 'active', (scope, options) => scope.delete('token', options)],
  ['undelete', 'deleted', (scope, options) => scope.undelete('token', options)],
  ['destroy', 'active', (scope, options) => scope.destroy('token', options)],
  ['share', 'active', (scope, options) => scope.share('token', { with: 'bob', permission: 'write', ...options })],
  ['unshare', 'active', (scope, options) => scope.unshare('token', { with: 'bob', ...options })],
]

async function secretIn(state: 'active' | 'inactive' | 'deleted') {
  const test = testVault()
  const github = test.scope('alice')
  await github.set('token', { a: '1' })
  await github.share('token', { with: 'bob', permission: 'read' })
  if (state === 'inactive') await github.deactivate('token')
  if (state === 'deleted') await github.delete('token')
  return { ...test, github }
}

async function revisionOf(scope: SecretScope): Promise<number> {
  const [item] = (await scope.list({ state: 'any' })).items
  if (item === undefined || item.state === 'untrusted') throw new Error('there is no such secret')
  return item.revision
}

const conflict = { code: 'VAULT_CONFLICT', field: 'ifRevision', retryable: false }

describe('ifRevision', () => {
  it.each(writes)('refuses %s of a secret that has changed since, and writes nothing', async (_, from, write) => {
    const { github, store } = await secretIn(from)
    const before = await storedAt(store)
    for (const ifRevision of [before.revision - 1, before.revision + 1]) {
      await expect(write(github, { ifRevision })).rejects.toMatchObject(conflict)
    }
    expect(await storedAt(store)).toEqual(before)
  })

  it.each(writes)('lets pass %s of a secret that has not changed, which is a change itself', async (_, from, write) => {
    const { github, store } = await secretIn(from)
    const ifRevision = await revisionOf(github)
    expect(await write(github, { ifRevision })).toBeTruthy()
    const ref = { owner: 'alice', server: 'github', name: 'token' }
    expect((await store.secrets.find(ref, 'current'))?.revision ?? ifRevision + 1).toBe(ifRevision + 1)
  })

  it.each(writes)('shows a stranger of %s what an absent secret shows', async (_, from, write) => {
    const { scope, github } = await secretIn(from)
    for (const ifRevision of [await revisionOf(github), 5, 0]) {
      const there = await codeOf(write(scope('alice', { id: 'mallory' }), { ifRevision }))
      const absent = await codeOf(write(scope('nobody', { id: 'mallory' }), { ifRevision }))
      expect(there).toEqual(absent)
      expect(there).not.toBe('VAULT_CONFLICT')
    }
  })

  it('[S6] creates only, when it is 0', async () => {
    const github = testVault().scope('alice')
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => codeOf(github.set('token', `v${index}`, { ifRevision: 0 }))),
    )
    expect(outcomes.filter((outcome) => outcome === 'VAULT_CONFLICT')).toHaveLength(19)
    await github.delete('token')
    expect(await github.set('token', 'again', { ifRevision: 0 })).toMatchObject({ version: 2 })
  })

  it('insists that there is a secret, when it is more', async () => {
    await expect(testVault().scope('alice').set('token', 'x', { ifRevision: 1 })).rejects.toMatchObject(conflict)
  })

  it('sees what another has shared, which ifVersion does not', async () => {
    const { github, scope } = await secretIn('active')
    await github.share('token', { with: 'carol', permission: 'admin' })
    const seen = await github.describe('token')
    await scope('alice', { id: 'carol' }).share('token', { with: 'dave', permission: 'read' })
    const stale = { ifRevision: seen?.revision ?? 0, ifVersion: seen?.version ?? 0 }
    await expect(github.update('token', { tags: ['x'], ...stale })).rejects.toMatchObject(conflict)
    expect(await github.update('token', { tags: ['x'], ifVersion: stale.ifVersion })).toMatchObject({ tags: ['x'] })
  })

  it('is the same after uses, and another after each write', async () => {
    const { github, clock } = await secretIn('active')
    const before = await github.describe('token')
    await github.get('token')
    clock.advance(5_000)
    await Promise.resolve()
    const used = await github.describe('token')
    expect(used).toMatchObject({ useCount: 1, revision: before?.revision })
    const written = await github.update('token', { description: 'new' })
    expect(written?.revision).toBe((before?.revision ?? 0) + 1)
    expect((await github.describe('token'))?.revision).toBe(written?.revision)
  })

  it('holds for the owner who destroys a record that was altered', async () => {
    const { github, store } = await secretIn('active')
    const record = await storedAt(store)
    const altered = { ...record, tier: 3 as const, revision: record.revision + 1 }
    await store.secrets.put(altered, { ifRevision: record.revision })
    await expect(github.destroy('token', { ifRevision: record.revision })).rejects.toMatchObject(conflict)
    expect(await github.destroy('token', { ifRevision: altered.revision })).toBe(true)
  })
})
