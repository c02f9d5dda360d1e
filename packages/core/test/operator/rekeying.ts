// A filled vault, and what the tests of rekey ask of its records.
import { operatorPrincipal, type TestVault } from '@mcpvault/testkit/vaults'
import { expect } from 'vitest'
import type { StoredSecret, VaultStore } from '../../src/contracts/index.ts'

export const alices = { owner: 'alice', server: 'github' }
export const aliceRow = { kind: 'values', ...alices } as const
/** The default of `keyHardAgeMs`, and the grace after it. */
export const heldMs = 3_600_000 + 300_000

/** Three secrets of alice with four versions, one of them deleted and one shared, and one secret of bob. */
export async function filled(test: TestVault): Promise<void> {
  const own = test.scope('alice')
  await own.set('token', 'first')
  await own.set('token', 'second')
  await own.share('token', { with: 'bob', permission: 'read' })
  await own.set('bytes', Uint8Array.of(1, 2, 3))
  await own.set('gone', 'deleted')
  await own.delete('gone')
  await test.scope('bob').set('token', 'of bob')
}

export const rekey = (test: TestVault) => test.vault.operator(operatorPrincipal).rekey(alices)

export async function recordsOf(store: VaultStore): Promise<readonly StoredSecret[]> {
  const listed = await store.secrets.list({ ...alices, limit: 100 })
  const found = await Promise.all(listed.map(async ({ ref }) => store.secrets.find(ref, 'all')))
  return found.flatMap((record) => record ?? [])
}

/** The data keys that a record or one of its versions is sealed under. */
export function keysUnder(records: readonly StoredSecret[]): ReadonlySet<string> {
  const idOf = (envelope: Uint8Array | undefined) => Buffer.from(envelope ?? []).toString('hex', 8, 24)
  return new Set(records.flatMap(({ dekId, versions }) => [dekId, ...versions.map(({ envelope }) => idOf(envelope))]))
}

/** What a rekey must leave as it is. */
export function lasting(records: readonly StoredSecret[]): unknown {
  return records.map(({ dekId: _id, mac: _mac, revision: _revision, versions, ...record }) => ({
    ...record,
    versions: versions.map(({ envelope: _envelope, commitment: _commitment, ...version }) => version),
  }))
}

export async function activeId(store: VaultStore): Promise<string> {
  const row = await store.dataKeys.active(aliceRow)
  if (row === undefined) throw new Error('there is no active data key')
  return row.id
}

export async function expectAllReadable(test: TestVault): Promise<void> {
  const own = test.scope('alice')
  expect((await own.get('token', { version: 1 }))?.reveal()).toBe('first')
  expect((await own.get('token'))?.reveal()).toBe('second')
  expect((await test.scope('alice', { id: 'bob' }).get('token'))?.reveal()).toBe('second')
  await own.undelete('gone')
  expect((await own.get('gone'))?.reveal()).toBe('deleted')
  expect((await test.scope('bob').get('token'))?.reveal()).toBe('of bob')
}
