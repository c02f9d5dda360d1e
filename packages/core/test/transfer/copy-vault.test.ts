// Moving a vault between stores: all of it arrives, a run that was stopped goes on, and a difference is an error.

import { overwrite, storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { operatorPrincipal, testPolicy } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { StoredDataKey, VaultStore } from '../../src/contracts/index.ts'
import { createVault, type Vault } from '../../src/create-vault.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultStore, recordingStore } from '../../src/testing/index.ts'
import { copyVault } from '../../src/transfer/copy-vault.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const vaultOn = (store: VaultStore): Vault => createVault({ keys, store, policy: testPolicy })

/** A store with a vault that has lived: versions, shares, a destroyed secret, an erased user, several processes. */
async function livedIn(): Promise<VaultStore> {
  const store = memoryStore()
  for (const process of [1, 2]) {
    const vault = vaultOn(store)
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', `token ${process}`, { tags: ['ci'], description: 'of the build' })
    await alice.share('token', { with: 'bob', permission: 'read' })
    await alice.set(`gone ${process}`, 'gone')
    await alice.destroy(`gone ${process}`)
    for (let index = 0; index < 210; index++) await vault.as({ id: 'carol' }).scope().set(`${process} ${index}`, 'many')
    await vault.as({ id: 'eve' }).scope().set('token', 'of eve')
    await vault.operator(operatorPrincipal).eraseOwner('eve', { trail: 'pseudonymise' })
    await alice.get('token')
    await vault.close()
  }
  return store
}

describe('copying a vault', () => {
  it('brings all of it, opens with the same keys, and leaves the source as it was', async () => {
    const from = recordingStore(await livedIn())
    const to = memoryStore()
    const steps: string[] = []
    const report = await copyVault({ from, to, onProgress: ({ step }) => steps.push(step) })
    expect(report.secrets).toBe(421)
    expect(report.auditRows).toBeGreaterThan(430)
    expect(report.checkpoints).toBeGreaterThan(0)
    expect(report.dataKeys).toBeGreaterThan(2)
    expect([...new Set(steps)]).toEqual(['copy', 'verify'])
    expect(
      from.calls.filter((name) => !/\.(read|find|active|list|readAll|readStream|checkpoints)$/.test(name)),
    ).toEqual([])
    expect(await storedAt(to)).toEqual(await storedAt(from))

    const vault = vaultOn(to)
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    expect((await alice.get('token'))?.reveal()).toBe('token 2')
    expect((await alice.get('token', { version: 1 }))?.reveal()).toBe('token 1')
    expect((await vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' }).get('token'))?.reveal()).toBe(
      'token 2',
    )
    expect((await alice.set('token', 'token 3')).version).toBe(3)
    expect((await vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  })

  it('brings what the vault keeps of its keys, and refuses a target that knows another key of an id', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await vaultOn(from).as({ id: 'alice' }).scope().set('token', 'x')
    await copyVault({ from, to })
    const wrong = createVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }), store: to })
    await expect(wrong.as({ id: 'bob' }).scope().set('token', 'y')).rejects.toMatchObject({
      code: 'VAULT_KEY_MISMATCH',
    })
    const other = memoryStore()
    await other.meta.insertOnce('kek/main#1', new Uint8Array(8))
    await expect(copyVault({ from, to: other })).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
  })

  it('brings events of streams that the list of the source leaves out', async () => {
    const from = await livedIn()
    const to = memoryStore()
    const { auditRows } = await copyVault({ from: { ...from, audit: { ...from.audit, streams: () => [] } }, to })
    expect(await to.audit.readAll({ limit: 10_000 })).toHaveLength(auditRows)
    expect((await vaultOn(to).operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
  })

  it('refuses a source with an event in no place', async () => {
    const from = await livedIn()
    const [row] = await from.audit.readAll({ limit: 1 })
    const forged = row === undefined ? [] : [{ ...row, sequence: Number.NaN }]
    const audit = { ...from.audit, readAll: () => forged }
    const copying = copyVault({ from: { ...from, audit }, to: memoryStore() })
    await expect(copying).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
  })

  it('goes on after a failure at any call, and ends with the same', async () => {
    const from = memoryStore()
    const vault = vaultOn(from)
    for (const name of ['one', 'two']) await vault.as({ id: 'alice' }).scope({ server: 'github' }).set(name, 'value')
    await vault.close()
    let failed = 0
    for (let failAt = 1; ; failAt++) {
      const to = memoryStore()
      const broken = faultStore(to, { failAt, mode: failAt % 2 === 0 ? 'before' : 'after' })
      const isDone = await copyVault({ from, to: broken }).then(
        () => true,
        () => false,
      )
      const report = await copyVault({ from, to })
      expect(report).toEqual(await copyVault({ from, to: memoryStore() }))
      if (isDone) break
      failed += 1
    }
    expect(failed).toBeGreaterThan(10)
  })

  it('refuses the store of another vault', async () => {
    const to = memoryStore()
    await vaultOn(to).as({ id: 'alice' }).scope().set('token', 'other')
    await expect(copyVault({ from: await livedIn(), to })).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID' })
  })

  it('names the secret that somebody changed meanwhile', async () => {
    const from = await livedIn()
    const to = memoryStore()
    const altered: VaultStore = {
      ...to,
      secrets: {
        ...to.secrets,
        async find(ref, versions) {
          const found = await to.secrets.find(ref, versions)
          return found && ref.name === 'token' ? { ...found, useCount: found.useCount + 1 } : found
        },
      },
    }
    await expect(copyVault({ from, to: altered })).rejects.toMatchObject({ code: 'VAULT_CONFLICT', ref: tokenRef })
  })

  it('names a record and a data key that the source cannot read, and copies none of them', async () => {
    const store = await livedIn()
    const blank = { ...(await storedAt(store)), mac: new Uint8Array(), versions: [], isDamaged: true } as const
    const find: VaultStore['secrets']['find'] = async (ref, versions) =>
      ref.name === 'token' && ref.owner === 'alice' ? blank : store.secrets.find(ref, versions)
    const to = memoryStore()
    const damaged = { ...store, secrets: { ...store.secrets, find } }
    await expect(copyVault({ from: damaged, to })).rejects.toMatchObject({ code: 'VAULT_OPEN_FAILED', ref: tokenRef })
    expect(await to.secrets.find(tokenRef, 'current')).toBeUndefined()
    const list: VaultStore['dataKeys']['list'] = async (query) =>
      (await store.dataKeys.list(query)).map((row) => (row.scope.owner === 'alice' ? { ...row, wraps: [] } : row))
    const keyless = { ...store, dataKeys: { ...store.dataKeys, list } }
    const refused = { code: 'VAULT_ENVELOPE_INVALID', ref: { owner: 'alice' } }
    await expect(copyVault({ from: keyless, to: memoryStore() })).rejects.toMatchObject(refused)
  })

  it('refuses a target that has a secret more', async () => {
    const from = await livedIn()
    const to = memoryStore()
    await copyVault({ from, to })
    await overwrite(to, { ...(await storedAt(to)), ref: { ...tokenRef, name: 'more' } })
    await expect(copyVault({ from, to })).rejects.toMatchObject({ code: 'VAULT_CONFLICT', ref: { name: 'more' } })
  })

  it('follows a user who became a pseudonym since the first run', async () => {
    const from = await livedIn()
    const to = memoryStore()
    await copyVault({ from, to })
    const vault = vaultOn(from)
    await vault.operator(operatorPrincipal).eraseOwner('bob', { trail: 'pseudonymise' })
    await vault.close()
    const target = recordingStore(to)
    await copyVault({ from, to: target })
    const redacted = target.calls.filter((name) => name === 'audit.redact')
    expect(redacted.length).toBeGreaterThan(0)
    expect(redacted.length).toBeLessThan(20)
    expect(await to.audit.query({ principal: 'bob' }, { limit: 10 })).toEqual([])
  })

  it('redacts nothing in an empty target, whose rows come as they are', async () => {
    const to = recordingStore(memoryStore())
    await copyVault({ from: await livedIn(), to })
    expect(to.calls).not.toContain('audit.redact')
  })

  it('takes a key that never got its place for a retired one', async () => {
    const store = await livedIn()
    const [active] = (await store.dataKeys.list({ limit: 10 })).filter((row) => row.scope.owner === 'alice')
    if (active === undefined) throw new Error('The store has no such key.')
    const orphan: StoredDataKey = { ...active, id: 'f'.repeat(32) }
    const from: VaultStore = {
      ...store,
      dataKeys: {
        ...store.dataKeys,
        find: (id, scope) => (id === orphan.id ? orphan : store.dataKeys.find(id, scope)),
        list: async (query) => {
          const page = await store.dataKeys.list(query)
          return query.after === undefined && page.length < query.limit ? [...page, orphan] : page
        },
      },
    }
    const to = memoryStore()
    await copyVault({ from, to })
    expect((await to.dataKeys.active(active.scope))?.id).toBe(active.id)
    expect(await to.dataKeys.find(orphan.id, orphan.scope)).toMatchObject({ state: 'retired' })
  })

  it('refuses a target that has a data key of a user whom the source has erased since', async () => {
    const from = await livedIn()
    const to = memoryStore()
    const stopped = faultStore(to, { failAt: 12, mode: 'before' })
    await expect(copyVault({ from, to: stopped })).rejects.toThrow()
    expect(stopped.failed).toBe('secrets.put')
    const vault = vaultOn(from)
    await vault.operator(operatorPrincipal).eraseOwner('alice')
    await vault.close()
    await expect(copyVault({ from, to })).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
  })

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const copying = copyVault({
      from: await livedIn(),
      to: memoryStore(),
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(copying).rejects.toBe(reason)
  })
})
