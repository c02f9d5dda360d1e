// rekey: a scope gets a new data key, nothing is lost, and the old key goes when nobody can need it.
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { failingProvider } from '../../src/testing/index.ts'
import {
  activeId,
  aliceRow,
  alices,
  expectAllReadable,
  filled,
  heldMs,
  keysUnder,
  lasting,
  recordsOf,
  rekey,
} from './rekeying.ts'

describe('a rekey', () => {
  it('seals every kept version under a new data key, of deleted secrets too, and changes nothing else', async () => {
    const test = testVault()
    await filled(test)
    const old = await activeId(test.store)
    const before = lasting(await recordsOf(test.store))
    test.clock.advance(1_000)
    const report = { resumed: false, secrets: 3, versions: 4, skipped: [], removedKeys: 0, keptKeys: 1 }
    expect(await rekey(test)).toEqual(report)
    const active = await activeId(test.store)
    expect(active).not.toBe(old)
    const after = await recordsOf(test.store)
    expect(keysUnder(after)).toEqual(new Set([active]))
    expect(lasting(after)).toEqual(before)
    expect(await test.store.dataKeys.find(old, aliceRow)).toMatchObject({ state: 'retired' })
    // Another process trusts no memory of its own.
    await expectAllReadable({ ...test, scope: testVault({ store: test.store, keys: test.keys }).scope })
  })

  it('keeps the old data key as long as a process may have it in its cache, then a later run removes it', async () => {
    const test = testVault()
    await filled(test)
    const old = await activeId(test.store)
    await rekey(test)
    const active = await activeId(test.store)
    const idle = { resumed: true, secrets: 0, versions: 0, skipped: [] }
    test.clock.advance(heldMs - 1)
    expect(await rekey(test)).toEqual({ ...idle, removedKeys: 0, keptKeys: 1 })
    test.clock.advance(1)
    expect(await rekey(test)).toEqual({ ...idle, removedKeys: 1, keptKeys: 0 })
    expect(await test.store.dataKeys.find(old, aliceRow)).toBeUndefined()
    expect(await activeId(test.store)).toBe(active)
    await expectAllReadable(test)
    expect(await rekey(test)).toMatchObject({ resumed: false, secrets: 3, keptKeys: 1 })
  })

  it('is recorded: the scope with the number of its secrets, and each secret with the digest of what is stored', async () => {
    const test = testVault()
    await filled(test)
    await rekey(test)
    const { items } = await test.vault.as({ id: 'a', roles: ['auditor'] }).auditLog({ actions: ['key.rekeyed'] })
    const events = items.map(({ event }) => event)
    expect(events.map(({ name }) => name ?? '').sort()).toEqual(['', 'bytes', 'gone', 'token'])
    const ofScope = events.find(({ name }) => name === undefined)
    expect(ofScope).toMatchObject({ ...alices, outcome: 'allowed', operation: 'rekey', count: 3 })
    expect(events.find(({ name }) => name === 'token')).toMatchObject({ version: 2, keyId: 'main#1' })
    expect(await test.vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
  })

  it('tells how far it has come', async () => {
    const test = testVault()
    await filled(test)
    const steps: number[] = []
    const onProgress = ({ done }: { readonly done: number }): void => void steps.push(done)
    await test.vault.operator(operatorPrincipal).rekey(alices, { onProgress })
    expect(steps).toEqual([1, 2, 3])
  })

  it('makes no data key where there is none', async () => {
    const test = testVault()
    const report = { resumed: false, secrets: 0, versions: 0, skipped: [], removedKeys: 0, keptKeys: 0 }
    expect(await rekey(test)).toEqual(report)
    expect(await test.store.dataKeys.active(aliceRow)).toBeUndefined()
  })

  it('retires nothing while the data key does not open', async () => {
    const keys = failingProvider(keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }))
    const test = testVault({ keys })
    await filled(test)
    const old = await activeId(test.store)
    keys.failWith('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(rekey(test))).toBe('VAULT_KEY_UNAVAILABLE')
    expect(await activeId(test.store)).toBe(old)
    keys.failWith(undefined)
    await expectAllReadable(test)
  })
})

describe('a secret that cannot be trusted', () => {
  it('is named and left, and keeps the old data key, but not the next rekey from making a new one', async () => {
    const test = testVault()
    await filled(test)
    const old = await activeId(test.store)
    const broken = (await recordsOf(test.store)).find(({ ref }) => ref.name === 'bytes')
    if (broken === undefined) throw new Error('the record is not there')
    const altered = { ...broken, revision: broken.revision + 1, tags: ['forged'] }
    await test.store.secrets.put(altered, { ifRevision: broken.revision })
    const skipped = [{ name: 'bytes', code: 'VAULT_OPEN_FAILED' }]
    expect(await rekey(test)).toMatchObject({ resumed: false, secrets: 2, versions: 3, skipped, keptKeys: 1 })
    const second = await activeId(test.store)
    test.clock.advance(heldMs)
    const report = { resumed: false, secrets: 2, versions: 3, skipped, removedKeys: 0, keptKeys: 2 }
    expect(await rekey(test)).toEqual(report)
    expect(await activeId(test.store)).not.toBe(second)
    expect(await test.store.dataKeys.find(old, aliceRow)).toBeDefined()
    const { items } = await test.vault
      .as({ id: 'a', roles: ['auditor'] })
      .auditLog({ actions: ['key.rekeyed'], outcomes: ['failed'] })
    expect(items.map(({ event }) => [event.name, event.errorCode])).toEqual([
      ['bytes', 'VAULT_OPEN_FAILED'],
      ['bytes', 'VAULT_OPEN_FAILED'],
    ])
    await test.scope('alice').destroy('bytes')
    test.clock.advance(heldMs)
    expect(await rekey(test)).toMatchObject({ resumed: true, removedKeys: 2, keptKeys: 0 })
    await expectAllReadable(test)
  })

  it('is one of which a single version was altered, too', async () => {
    const test = testVault()
    await filled(test)
    const token = (await recordsOf(test.store)).find(({ ref }) => ref.name === 'token')
    if (token === undefined) throw new Error('the record is not there')
    const versions = token.versions.map((each) =>
      each.version === 1 ? { ...each, envelope: Uint8Array.from(each.envelope ?? []).fill(7, -1) } : each,
    )
    await test.store.secrets.put({ ...token, versions }, { ifRevision: token.revision })
    const { secrets, skipped } = await rekey(test)
    expect({ secrets, skipped }).toEqual({ secrets: 2, skipped: [{ name: 'token', code: 'VAULT_OPEN_FAILED' }] })
    expect((await test.scope('alice').get('token'))?.reveal()).toBe('second')
  })
})
