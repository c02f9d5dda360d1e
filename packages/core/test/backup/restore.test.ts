// restore: nothing newer is overwritten, nobody erased comes back, and a restore that was stopped goes on.
import { flipped, storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { operatorPrincipal } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { restore } from '../../src/backup/index.ts'
import type { StoredDataKey, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultStore, manualClock, recordingStore } from '../../src/testing/index.ts'
import { copyVault } from '../../src/transfer/copy-vault.ts'
import { archived, keys, livedIn, sourceOf, vaultOn } from './archives.ts'

const scopeOf = (store: VaultStore, id = 'alice') => vaultOn(store).as({ id }).scope({ server: 'github' })
const alicesScope = { kind: 'values', owner: 'alice', server: 'github' } as const

/** A store of the vault of another one, as it is now. */
async function copyOf(from: VaultStore): Promise<VaultStore> {
  const to = memoryStore()
  await copyVault({ from, to })
  return to
}

describe('restoring over a store that has something', () => {
  it('leaves a secret that is newer there as it is, and says so', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    await scopeOf(store).set('token', 'newer')
    const before = await storedAt(store)
    const report = await restore({ from: sourceOf(bytes), to: store, keys })
    expect(report).toMatchObject({ secrets: 0, unchanged: 2, kept: [{ ...tokenRef, reason: 'newer' }], keptCount: 1 })
    expect(await storedAt(store)).toEqual(before)
  })

  it('leaves a secret alone that was destroyed and made again', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    await scopeOf(store).destroy('token')
    await scopeOf(store).set('token', 'another')
    const { kept } = await restore({ from: sourceOf(bytes), to: store, keys })
    expect(kept).toEqual([{ ...tokenRef, reason: 'other' }])
    expect((await scopeOf(store).get('token'))?.reveal()).toBe('another')
  })

  it('leaves a secret alone that differs in the same revision', async () => {
    const store = await livedIn()
    const other = await copyOf(store)
    await scopeOf(store).set('token', 'in the archive')
    await scopeOf(other).set('token', 'in the target')
    const { kept } = await restore({ from: sourceOf((await archived(store)).bytes), to: other, keys })
    expect(kept).toEqual([{ ...tokenRef, reason: 'other' }])
    expect((await scopeOf(other).get('token'))?.reveal()).toBe('in the target')
  })

  it('brings back what was destroyed, replaces what is older, and keeps later counters of use', async () => {
    const store = await livedIn()
    const older = await copyOf(store)
    await scopeOf(store).set('token', 'later')
    const { bytes } = await archived(store)
    await scopeOf(older).destroy('bytes')
    await older.secrets.touch([{ ref: tokenRef, id: (await storedAt(older)).id, lastUsedAt: new Date(), uses: 7 }])
    const { useCount } = await storedAt(older)
    const report = await restore({ from: sourceOf(bytes), to: older, keys })
    expect(report).toMatchObject({ secrets: 2, replaced: 1, unchanged: 1, kept: [] })
    expect((await scopeOf(older).get('token'))?.reveal()).toBe('later')
    expect((await scopeOf(older).get('token', { version: 1 }))?.reveal()).toBe('token 1')
    expect(await scopeOf(older).use('bytes', (value) => value.length)).toBe(3)
    expect((await storedAt(older)).useCount).toBe(useCount)
  })

  it('replaces a record that the store cannot read', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    let isDamaged = true
    const damaged: VaultStore = {
      ...store,
      secrets: {
        ...store.secrets,
        async find(ref, versions) {
          const found = await store.secrets.find(ref, versions)
          const blank = found && { ...found, mac: new Uint8Array(), versions: [], isDamaged: true as const }
          return ref.name === 'token' && isDamaged ? blank : found
        },
        remove(ref, options) {
          isDamaged = false
          return store.secrets.remove(ref, options)
        },
      },
    }
    expect(await restore({ from: sourceOf(bytes), to: damaged, keys })).toMatchObject({ secrets: 1, replaced: 1 })
    expect((await scopeOf(store).get('token'))?.reveal()).toBe('token 2')
  })

  it('brings back a data key beside a newer one, which stays the active one', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    const old = await store.dataKeys.active(alicesScope)
    await scopeOf(store).destroy('token')
    await scopeOf(store).destroy('bytes')
    if (old !== undefined) await store.dataKeys.remove(old.id, old.scope)
    await scopeOf(store).set('fresh', 'under a new key')
    const active = await store.dataKeys.active(alicesScope)
    expect(active?.id).not.toBe(old?.id)
    await restore({ from: sourceOf(bytes), to: store, keys })
    expect(await store.dataKeys.active(alicesScope)).toEqual(active)
    expect(await store.dataKeys.find(old?.id ?? '', alicesScope)).toMatchObject({ state: 'retired' })
    expect((await scopeOf(store).get('token'))?.reveal()).toBe('token 2')
    expect((await scopeOf(store).get('fresh'))?.reveal()).toBe('under a new key')
  })

  it('keeps wraps that are newer there, and takes those that are newer in the archive', async () => {
    const store = await livedIn()
    const older = await copyOf(store)
    const row = await store.dataKeys.active(alicesScope)
    if (row === undefined) throw new Error('The store has no such key.')
    const rewrapped: StoredDataKey = { ...row, wraps: [...row.wraps, ...row.wraps], revision: row.revision + 1 }
    const before = (await archived(store)).bytes
    await store.dataKeys.replace(rewrapped, { ifRevision: row.revision })
    const after = (await archived(store)).bytes
    await restore({ from: sourceOf(before), to: store, keys })
    expect(await store.dataKeys.active(alicesScope)).toMatchObject({ revision: row.revision + 1 })
    await restore({ from: sourceOf(after), to: older, keys })
    expect((await older.dataKeys.active(alicesScope))?.wraps).toHaveLength(2)
  })

  it('refuses the store of another vault, and one that knows another key of an id', async () => {
    const { bytes } = await archived(await livedIn())
    const to = recordingStore(await livedIn())
    const refused = restore({ from: sourceOf(bytes), to, keys })
    await expect(refused).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'to' })
    expect(to.calls.filter((name) => /put|insert$|append|replace/.test(name))).toEqual([])
    const other = memoryStore()
    await other.meta.insertOnce('kek/main#1', new Uint8Array(8))
    const second = restore({ from: sourceOf(bytes), to: other, keys })
    await expect(second).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
    expect(await other.secrets.list({ limit: 10 })).toEqual([])
  })

  it('leaves other events in the place of those of the archive, and names their stream', async () => {
    const store = await livedIn()
    const [row] = await store.audit.readAll({ limit: 1 })
    const { bytes } = await archived(store)
    if (row === undefined) throw new Error('The trail is empty.')
    const to = memoryStore()
    await to.audit.append([{ ...row, mac: flipped(row.mac) }])
    const { forkedStreams, secrets } = await restore({ from: sourceOf(bytes), to, keys })
    expect([forkedStreams, secrets]).toEqual([[row.stream], 3])
  })

  it('takes the pseudonyms of the archive for events that the target has with the name', async () => {
    const store = await livedIn()
    const older = await copyOf(store)
    const vault = vaultOn(store)
    await vault.operator(operatorPrincipal).eraseOwner('bob', { trail: 'pseudonymise' })
    await vault.close()
    await restore({ from: sourceOf((await archived(store)).bytes), to: older, keys })
    expect(await older.audit.query({ principal: 'bob' }, { limit: 10 })).toEqual([])
    expect((await vaultOn(older).operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  })
})

