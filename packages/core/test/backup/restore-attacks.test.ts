// Restoring over a store that somebody has altered, with an archive that somebody has exchanged, or over a rekey.
import { flipped, overwrite, storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { operatorPrincipal } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { restore, verifyBackup } from '../../src/backup/index.ts'
import type { DataKeyScope, StoredSecret, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultStore, manualClock } from '../../src/testing/index.ts'
import { copyVault } from '../../src/transfer/copy-vault.ts'
import { archived, keys, livedIn, sourceOf, vaultOn } from './archives.ts'

const alicesScope: DataKeyScope = { kind: 'values', owner: 'alice', server: 'github' }
const scopeOf = (store: VaultStore, id = 'alice') => vaultOn(store).as({ id }).scope({ server: 'github' })

async function copyOf(from: VaultStore): Promise<VaultStore> {
  const to = memoryStore()
  await copyVault({ from, to })
  return to
}

async function activeKey(store: VaultStore) {
  const row = await store.dataKeys.active(alicesScope)
  if (row === undefined) throw new Error('The scope has no active data key.')
  return row
}

describe('a record of the target that somebody has altered', () => {
  const alterations: readonly (readonly [string, (record: StoredSecret) => Partial<StoredSecret>])[] = [
    ['its seal', ({ mac }) => ({ mac: flipped(mac) })],
    ['its state, and nothing else', () => ({ state: 'inactive' })],
    ['its id', () => ({ id: 'f'.repeat(32) })],
    ['its data key', () => ({ dekId: 'f'.repeat(32) })],
    ['its revision, so that it looks newer', ({ revision }) => ({ revision: revision + 100 })],
    [
      'a value',
      ({ versions }) => ({
        versions: versions.map((version) =>
          version.envelope === undefined ? version : { ...version, envelope: flipped(version.envelope) },
        ),
      }),
    ],
  ]

  it.each(alterations)('comes back as it was: %s', async (_, alter) => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    const token = await storedAt(store)
    await overwrite(store, { ...token, ...alter(token) })
    const report = await restore({ from: sourceOf(bytes), to: store, keys })
    expect(report).toMatchObject({ secrets: 1, replaced: 1, unchanged: 2, kept: [] })
    expect(await storedAt(store)).toEqual(token)
    expect((await scopeOf(store).get('token'))?.reveal()).toBe('token 2')
  })

  it('stays when the archive has nothing better', async () => {
    const store = await livedIn()
    const token = await storedAt(store)
    await overwrite(store, { ...token, mac: flipped(token.mac) })
    const { bytes } = await archived(store)
    await overwrite(store, { ...token, mac: flipped(flipped(token.mac)), revision: token.revision + 1 })
    const { kept } = await restore({ from: sourceOf(bytes), to: store, keys })
    expect(kept).toEqual([{ ...tokenRef, reason: 'newer' }])
  })
})

