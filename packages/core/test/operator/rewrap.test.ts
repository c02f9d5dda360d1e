// rewrap: what becomes of current, missing, old and foreign wraps of every data key.
import { randomBytes } from 'node:crypto'
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider, StoredDataKey, WrapRequest } from '../../src/contracts/index.ts'
import { parseWrappedKey } from '../../src/envelope/index.ts'
import { generateKey, keyRing, multiProvider } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { failingProvider } from '../../src/testing/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'
import {
  aliceOf,
  both,
  change,
  idsOfAll,
  lastBitFlipped,
  main,
  newRecovery,
  nothing,
  opensWith,
  operatorOf,
  recovery,
  rotated,
  rowsOf,
  vaultUnder,
  wrapOnly,
} from './rewrapping.ts'

describe('recovery keys', () => {
  it('[S8] that come later are added to every data key, the audit root included, and nothing else changes', async () => {
    const store = await vaultUnder(main)
    const before = new Map((await rowsOf(store)).map(({ id, wraps }) => [id, wraps]))
    expect(await operatorOf(store, both).rewrap()).toEqual({ ...nothing, rewrapped: 3 })
    for (const { id, wraps, revision } of await rowsOf(store)) {
      expect([wraps[0], revision]).toEqual([before.get(id)?.[0], 2])
    }
    expect(await idsOfAll(store)).toEqual(['main#1', 'recovery#1'])
    await opensWith(store, recovery)
    expect(await operatorOf(store, both).rewrap()).toEqual(nothing)
  })

  it('[S8] that this provider does not hold are kept, named, and removed only when they are dropped', async () => {
    const store = await vaultUnder(both)
    const before = await rowsOf(store)
    const operator = operatorOf(store, main)
    const foreign = new Map([['recovery#1', 3]])
    expect(await operator.rewrap()).toEqual({ ...nothing, foreign })
    expect(await rowsOf(store)).toEqual(before)
    expect(await operatorOf(store, rotated).rewrap()).toEqual({ ...nothing, rewrapped: 3, foreign })
    expect(await idsOfAll(store)).toEqual(['main#2', 'recovery#1'])
    await opensWith(store, recovery)
    const last = operatorOf(store, rotated)
    expect(await last.rewrap({ drop: ['recovery#1', 'never-seen#1'] })).toEqual({ ...nothing, rewrapped: 3 })
    expect(await idsOfAll(store)).toEqual(['main#2'])
    await last.assertRetirable('recovery#1')
    await opensWith(store, rotated)
  })

  it('are exchanged for others in the place of the old ones', async () => {
    const store = await vaultUnder(both)
    const exchanged = multiProvider({ primary: main, recovery: [newRecovery] })
    const operator = operatorOf(store, exchanged)
    expect(await operator.rewrap()).toEqual({ ...nothing, rewrapped: 3, foreign: new Map([['recovery#1', 3]]) })
    expect(await idsOfAll(store)).toEqual(['main#1', 'recovery#2', 'recovery#1'])
    expect(await operator.rewrap({ drop: ['recovery#1'] })).toEqual({ ...nothing, rewrapped: 3 })
    expect(await idsOfAll(store)).toEqual(['main#1', 'recovery#2'])
    await opensWith(store, newRecovery)
  })

  it('stay as they are while the primary key rotates, which stays first', async () => {
    const store = await vaultUnder(both)
    const before = new Map((await rowsOf(store)).map(({ id, wraps }) => [id, wraps[1]]))
    const provider = multiProvider({ primary: rotated, recovery: [wrapOnly(recovery)] })
    expect(await operatorOf(store, provider).rewrap()).toEqual({ ...nothing, rewrapped: 3 })
    expect(await idsOfAll(store)).toEqual(['main#2', 'recovery#1'])
    for (const { id, wraps } of await rowsOf(store)) expect(wraps[1]).toEqual(before.get(id))
    expect(await operatorOf(store, provider).rewrap()).toEqual(nothing)
  })

  it('that are only wrapped to are added, and replaced when they say that they are of another data key', async () => {
    const store = await vaultUnder(main)
    const provider = multiProvider({ primary: main, recovery: [wrapOnly(recovery)] })
    expect(await operatorOf(store, provider).rewrap()).toEqual({ ...nothing, rewrapped: 3 })
    await opensWith(store, recovery)
    const wrong = (wrap: Uint8Array): Uint8Array => wrap.with(30, (wrap[30] ?? 0) ^ 1)
    await change(store, ({ wraps }) => [wraps[0] ?? new Uint8Array(), wrong(wraps[1] ?? new Uint8Array())])
    expect(await operatorOf(store, provider).rewrap()).toEqual({ ...nothing, rewrapped: 1 })
    await opensWith(store, recovery)
  })

  it('open a vault whose primary key is refused, so that it gets another', async () => {
    const store = await vaultUnder(both)
    const gone = failingProvider(main)
    gone.failWith('VAULT_KEY_DENIED')
    const drill = multiProvider({ primary: newRecovery, recovery: [recovery] })
    const provider: KeyProvider = {
      ...drill,
      unwrap: (wrap, scope) =>
        parseWrappedKey(wrap).keyId === 'main#1' ? gone.unwrap(wrap, scope) : drill.unwrap(wrap, scope),
    }
    const operator = operatorOf(store, provider)
    expect(await operator.rewrap()).toEqual({ ...nothing, rewrapped: 3, foreign: new Map([['main#1', 3]]) })
    expect(await operator.rewrap({ drop: ['main#1'] })).toEqual({ ...nothing, rewrapped: 3 })
    expect(await idsOfAll(store)).toEqual(['recovery#2', 'recovery#1'])
    await opensWith(store, newRecovery)
  })
})

