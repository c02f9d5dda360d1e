// The erasure of a user: nothing that others keep or that the trail says leads back to it, and it can be begun again.
import {
  codeOf,
  leaver,
  leaverContext,
  leaveTraces,
  operatorPrincipal,
  testVault,
  tracesIn,
} from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { interceptStore } from '../../src/testing/index.ts'

const pseudonymise = { trail: 'pseudonymise' } as const

/** A vault in which the user has left traces of every kind. */
async function usedVault(store: VaultStore = memoryStore()) {
  const test = testVault({ store })
  await leaveTraces(test.vault)
  const { vault } = test
  const operator = vault.operator(operatorPrincipal, { sourceIp: '192.0.2.1' })
  const auditor = vault.as({ id: 'ada', roles: ['auditor'] })
  return {
    ...test,
    operator,
    auditor,
    bobs: (id = 'bob') => vault.as({ id }).scope({ owner: 'bob', server: 'github' }),
  }
}

describe('an erasure with a pseudonym', () => {
  it('[S5][S17] leaves no name, address, agent or call of the user in any record or event', async () => {
    const { store, operator, auditor } = await usedVault()
    expect((await tracesIn(store)).left).toHaveLength(4)
    expect(await operator.eraseOwner(leaver, pseudonymise)).toMatchObject({
      dataKeys: 2,
      secrets: 2,
      grants: 1,
      renamed: 2,
      untrusted: 0,
      refused: 0,
    })
    const { left, known } = await tracesIn(store)
    expect(left).toEqual([])
    expect(known).toHaveLength(3)
    expect(await operator.verifyAudit()).toMatchObject({ ok: true })
    const { items } = await auditor.auditLog({ actions: ['owner.erased'] })
    expect(items.map(({ event }) => event)).toMatchObject([
      { principal: 'root', owner: expect.stringMatching(/^erased-[0-9a-f]{16}$/), sourceIp: '192.0.2.1' },
    ])
  })

  it('[S5] puts the pseudonym under the seal of the secrets of others, whose values and permissions stay', async () => {
    const { store, operator, other, bobs } = await usedVault()
    await operator.eraseOwner(leaver, pseudonymise)
    for (const vault of [undefined, other()]) {
      const scope = vault?.as({ id: 'bob' }).scope({ server: 'github' }) ?? bobs()
      const setters = (await scope.history('left'))?.map(({ createdBy }) => createdBy)
      expect(setters).toEqual([expect.stringMatching(/^erased-/), 'bob'])
      expect(await scope.grants('shared')).toMatchObject([{ principal: 'carol', grantedBy: setters?.[0] }])
      expect((await scope.get('shared', { version: 1 }))?.reveal()).toBe('1')
      expect((await scope.get('left'))?.reveal()).toBe('2')
    }
    expect((await bobs('carol').get('left'))?.reveal()).toBe('2')
    expect(await bobs(leaver).get('shared')).toBeUndefined()
    expect((await bobs().undelete('deleted')) && (await bobs().get('deleted'))?.reveal()).toBe('2')
    expect((await tracesIn(store)).left).toEqual([leaver]) // in the event of the call that was refused since
  })

  it('[S39] records each secret of others that it changes, once', async () => {
    const { operator, auditor } = await usedVault()
    await operator.eraseOwner(leaver, pseudonymise)
    const { items } = await auditor.auditLog({ principal: 'root', limit: 100 })
    const changes = items.filter(({ event }) => event.operation === 'eraseOwner' && event.owner === 'bob')
    expect(changes.map(({ event }) => `${event.action} ${event.name}`).sort()).toEqual([
      'secret.unshared shared',
      'secret.updated deleted',
      'secret.updated left',
    ])
  })

  it('[S5] goes on where an earlier run ended, and changes nothing once all is done', async () => {
    let putsLeft = Number.POSITIVE_INFINITY
    const store = interceptStore(memoryStore(), ({ name, run }) => {
      if (name === 'secrets.put' && putsLeft-- <= 0) throw new VaultError('VAULT_STORE_FAILED', { retryable: false })
      return run()
    })
    const { operator } = await usedVault(store)
    putsLeft = 1
    expect(await codeOf(operator.eraseOwner(leaver, pseudonymise))).toBe('VAULT_STORE_FAILED')
    putsLeft = Number.POSITIVE_INFINITY
    expect(await operator.eraseOwner(leaver, pseudonymise)).toMatchObject({
      dataKeys: 0,
      secrets: 0,
      grants: 0,
      renamed: 2,
    })
    expect((await tracesIn(store)).left).toEqual([])
    const nothing = { dataKeys: 0, secrets: 0, grants: 0, renamed: 0, untrusted: 0, pseudonymised: 0, refused: 0 }
    expect(await operator.eraseOwner(leaver, pseudonymise)).toEqual(nothing)
    expect(await operator.verifyAudit()).toMatchObject({ ok: true })
  })

  it('counts what it cannot trust, leaves it as it is, and does the rest', async () => {
    const { store, operator } = await usedVault()
    const ref = { owner: 'bob', server: 'github', name: 'left' }
    const record = await store.secrets.find(ref, 'all')
    if (record === undefined) throw new Error('The record is not there.')
    await store.secrets.put({ ...record, tier: 3, revision: record.revision + 1 }, { ifRevision: record.revision })
    expect(await operator.eraseOwner(leaver, pseudonymise)).toMatchObject({ grants: 1, renamed: 1, untrusted: 1 })
    expect((await store.secrets.find(ref, 'all'))?.versions.map(({ createdBy }) => createdBy)).toEqual(['bob', leaver])
  })

  it('fails, and takes nothing for done, while the key of a record is away', async () => {
    const { store, keys, other } = await usedVault()
    const isBobs = (scope: unknown) => JSON.stringify(scope).includes('bob')
    const away: KeyProvider = {
      ...keys,
      unwrap: (wrap, scope, options) => {
        if (isBobs(scope)) throw new VaultError('VAULT_KEY_UNAVAILABLE')
        return keys.unwrap(wrap, scope, options)
      },
    }
    const fresh = other({ keys: away }).operator(operatorPrincipal)
    expect(await codeOf(fresh.eraseOwner(leaver, pseudonymise))).toBe('VAULT_KEY_UNAVAILABLE')
    const again = other().operator(operatorPrincipal)
    expect(await again.eraseOwner(leaver, pseudonymise)).toMatchObject({ dataKeys: 0, grants: 1, renamed: 2 })
    expect((await tracesIn(store)).left).toEqual([])
  })

  it('looks through the vault in pages, however many secrets there are', async () => {
    const limits: number[] = []
    const store = interceptStore(memoryStore(), ({ name, args: [query], run }) => {
      if (name === 'secrets.list' && typeof query === 'object' && query !== null && 'limit' in query)
        limits.push(Number(query.limit))
      return run()
    })
    const { vault, operator } = await usedVault(store)
    const many = vault.as({ id: 'dave' }).scope({ server: 'github' })
    for (let index = 0; index < 520; index++) await many.set(`secret ${index}`, 'x')
    expect(await operator.eraseOwner(leaver, pseudonymise)).toMatchObject({ renamed: 2 })
    expect(Math.max(...limits)).toBeLessThanOrEqual(500)
    expect(limits.length).toBeGreaterThanOrEqual(4)
  })
})

describe('an erasure that keeps the trail', () => {
  it('[S5] takes permissions away, and leaves names and events as they are', async () => {
    const { store, operator, bobs } = await usedVault()
    const kept = { dataKeys: 2, secrets: 2, grants: 1, renamed: 0, untrusted: 0, pseudonymised: 0, refused: 0 }
    expect(await operator.eraseOwner(leaver)).toEqual(kept)
    expect(await bobs(leaver).get('shared')).toBeUndefined()
    expect((await bobs().history('left'))?.[0]?.createdBy).toBe(leaver)
    expect((await tracesIn(store)).left).toEqual([leaver, ...Object.values(leaverContext)])
  })
})