describe('a data key of the target', () => {
  it('comes back when it was altered and made to look newer', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    const row = await activeKey(store)
    const altered = { ...row, wraps: row.wraps.map(flipped), revision: row.revision + 7 }
    await store.dataKeys.replace(altered, { ifRevision: row.revision })
    await restore({ from: sourceOf(bytes), to: store, keys })
    expect(await activeKey(store)).toMatchObject({ wraps: row.wraps })
    expect((await scopeOf(store).get('token'))?.reveal()).toBe('token 2')
  })

  it('that the archive knows to be replaced does not stay the active one, whatever was done to it since', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const vault = vaultOn(store, { clock })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', 'before')
    const older = await copyOf(store)
    const leaked = await activeKey(older)
    clock.advance(1_000)
    await vault.operator(operatorPrincipal).rekey({ owner: 'alice', server: 'github' })
    await alice.set('token', 'after')
    const fresh = await activeKey(store)
    expect(fresh.id).not.toBe(leaked.id)
    const { bytes } = await archived(store, { clock })
    for (const revision of [leaked.revision, leaked.revision + 5]) {
      const to = await copyOf(older)
      await to.dataKeys.replace({ ...leaked, revision }, { ifRevision: leaked.revision })
      for (const _ of [1, 2]) await restore({ from: sourceOf(bytes), to, keys, clock })
      expect((await activeKey(to)).id).toBe(fresh.id)
      expect(await to.dataKeys.find(leaked.id, alicesScope)).toMatchObject({ state: 'retired' })
      expect((await scopeOf(to).get('token'))?.reveal()).toBe('after')
    }
  })

  it('that is newer is never set aside for one of the archive, wherever the restore was stopped before', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const vault = vaultOn(store, { clock })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', 'old')
    const leaked = await activeKey(store)
    const { bytes } = await archived(store, { clock })
    await alice.destroy('token')
    await store.dataKeys.remove(leaked.id, alicesScope)
    clock.advance(1_000)
    await vault.close()
    const later = vaultOn(store, { clock })
    await later.as({ id: 'alice' }).scope({ server: 'github' }).set('other', 'new')
    await later.close()
    const newer = await activeKey(store)
    let isDone = false
    for (let failAt = 1; !isDone; failAt++) {
      const to = await copyOf(store)
      const broken = faultStore(to, { failAt, mode: failAt % 2 === 0 ? 'before' : 'after' })
      isDone = await restore({ from: sourceOf(bytes), to: broken, keys, clock }).then(
        () => true,
        () => false,
      )
      await restore({ from: sourceOf(bytes), to, keys, clock })
      expect(await to.dataKeys.find(leaked.id, alicesScope)).toMatchObject({ state: 'retired' })
      expect([undefined, newer.id]).toContain((await to.dataKeys.active(alicesScope))?.id)
      expect((await scopeOf(to).get('token'))?.reveal()).toBe('old')
      expect((await scopeOf(to).get('other'))?.reveal()).toBe('new')
    }
  })
})

describe('an archive in the place of another', () => {
  it('is refused when it is not the one that was asked for, before anything is written', async () => {
    const store = await livedIn()
    const [older, newer] = [await archived(store), await archived(store)]
    const to = memoryStore()
    const other = { from: sourceOf(older.bytes), keys, id: newer.report.id }
    await expect(restore({ ...other, to })).rejects.toMatchObject({ code: 'VAULT_CONFLICT', field: 'id' })
    await expect(verifyBackup(other)).rejects.toMatchObject({ code: 'VAULT_CONFLICT', field: 'id' })
    expect(await to.meta.read('vault-id')).toBeUndefined()
    const wanted = { from: sourceOf(newer.bytes), keys, id: newer.report.id }
    expect(await verifyBackup(wanted)).toMatchObject({ ok: true, id: newer.report.id })
    expect(await restore({ ...wanted, to })).toMatchObject({ secrets: 3, laterArchives: [] })
  })

  it('is shown by the later ones that the target knows', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    await vaultOn(store, { clock }).as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'value')
    const older = await archived(store, { clock })
    clock.advance(1_000)
    const newer = await archived(store, { clock })
    const { laterArchives } = await restore({ from: sourceOf(older.bytes), to: store, keys, clock })
    expect(laterArchives).toEqual([newer.report.id])
  })
})

describe('an owner who was erased before the archive was made', () => {
  it('is named when an older target still has something of them', async () => {
    const store = await livedIn()
    const older = await copyOf(store)
    await vaultOn(store).operator(operatorPrincipal).eraseOwner('alice', { trail: 'pseudonymise' })
    const { bytes } = await archived(store)
    const { erased } = await restore({ from: sourceOf(bytes), to: older, keys })
    expect(erased).toEqual(['alice'])
    for (const owner of erased) await vaultOn(older).operator(operatorPrincipal).eraseOwner(owner)
    expect((await restore({ from: sourceOf(bytes), to: older, keys })).erased).toEqual([])
    expect(await older.secrets.list({ owner: 'alice', limit: 10 })).toEqual([])
  })
})