describe('an owner who was erased since', () => {
  const aliceIsGone = async (store: VaultStore) => {
    expect(await store.secrets.list({ owner: 'alice', limit: 10 })).toEqual([])
    expect(await store.dataKeys.list({ owner: 'alice', limit: 10 })).toEqual([])
  }

  it.each(['keep', 'pseudonymise'] as const)(
    '[S5] does not come back, by the trail of the target: %s',
    async (trail) => {
      const store = await livedIn()
      const { bytes } = await archived(store)
      await vaultOn(store).operator(operatorPrincipal).eraseOwner('alice', { trail })
      const report = await restore({ from: sourceOf(bytes), to: store, keys })
      expect(report).toMatchObject({ erased: ['alice'], erasedSecrets: 2, secrets: 0, unchanged: 1 })
      await aliceIsGone(store)
    },
  )

  it('[S5] does not come back when the caller names them, in an empty store', async () => {
    const { bytes } = await archived(await livedIn())
    const to = memoryStore()
    const report = await restore({ from: sourceOf(bytes), to, keys, erased: ['alice'] })
    expect(report).toMatchObject({ erased: ['alice'], erasedSecrets: 2, secrets: 1 })
    await aliceIsGone(to)
  })

  it('[S5] gets no permission back on the secrets of others, which stay trusted', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    for (const to of [store, memoryStore()]) {
      if (to === store) {
        await vaultOn(store).operator(operatorPrincipal).eraseOwner('bob')
        await scopeOf(store).destroy('token')
      }
      await restore({ from: sourceOf(bytes), to, keys, ...(to === store ? {} : { erased: ['bob'] }) })
      expect((await storedAt(to)).grants).toEqual([])
      expect((await scopeOf(to).get('token'))?.reveal()).toBe('token 2')
      expect(await restore({ from: sourceOf(bytes), to, keys, erased: ['bob'] })).toMatchObject({
        kept: [],
        unchanged: 2,
      })
    }
  })

  it('keeps what was made after the erasure', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const vault = vaultOn(store, { clock })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('before', 'x')
    clock.advance(1_000)
    await vault.operator(operatorPrincipal).eraseOwner('alice')
    clock.advance(1_000)
    await alice.set('after', 'y')
    const { bytes } = await archived(store, { clock })
    await alice.destroy('after')
    expect(await restore({ from: sourceOf(bytes), to: store, keys, clock })).toMatchObject({ secrets: 1, erased: [] })
    // Another process, since this one knows that the secret was destroyed.
    expect((await scopeOf(store).get('after'))?.reveal()).toBe('y')
  })

  it('comes back when the erasure was refused or did not come to its end', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    const vault = vaultOn(store)
    await expect(vault.operator({ id: 'mallory' }).eraseOwner('alice')).rejects.toThrow()
    const signal = AbortSignal.abort(new Error('enough'))
    const { dataKeys } = store
    const failing = { ...store, dataKeys: { ...dataKeys, list: () => Promise.reject(new Error('disk full')) } }
    await expect(vaultOn(failing).operator(operatorPrincipal).eraseOwner('alice')).rejects.toThrow()
    await expect(vault.operator(operatorPrincipal).eraseOwner('alice', { signal })).rejects.toThrow()
    await scopeOf(store).destroy('token')
    expect(await restore({ from: sourceOf(bytes), to: store, keys })).toMatchObject({ secrets: 1, erased: [] })
    await vault.close()
  })

  it('comes back when somebody who writes the database has made up the erasure', async () => {
    const store = await livedIn()
    const { bytes } = await archived(store)
    const rows = await store.audit.readAll({ limit: 100 })
    const forged = rows
      .filter((row) => row.columns.action === 'secret.created' && row.columns.owner === 'alice')
      .map((row) => ({ ...row, columns: { ...row.columns, action: 'owner.erased' as const } }))
    expect(forged.length).toBeGreaterThan(0)
    const to = memoryStore()
    await copyVault({ from: store, to })
    await scopeOf(to).destroy('token')
    for (const row of forged) await to.audit.redact(row)
    expect(await restore({ from: sourceOf(bytes), to, keys })).toMatchObject({ secrets: 1, erased: [] })
  })
})

