// Old but genuine data put back: what a seal cannot tell, versions and the memory of a process do.

import { eventually } from '@mcpvault/testkit/eventually'
import { flipped, overwrite, storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { codeOf, operatorPrincipal, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { StoredDataKey, VaultStore } from '../../src/contracts/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

describe('an older genuine record put back', () => {
  it('is suspected by the process that has seen a newer one', async () => {
    const { store, scope } = testVault()
    const alice = scope('alice')
    await alice.set('token', 'one')
    const old = await storedAt(store)
    await alice.set('token', 'two')
    await overwrite(store, old)
    expect(await codeOf(alice.get('token'))).toBe('VAULT_ROLLBACK_SUSPECTED')
    expect(await codeOf(alice.set('token', 'three'))).toBe('VAULT_ROLLBACK_SUSPECTED')
    expect((await alice.list()).items).toEqual([{ ...tokenRef, state: 'untrusted' }])
    expect(await storedAt(store)).toEqual(old)
  })

  it('is not suspected when a read is merely answered after one that began later', async () => {
    const plain = memoryStore()
    const held: (() => void)[] = []
    let holds = false
    const store: VaultStore = {
      ...plain,
      secrets: {
        ...plain.secrets,
        find(ref, versions) {
          const found = plain.secrets.find(ref, versions)
          if (!holds) return found
          return new Promise((resolve) => held.push(() => resolve(found)))
        },
      },
    }
    const { scope, other } = testVault({ store })
    await scope('alice').set('token', 'one')
    holds = true
    const early = scope('alice').get('token')
    await eventually(() => expect(held).toHaveLength(1))
    holds = false
    await other().as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'two')
    expect((await scope('alice').get('token'))?.reveal()).toBe('two')
    for (const answer of held) answer()
    expect((await early)?.reveal()).toBe('one')
    expect((await scope('alice').get('token'))?.reveal()).toBe('two')
  })

  it('is suspected by another process that is given the version it must find', async () => {
    const { store, scope, other } = testVault()
    await scope('alice').set('token', 'one')
    const old = await storedAt(store)
    const { version } = await scope('alice').set('token', 'two')
    await overwrite(store, old)
    const elsewhere = other().as({ id: 'alice' }).scope({ server: 'github' })
    expect(await codeOf(elsewhere.get('token', { minVersion: version }))).toBe('VAULT_ROLLBACK_SUSPECTED')
    expect((await elsewhere.get('token', { minVersion: 1 }))?.reveal()).toBe('one')
  })

  it('does not bring back a permission in the process that has taken it away', async () => {
    const { store, scope } = testVault()
    const alice = scope('alice')
    await alice.set('token', 'one')
    await alice.share('token', { with: 'bob', permission: 'read' })
    const shared = await storedAt(store)
    await alice.unshare('token', { with: 'bob' })
    await overwrite(store, shared)
    expect(await codeOf(scope('alice', { id: 'bob' }).get('token'))).toBe('VAULT_ROLLBACK_SUSPECTED')
  })

  it('is suspected when it is of a secret that was destroyed and created again', async () => {
    const { store, scope } = tickingVault()
    const alice = scope('alice')
    await alice.set('token', 'one')
    const old = await storedAt(store)
    await alice.destroy('token')
    await alice.set('token', 'two')
    await overwrite(store, old)
    expect(await codeOf(alice.get('token'))).toBe('VAULT_ROLLBACK_SUSPECTED')
  })

  it('is suspected by the process that destroyed it, also when nothing came in its place', async () => {
    const { store, scope } = testVault()
    const alice = scope('alice')
    await alice.set('token', 'one')
    await alice.share('token', { with: 'bob', permission: 'read' })
    const old = await storedAt(store)
    await alice.destroy('token')
    await overwrite(store, old)
    expect(await codeOf(alice.get('token'))).toBe('VAULT_ROLLBACK_SUSPECTED')
    expect(await codeOf(alice.set('token', 'two'))).toBe('VAULT_ROLLBACK_SUSPECTED')
    expect(await codeOf(scope('alice', { id: 'bob' }).get('token'))).toBe('VAULT_ROLLBACK_SUSPECTED')
    expect([...(await alice.getAll()).values.keys()]).toEqual([])
    expect((await alice.list()).items).toEqual([{ ...tokenRef, state: 'untrusted' }])
    expect(await alice.destroy('token')).toBe(true)
    expect(await alice.set('token', 'three')).toMatchObject({ version: 1 })
  })

  it('is suspected by a process that only saw another process replace it', async () => {
    const { store, scope, other } = testVault()
    const elsewhere = other().as({ id: 'alice' }).scope({ server: 'github' })
    await scope('alice').set('token', 'one')
    const old = await storedAt(store)
    await elsewhere.destroy('token')
    await elsewhere.set('token', 'two')
    expect((await scope('alice').get('token'))?.reveal()).toBe('two')
    await overwrite(store, old)
    expect(await codeOf(scope('alice').get('token'))).toBe('VAULT_ROLLBACK_SUSPECTED')
  })
})

describe('a secret that another process made again', () => {
  it.each([-5_000, 5_000])('is served whatever the clocks say: one is %d ms off', async (offMs) => {
    const { clock, scope, other } = testVault()
    const off = { ...clock, now: () => new Date(clock.now().getTime() + offMs) }
    const elsewhere = other({ clock: off }).as({ id: 'alice' }).scope({ server: 'github' })
    await scope('alice').set('token', 'one')
    for (const [writer, reader] of [
      [elsewhere, scope('alice')],
      [scope('alice'), elsewhere],
    ] as const) {
      await reader.get('token')
      await writer.destroy('token')
      await writer.set('token', 'another')
      expect((await reader.get('token'))?.reveal()).toBe('another')
      expect(await reader.set('token', 'more')).toMatchObject({ version: 2 })
      expect((await writer.get('token'))?.reveal()).toBe('more')
    }
  })
})

const valuesOf = (owner: string) => ({ kind: 'values', owner, server: 'github' }) as const

async function keyOf(store: VaultStore, owner: string): Promise<StoredDataKey> {
  const row = await store.dataKeys.active(valuesOf(owner))
  if (row === undefined) throw new Error('The data key is not there.')
  return row
}

type ForgeKey = (row: StoredDataKey, other: StoredDataKey) => StoredDataKey

const keyForgeries: readonly (readonly [string, ForgeKey])[] = [
  ['the wraps of another owner', (row, other) => ({ ...row, wraps: other.wraps })],
  ['a flipped bit in the wrapped key', (row) => withWraps(row, (wrap) => flipped(wrap, wrap.length * 8 - 1))],
  ['a flipped bit in the check value', (row) => withWraps(row, (wrap) => flipped(wrap, 24 * 8))],
  ['a flipped bit in the id', (row) => withWraps(row, (wrap) => flipped(wrap, 8 * 8))],
  ['another key version', (row) => withWraps(row, (wrap) => flipped(wrap, 43 * 8))],
  ['a wrap cut short', (row) => withWraps(row, (wrap) => wrap.subarray(0, wrap.length - 1))],
  ['no wrap', (row) => ({ ...row, wraps: [] })],
]

function withWraps(row: StoredDataKey, change: (wrap: Uint8Array) => Uint8Array): StoredDataKey {
  return { ...row, wraps: row.wraps.map(change) }
}

describe('a stored data key that was changed', () => {
  it.each(keyForgeries)('[A16][S38] opens nothing, and spares all others: %s', async (_, forge) => {
    const { store, scope, other } = testVault()
    await scope('alice').set('token', 'of alice')
    await scope('alice').share('token', { with: 'carol', permission: 'read' })
    await scope('bob').set('token', 'of bob')
    const row = await keyOf(store, 'alice')
    const forged = forge(row, await keyOf(store, 'bob'))
    await store.dataKeys.replace({ ...forged, revision: row.revision + 1 }, { ifRevision: row.revision })
    const fresh = other()
    const as = (id: string) => fresh.as({ id }).scope({ owner: 'alice', server: 'github' })
    const codes = ['VAULT_OPEN_FAILED', 'VAULT_KEY_UNKNOWN', 'VAULT_ENVELOPE_INVALID']
    expect(codes).toContain(await codeOf(as('alice').get('token')))
    expect(codes).toContain(await codeOf(as('carol').get('token')))
    expect(codes).toContain(await codeOf(as('alice').set('more', 'x')))
    expect(await codeOf(as('mallory').get('token'))).toEqual({ resolved: undefined })
    expect((await as('alice').list()).items).toEqual([{ ...tokenRef, state: 'untrusted' }])
    const bob = fresh.as({ id: 'bob' }).scope({ server: 'github' })
    expect((await bob.get('token'))?.reveal()).toBe('of bob')
  })

  it('never takes the place of a key that a record was sealed under', async () => {
    const { store, scope, other } = testVault()
    await scope('alice').set('token', 'x')
    const row = await keyOf(store, 'alice')
    await store.dataKeys.remove(row.id, row.scope)
    const fresh = other().as({ id: 'alice' }).scope({ server: 'github' })
    expect(await codeOf(fresh.get('token'))).toBe('VAULT_KEY_UNKNOWN')
    await fresh.set('new', 'y')
    expect(await codeOf(fresh.get('token'))).toBe('VAULT_KEY_UNKNOWN')
    expect((await fresh.get('new'))?.reveal()).toBe('y')
  })

  it('is left as it is by a rewrap, which says so', async () => {
    const [first, second] = [generateKey(), generateKey()]
    const { store, scope, other } = testVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': first } }) })
    await scope('alice').set('token', 'x')
    const row = await keyOf(store, 'alice')
    const forged = { ...withWraps(row, (wrap) => flipped(wrap, wrap.length * 8 - 1)), revision: 2 }
    await store.dataKeys.replace(forged, { ifRevision: 1 })
    const keys = keyRing({ current: 'main#2', keys: { 'main#1': first, 'main#2': second } })
    const report = await other({ keys }).operator(operatorPrincipal).rewrap()
    // The other row is the root of the audit trail.
    expect(report).toEqual({
      rewrapped: 1,
      alreadyDone: 0,
      quarantined: [{ dekId: row.id, owner: 'alice', server: 'github', code: 'VAULT_OPEN_FAILED' }],
      foreign: new Map(),
    })
    expect((await keyOf(store, 'alice')).revision).toBe(2)
  })
})