describe('many data keys', () => {
  it('are given to the store together, so that it can commit them together, and their key id once', async () => {
    const store = memoryStore()
    const { scope, vault } = testVault({ store, keys: main })
    const owners = Array.from({ length: 200 }, (_, index) => `owner-${index}`)
    for (const owner of owners) await scope(owner).set('token', 'value')
    await vault.close()
    const together: number[] = []
    const kept: unknown[] = []
    let waiting: (() => void)[] = []
    const gathering = interceptStore(store, async ({ name, args, run }) => {
      if (name === 'meta.insertOnce') kept.push(args[0])
      if (name !== 'dataKeys.replace') return run()
      const turn = new Promise<void>((resolve) => waiting.push(resolve))
      if (waiting.length === 1) setImmediate(answerAll)
      await turn
      return run()
    })
    function answerAll(): void {
      together.push(waiting.length)
      for (const answer of waiting) answer()
      waiting = []
    }
    expect(await operatorOf(gathering, rotated).rewrap()).toEqual({ ...nothing, rewrapped: 201 })
    expect(together).toEqual([128, 73])
    expect(kept.filter((key) => key === 'kek/main#2')).toHaveLength(1)
    const census = await operatorOf(store, rotated).census()
    expect(census.byKeyId).toEqual(new Map([['main#2', 201]]))
  })
})

