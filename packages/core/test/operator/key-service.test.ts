// rewrap and census with providers that ask a key service.
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import { parseWrappedKey } from '../../src/envelope/index.ts'
import { generateKey, keyFromEnv, keyRing, multiProvider } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { countingProvider, manualClock } from '../../src/testing/index.ts'
import {
  both,
  idsOfAll,
  lastBitFlipped,
  main,
  nothing,
  opensWith,
  operatorOf,
  recovery,
  rotated,
  rowsOf,
  vaultUnder,
} from './rewrapping.ts'

describe('a key service', () => {
  /** Wraps again by itself, as ReEncrypt of a key service does. */
  const reEncrypts = (ring: KeyProvider): KeyProvider => ({
    ...ring,
    async rewrap([wrap = new Uint8Array()], scope) {
      const dek = await ring.unwrap(wrap, scope)
      return ring.wrap({ dek, dekId: parseWrappedKey(wrap).dekIdBytes, scope })
    },
  })

  it('wraps again by itself where it can, and what it gives is opened and compared', async () => {
    const store = await vaultUnder(both)
    const counted = countingProvider(reEncrypts(rotated))
    const { vault } = testVault({ store, keys: counted, audit: { mode: 'dangerously-off' } })
    const report = await vault.operator(operatorPrincipal).rewrap()
    expect(report).toEqual({ ...nothing, rewrapped: 3, foreign: new Map([['recovery#1', 3]]) })
    // Of each row the old wrap, the foreign one, and the new one.
    expect(counted.counts).toEqual({ wrap: 0, unwrap: 9, generate: 0, rewrap: 3 })
    expect(await idsOfAll(store)).toEqual(['main#2', 'recovery#1'])
    await opensWith(store, rotated)
  })

  it('may give back what is current already', async () => {
    const store = await vaultUnder(main)
    const before = new Map((await rowsOf(store)).map(({ id, wraps }) => [id, wraps[0]]))
    const provider: KeyProvider = {
      ...both,
      async rewrap([wrap = new Uint8Array()], scope) {
        const [, added = new Uint8Array()] = (await reEncrypts(both).rewrap?.([wrap], scope)) ?? []
        return [added, wrap]
      },
    }
    expect(await operatorOf(store, provider).rewrap()).toEqual({ ...nothing, rewrapped: 3 })
    for (const { id, wraps } of await rowsOf(store)) expect(wraps[1]).toEqual(before.get(id))
    await opensWith(store, recovery)
  })

  it.each([
    ['gives back the old wraps', (wraps: readonly Uint8Array[]) => wraps, 'VAULT_CONFIG_INVALID'],
    ['gives none', () => [], 'VAULT_CONFIG_INVALID'],
    ['gives altered wraps', (wraps: readonly Uint8Array[]) => wraps.map(lastBitFlipped), 'VAULT_OPEN_FAILED'],
    ['gives bytes that are no wraps', () => [new Uint8Array(8)], 'VAULT_ENVELOPE_INVALID'],
  ])('that %s changes nothing', async (_, rewrap, code) => {
    const store = await vaultUnder(main)
    const before = await rowsOf(store)
    const report = await operatorOf(store, { ...rotated, rewrap }).rewrap()
    expect(report.quarantined.map((row) => row.code)).toEqual([code, code, code])
    expect(await rowsOf(store)).toEqual(before)
  })

  it('knows its current keys only when it is asked, and may have rotated since', async () => {
    const store = await vaultUnder(main)
    let asked = 0
    const provider: KeyProvider = {
      ...rotated,
      async currentKeyIds() {
        asked += 1
        return new Set([asked === 1 ? 'main#9' : 'main#2'])
      },
    }
    const operator = operatorOf(store, provider)
    expect(await operator.rewrap()).toEqual({ ...nothing, rewrapped: 3 })
    expect(await operator.rewrap()).toEqual(nothing)
    expect(await idsOfAll(store)).toEqual(['main#2'])
  })

  it('that does not answer when it is asked for its current keys stops nothing else', async () => {
    const clock = manualClock()
    const provider: KeyProvider = { ...main, currentKeyIds: () => new Promise(() => {}) }
    const { scope, vault } = testVault({ keys: provider, clock, store: memoryStore({ clock }) })
    await scope('alice').set('token', 'x')
    const asked = codeOf(vault.operator(operatorPrincipal).census())
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(60_000)
    expect(await asked).toBe('VAULT_KEY_UNAVAILABLE')
    expect((await scope('alice').get('token'))?.reveal()).toBe('x')
  })
})

describe('the census', () => {
  it('[S8] speaks of each key id, and lets none go that a wrap made now would have', async () => {
    const store = await vaultUnder(both)
    const operator = operatorOf(store, multiProvider({ primary: rotated, recovery: [recovery] }))
    expect(await operator.census()).toMatchObject({
      dataKeys: 3,
      byKeyId: new Map([
        ['main#1', 3],
        ['recovery#1', 3],
      ]),
      unreadable: 0,
      currentKeyIds: new Set(['main#2', 'recovery#1']),
      archives: 0,
      archivesByKeyId: new Map(),
    })
    await operator.rewrap()
    await operator.assertRetirable('main#1')
    for (const keyId of ['main#2', 'recovery#1'])
      expect(await codeOf(operator.assertRetirable(keyId))).toBe('VAULT_CONFLICT')
  })

  it('[S8] knows the key ids of a key service after nothing is wrapped under them any more', async () => {
    const service = (provider: KeyProvider): KeyProvider => ({ ...provider, fingerprints: () => new Map() })
    const store = await vaultUnder(service(main))
    const operator = operatorOf(store, service(rotated))
    expect(await codeOf(operator.assertRetirable('main#2'))).toBe('VAULT_CONFLICT')
    await operator.rewrap()
    await operator.assertRetirable('main#1')
  })

  it('[S8] lets no key id go that nobody knows, such as a misspelt one', async () => {
    const operator = operatorOf(await vaultUnder(main), rotated)
    await operator.rewrap()
    for (const keyId of ['main#9', 'mian#1']) {
      await expect(operator.assertRetirable(keyId)).rejects.toMatchObject({
        code: 'VAULT_VALUE_INVALID',
        field: 'keyId',
        keyId,
      })
    }
  })

  it('[S8] lets no key go whose bytes a data key needs under another id', async () => {
    const [key, next] = [generateKey(), generateKey()]
    const store = await vaultUnder(keyFromEnv({ env: { MCPVAULT_KEY: key } }))
    const keys = keyRing({ current: 'main#2', keys: { 'main#1': key, 'main#2': next } })
    const operator = operatorOf(store, keys)
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    await operator.rewrap()
    await operator.assertRetirable('main#1')
  })

  it('is recorded with the key ids of a rewrap', async () => {
    const store = await vaultUnder(main)
    const { vault } = testVault({ store, keys: both })
    await vault.operator(operatorPrincipal).rewrap()
    const { items } = await vault.as({ id: 'a', roles: ['auditor'] }).auditLog({ actions: ['key.rewrapped'], limit: 1 })
    expect(items[0]?.event).toMatchObject({ keyId: 'main#1,recovery#1', count: 3 })
  })
})
