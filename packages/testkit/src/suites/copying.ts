// Moving a vault from one store to another and back: whatever the two engines are, all of it arrives as it was.
import {
  copyVault,
  createVault,
  generateKey,
  type KeyProvider,
  keyRing,
  type Vault,
  type VaultStore,
} from '@mcpvault/core'
import { expect } from 'vitest'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'

/** The vaults of a test that moves one. */
export interface Mover {
  readonly keys: KeyProvider
  vaultOn(store: VaultStore): Vault
}

/** Vaults that share a key. */
export function mover(): Mover {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  return { keys, vaultOn: (store) => createVault({ store, keys, policy: testPolicy }) }
}

/** Copies what a vault has left in `from` to `over`, and from there to `back`, and holds all three against each other. */
export async function expectMoves(stores: {
  readonly from: VaultStore
  readonly over: VaultStore
  readonly back: VaultStore
}): Promise<void> {
  const { from, over, back } = stores
  const { vaultOn } = mover()
  await liveIn(from, vaultOn)
  const report = await copyVault({ from, to: over })
  expect(report.dataKeys).toBeGreaterThan(3)
  expect(report.checkpoints).toBeGreaterThan(0)
  expect(await copyVault({ from: over, to: back })).toEqual(report)
  const contents = await contentsOf(from)
  expect(await contentsOf(over)).toEqual(contents)
  expect(await contentsOf(back)).toEqual(contents)
  await expectLivedIn(over, vaultOn)
  await expectLivedIn(back, vaultOn)
}

const oddName = 'a "quoted" {name}: \u00e9 e\u0301 \\ % $ [x]?'

/** Gives a store what a vault leaves in time: versions, shares, states, retired keys, an erased user, several streams. */
export async function liveIn(store: VaultStore, vaultOn: Mover['vaultOn']): Promise<void> {
  for (const turn of [1, 2]) {
    const vault = vaultOn(store)
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    const settings = { tags: ['ci', 'build'], description: 'of the build', tier: 1 as const, expiresAt: new Date(4e12) }
    await alice.set('token', `token ${turn}`, settings)
    await alice.set('bytes', new Uint8Array([0, 255, turn]))
    await alice.set('fields', { user: 'alice', turn: String(turn) })
    await alice.share('token', { with: 'bob', permission: turn === 1 ? 'read' : 'write' })
    await alice.set(oddName, 'odd')
    await alice.set(`off ${turn}`, 'off')
    await alice.deactivate(`off ${turn}`)
    await alice.set(`deleted ${turn}`, 'deleted')
    await alice.delete(`deleted ${turn}`)
    await alice.set(`destroyed ${turn}`, 'destroyed')
    await alice.destroy(`destroyed ${turn}`)
    for (let index = 0; index < 60; index++) await vault.as({ id: 'carol' }).scope().set(`${turn} ${index}`, 'many')
    await vault.as({ id: 'eve' }).scope().set('token', 'of eve')
    await vault.operator(operatorPrincipal).eraseOwner('eve', { trail: 'pseudonymise' })
    await alice.get('token')
    await vault.close()
    await retireKey(store, { kind: 'values', owner: 'alice', server: 'github' })
  }
}

async function retireKey(store: VaultStore, scope: { kind: 'values'; owner: string; server: string }): Promise<void> {
  const active = await store.dataKeys.active(scope)
  if (active === undefined) throw new Error('The scope has no key.')
  const retired = { ...active, state: 'retired' as const, revision: active.revision + 1 }
  await store.dataKeys.replace(retired, { ifRevision: active.revision })
}

/** What a store that was lived in gives with the same keys. */
export async function expectLivedIn(store: VaultStore, vaultOn: Mover['vaultOn']): Promise<void> {
  const vault = vaultOn(store)
  const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
  const read = async (version?: number) =>
    (await alice.get('token', version === undefined ? {} : { version }))?.reveal()
  expect([await read(), await read(1)]).toEqual(['token 2', 'token 1'])
  expect((await alice.get('fields'))?.fields()).toEqual({ user: 'alice', turn: '2' })
  expect((await alice.get(oddName))?.reveal()).toBe('odd')
  const bob = vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
  expect((await bob.set('token', 'of bob')).version).toBe(3)
  expect((await vault.as({ id: 'carol' }).scope().getAll()).values.size).toBe(120)
  expect((await vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  await vault.close()
}

/** Everything that a store has, in a form that can be compared between engines. */
export async function contentsOf({ secrets, dataKeys, audit, meta }: VaultStore): Promise<unknown> {
  const limit = 1_000
  const listed = await secrets.list({ limit })
  const streams = await audit.streams({ limit })
  const contents = {
    vaultId: await meta.read('vault-id'),
    secrets: await Promise.all(listed.map(async ({ ref }) => secrets.find(ref, 'all'))),
    dataKeys: await dataKeys.list({ limit }),
    streams,
    rows: await Promise.all(streams.map(async ({ stream }) => audit.readStream(stream, { limit, afterSequence: -1 }))),
    checkpoints: await audit.checkpoints({ limit }),
  }
  return JSON.parse(JSON.stringify(contents, withBytes))
}

/** A Buffer and a Uint8Array of the same bytes are the same. */
function withBytes(this: Record<string, unknown>, name: string, plain: unknown): unknown {
  const value = this[name]
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : plain
}