describe('what is refused', () => {
  it('dropping a current key id', async () => {
    const store = await vaultUnder(both)
    const error = await operatorOf(store, main)
      .rewrap({ drop: ['recovery#1', 'main#1'] })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'VAULT_VALUE_INVALID', field: 'drop', keyId: 'main#1' })
    expect(await idsOfAll(store)).toEqual(['main#1', 'recovery#1'])
  })

  it('dropping the last wrap of a row, which stays', async () => {
    const store = await vaultUnder(both)
    const row = await change(store, ({ wraps }) => wraps.slice(1))
    const report = await operatorOf(store, main).rewrap({ drop: ['recovery#1'] })
    expect(report).toEqual({
      ...nothing,
      rewrapped: 2,
      quarantined: [{ dekId: row.id, owner: 'alice', server: 'github', code: 'VAULT_VALUE_INVALID', field: 'drop' }],
    })
    expect(await aliceOf(store)).toEqual(row)
  })

  it('a row that no wrap of this provider opens', async () => {
    const store = await vaultUnder(main)
    const { id } = await change(store, ({ wraps }) => wraps.map(lastBitFlipped))
    expect(await operatorOf(store, rotated).rewrap()).toMatchObject({
      rewrapped: 2,
      quarantined: [{ dekId: id, owner: 'alice', server: 'github', code: 'VAULT_OPEN_FAILED' }],
    })
    const stranger = keyRing({ current: 'stranger#1', keys: { 'stranger#1': generateKey() } })
    const { vault } = testVault({ store, keys: stranger, audit: { mode: 'dangerously-off' } })
    const codes = (await vault.operator(operatorPrincipal).rewrap()).quarantined.map(({ code }) => code)
    expect(codes).toEqual(Array.from({ length: 3 }, () => 'VAULT_KEY_UNKNOWN'))
  })

  it.each([
    ['no wrap', () => []],
    ['nine wraps', ({ wraps }: StoredDataKey) => Array.from({ length: 9 }, () => wraps[0] ?? new Uint8Array())],
    ['a wrap that is none', ({ wraps }: StoredDataKey) => [...wraps, new Uint8Array(8)]],
  ])('a row with %s', async (_, wraps) => {
    const store = await vaultUnder(both)
    const row = await change(store, wraps)
    expect(await operatorOf(store, main).rewrap()).toMatchObject({
      quarantined: [{ dekId: row.id, owner: 'alice', server: 'github', code: 'VAULT_ENVELOPE_INVALID' }],
    })
    expect(await aliceOf(store)).toEqual(row)
  })

  it('more wraps than eight, with those that are kept', async () => {
    const many = Array.from({ length: 7 }, (_, index) =>
      keyRing({ current: `many#${index + 1}`, keys: { [`many#${index + 1}`]: generateKey() } }),
    )
    const store = await vaultUnder(multiProvider({ primary: main, recovery: many }))
    const report = await operatorOf(store, multiProvider({ primary: main, recovery: [recovery] })).rewrap()
    expect(report.quarantined.map(({ code, field }) => [code, field])).toEqual(
      Array.from({ length: 3 }, () => ['VAULT_CONFIG_INVALID', 'keys']),
    )
  })

  it.each([
    ['opens nothing of what it makes', { ...wrapOnly(recovery), unwrap: main.unwrap }],
    ['does not wrap under its current key', { ...main, currentKeyIds: () => new Set(['main#9', 'main#1']) }],
    [
      'wraps another key',
      { ...rotated, wrap: (request: WrapRequest) => rotated.wrap({ ...request, dek: randomBytes(32) }) },
    ],
  ])('a provider that %s', async (_, provider: KeyProvider) => {
    const store = await vaultUnder(main)
    const before = await rowsOf(store)
    const report = await operatorOf(store, provider).rewrap()
    expect(report.quarantined).toHaveLength(3)
    expect(await rowsOf(store)).toEqual(before)
  })

  it('a provider without a current key', async () => {
    const store = await vaultUnder(main)
    const operator = operatorOf(store, { ...main, currentKeyIds: () => new Set() })
    expect(await codeOf(operator.rewrap())).toBe('VAULT_CONFIG_INVALID')
    expect(await codeOf(operator.census())).toBe('VAULT_CONFIG_INVALID')
  })
})

describe('failures on the way', () => {
  it('leave a row alone while the key service does not answer, and the next run does it', async () => {
    const store = await vaultUnder(both)
    const failing = failingProvider(recovery)
    const provider: KeyProvider = multiProvider({ primary: rotated, recovery: [failing] })
    failing.failWith('VAULT_KEY_UNAVAILABLE')
    const before = await rowsOf(store)
    const report = await operatorOf(store, provider).rewrap()
    expect(report.quarantined.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => 'VAULT_KEY_UNAVAILABLE'))
    expect(await rowsOf(store)).toEqual(before)
    failing.failWith(undefined)
    expect(await operatorOf(store, provider).rewrap()).toEqual({ ...nothing, rewrapped: 3 })
  })
})

describe('a dry run', () => {
  it('reports what a rewrap would do, and stores nothing', async () => {
    const store = await vaultUnder(both)
    const before = await rowsOf(store)
    const { vault } = testVault({ store, keys: rotated })
    const operator = vault.operator(operatorPrincipal)
    const foreign = new Map([['recovery#1', 3]])
    expect(await operator.rewrap({ dryRun: true })).toEqual({ ...nothing, rewrapped: 3, foreign })
    expect(await operator.rewrap({ dryRun: true, drop: ['recovery#1'] })).toEqual({ ...nothing, rewrapped: 3 })
    expect(await rowsOf(store)).toEqual(before)
    expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
    const trail = vault.as({ id: 'a', roles: ['auditor'] })
    const { items } = await trail.auditLog({ actions: ['key.counted', 'key.rewrapped'] })
    const ofDryRuns = items.filter(({ event }) => event.operation === 'rewrap')
    expect(ofDryRuns.map(({ event: { action, count } }) => [action, count])).toEqual([
      ['key.counted', 3],
      ['key.counted', 3],
    ])
    expect(await operator.rewrap()).toEqual({ ...nothing, rewrapped: 3, foreign })
  })

  it('names the data keys that a rewrap would leave in quarantine', async () => {
    const store = await vaultUnder(main)
    const row = await change(store, ({ wraps }) => wraps.map(lastBitFlipped))
    const { rewrapped, quarantined } = await operatorOf(store, rotated).rewrap({ dryRun: true })
    expect(rewrapped).toBe(2)
    expect(quarantined).toEqual([{ dekId: row.id, owner: 'alice', server: 'github', code: 'VAULT_OPEN_FAILED' }])
  })
})
