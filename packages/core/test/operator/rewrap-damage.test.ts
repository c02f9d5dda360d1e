// rewrap: damaged wraps, and what verify finds.
import { operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider, StoredDataKey } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { multiProvider } from '../../src/providers/index.ts'
import { countingProvider } from '../../src/testing/index.ts'
import {
  aliceOf,
  both,
  change,
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

describe('damaged wraps', () => {
  const secondDamaged = ({ wraps }: StoredDataKey): readonly Uint8Array[] =>
    wraps.map((wrap, index) => (index === 1 ? lastBitFlipped(wrap) : wrap))

  it('under a current key are found and replaced by verify, where another wrap opens', async () => {
    const store = await vaultUnder(both)
    const [kept] = (await change(store, secondDamaged)).wraps
    const operator = operatorOf(store, both)
    expect(await operator.rewrap()).toEqual(nothing)
    const found = new Map([
      ['main#1', { opened: 3, unopened: 0, damaged: 0 }],
      ['recovery#1', { opened: 2, unopened: 0, damaged: 1 }],
    ])
    expect(await operator.rewrap({ verify: true })).toEqual({ ...nothing, rewrapped: 1, verified: found })
    expect((await aliceOf(store)).wraps[0]).toEqual(kept)
    await opensWith(store, recovery)
    expect((await operator.rewrap({ verify: true })).verified?.get('recovery#1')).toMatchObject({
      opened: 3,
      damaged: 0,
    })
  })

  it('under a current key are not kept when the row is rewrapped for another reason', async () => {
    const store = await vaultUnder(both)
    await change(store, secondDamaged)
    const provider = multiProvider({ primary: rotated, recovery: [recovery] })
    expect(await operatorOf(store, provider).rewrap()).toEqual({ ...nothing, rewrapped: 3 })
    await opensWith(store, recovery)
  })

  it('under a key that is not current are kept and named, and removed when they are dropped', async () => {
    const store = await vaultUnder(both)
    await change(store, secondDamaged)
    const provider = { ...both, currentKeyIds: () => new Set(['main#1']), wrap: main.wrap }
    const report = await operatorOf(store, provider).rewrap({ verify: true })
    expect(report).toMatchObject({ rewrapped: 2, foreign: new Map([['recovery#1', 1]]) })
    expect(report.verified?.get('recovery#1')).toEqual({ opened: 2, unopened: 0, damaged: 1 })
    expect(await operatorOf(store, provider).rewrap({ drop: ['recovery#1'] })).toEqual({ ...nothing, rewrapped: 1 })
    expect(await idsOfAll(store)).toEqual(['main#1'])
  })

  it('of another row in the place of its own are replaced', async () => {
    const store = await vaultUnder(both)
    const bob = (await rowsOf(store)).find(({ scope }) => scope.owner === 'bob')
    await change(store, ({ wraps }) => [wraps[0] ?? new Uint8Array(), bob?.wraps[1] ?? new Uint8Array()])
    expect(await operatorOf(store, both).rewrap()).toEqual({ ...nothing, rewrapped: 1 })
    await opensWith(store, recovery)
  })
})

describe('verify', () => {
  it('opens what it can and changes nothing where nothing is to be done', async () => {
    const store = await vaultUnder(both)
    const before = await rowsOf(store)
    expect(await operatorOf(store, main).rewrap({ verify: true })).toEqual({
      ...nothing,
      foreign: new Map([['recovery#1', 3]]),
      verified: new Map([
        ['main#1', { opened: 3, unopened: 0, damaged: 0 }],
        ['recovery#1', { opened: 0, unopened: 3, damaged: 0 }],
      ]),
    })
    expect(await rowsOf(store)).toEqual(before)
  })

  it('reports a row whose current key is refused, also where another wrap opens, and leaves it', async () => {
    const store = await vaultUnder(both)
    const before = await rowsOf(store)
    const { id } = await aliceOf(store)
    const refusing: KeyProvider = {
      ...main,
      unwrap(wrap, scope) {
        if (scope.owner === 'alice') throw new VaultError('VAULT_KEY_DENIED')
        return main.unwrap(wrap, scope)
      },
    }
    const quarantined = [{ dekId: id, code: 'VAULT_KEY_DENIED' }]
    const recoverable = multiProvider({ primary: refusing, recovery: [recovery] })
    for (const provider of [refusing, recoverable])
      expect(await operatorOf(store, provider).rewrap({ verify: true })).toMatchObject({ quarantined })
    expect(await rowsOf(store)).toEqual(before)
  })

  it('asks nothing of the provider without it, where the key ids are the current ones', async () => {
    const store = await vaultUnder(both)
    const counted = countingProvider(both)
    const { vault } = testVault({ store, keys: counted, audit: { mode: 'dangerously-off' } })
    expect(await vault.operator(operatorPrincipal).rewrap()).toEqual(nothing)
    expect(counted.counts).toEqual({ wrap: 0, unwrap: 0, generate: 0, rewrap: 0 })
  })
})