describe('a restore that was stopped', () => {
  it('at any call is finished by the next', async () => {
    const store = memoryStore()
    const vault = vaultOn(store)
    for (const id of ['alice', 'bob']) await vault.as({ id }).scope({ server: 'github' }).set('token', 'value')
    await vault.close()
    const { bytes } = await archived(store)
    const whole = memoryStore()
    await restore({ from: sourceOf(bytes), to: whole, keys })
    let failed = 0
    for (let failAt = 1; ; failAt++) {
      const to = memoryStore()
      const broken = faultStore(to, { failAt, mode: failAt % 2 === 0 ? 'before' : 'after' })
      const isDone = await restore({ from: sourceOf(bytes), to: broken, keys }).then(
        () => true,
        () => false,
      )
      await restore({ from: sourceOf(bytes), to, keys })
      for (const owner of ['alice', 'bob'])
        expect(await storedAt(to, { ...tokenRef, owner })).toEqual(await storedAt(whole, { ...tokenRef, owner }))
      expect(await to.dataKeys.list({ limit: 10 })).toEqual(await whole.dataKeys.list({ limit: 10 }))
      if (isDone) break
      failed += 1
    }
    expect(failed).toBeGreaterThan(10)
  })

  it('by its signal ends with the reason', async () => {
    const { bytes } = await archived(await livedIn())
    for (const step of ['verify', 'restore'] as const) {
      const controller = new AbortController()
      const reason = new Error('enough')
      const to = recordingStore(memoryStore())
      const onProgress = (progress: { readonly step: string }) => {
        if (progress.step === step) controller.abort(reason)
      }
      const restoring = restore({ from: sourceOf(bytes, 100), to, keys, signal: controller.signal, onProgress })
      await expect(restoring).rejects.toBe(reason)
      expect(to.calls.length > 0).toBe(step === 'restore')
    }
  })
})

describe('the trail of a restored vault', () => {
  it('says who restored it, in an event that verifies', async () => {
    const { bytes } = await archived(await livedIn())
    const to = memoryStore()
    await restore({ from: sourceOf(bytes), to, keys, by: 'olga' })
    const vault = vaultOn(to)
    const [item] = (await vault.as(operatorPrincipal).auditLog({ actions: ['backup.restored'] })).items
    expect(item).toMatchObject({ event: { principal: 'olga', operation: 'restore', outcome: 'allowed', count: 3 } })
    expect((await vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
    await vault.close()
  })
})

describe('the options', () => {
  const to = memoryStore()
  const from = sourceOf(Buffer.alloc(0))

  it.each([
    ['from', { from: 'file', to, keys }],
    ['to.secrets', { from, to: {}, keys }],
    ['keys', { from, to, keys: {} }],
    ['erased', { from, to, keys, erased: 'alice' }],
    ['by', { from, to, keys, by: '' }],
    ['clock', { from, to, keys, clock: {} }],
    ['signal', { from, to, keys, signal: 1 }],
    ['onProgress', { from, to, keys, onProgress: 1 }],
  ])('must have the right types: %s', async (field, options) => {
    // As plain JavaScript would call it.
    const restoring = restore(Object(options))
    await expect(restoring).rejects.toThrow(TypeError)
    await expect(restore(Object(options))).rejects.toThrow(field)
  })

  it('must be known', async () => {
    const restoring = restore(Object({ from, to, keys, force: true }))
    await expect(restoring).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID' })
  })
})
