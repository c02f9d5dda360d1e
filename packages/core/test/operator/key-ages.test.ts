// The age of each master key in the census, and the progress of rewrap and rekey.
import { operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import type { Progress } from '../../src/operator/work.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { copyVault } from '../../src/transfer/copy-vault.ts'
import { main, rotated } from './rewrapping.ts'

const day = 86_400_000
const service = (provider: KeyProvider): KeyProvider => ({ ...provider, fingerprints: () => new Map() })

describe('the census', () => {
  it.each([
    ['keys in this process', (provider: KeyProvider) => provider],
    ['a key service, which has no fingerprints', service],
  ])('[S8] says how old each master key is, of %s', async (_, of) => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const first = testVault({ clock, store, keys: of(main) })
    await first.scope('alice').set('token', 'of alice')
    clock.advance(100 * day)
    await first.scope('bob').set('token', 'of bob')
    const operator = testVault({ clock, store, keys: of(rotated) }).vault.operator(operatorPrincipal)
    const before = await operator.census()
    expect([...before.ages]).toEqual([
      ['main#1', { ageMs: 100 * day, firstSeenAt: new Date(clock.now().getTime() - 100 * day) }],
    ])
    await operator.rewrap()
    clock.advance(day)
    const after = await operator.census()
    expect(after.byKeyId).toEqual(new Map([['main#2', 3]]))
    expect([...after.ages].map(([keyId, { ageMs }]) => [keyId, ageMs])).toEqual([['main#2', day]])
    const copy = memoryStore({ clock })
    await copyVault({ from: store, to: copy })
    const copied = await testVault({ clock, store: copy, keys: of(rotated) })
      .vault.operator(operatorPrincipal)
      .census()
    expect(copied.ages).toEqual(after.ages)
  })

  it('knows no age where somebody has altered what the vault keeps', async () => {
    const test = testVault({ keys: main })
    await test.store.meta.insertOnce('kek-seen/main#1', new Uint8Array(8).fill(255))
    await test.scope('alice').set('token', 'of alice')
    expect(await test.vault.operator(operatorPrincipal).census()).toMatchObject({ dataKeys: 2, ages: new Map() })
  })
})

describe('progress', () => {
  it('of a rewrap has what is done and left, the rate and the remaining time', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const first = testVault({ clock, store, keys: main, audit: { mode: 'dangerously-off' } })
    // With the root key these are 600.
    for (let owner = 0; owner < 599; owner++) await first.scope(`owner-${owner}`).set('token', 'x')
    // Each wrap takes a hundredth of a second.
    const keys: KeyProvider = {
      ...rotated,
      wrap(request) {
        clock.advance(10)
        return rotated.wrap(request)
      },
    }
    const { vault } = testVault({ clock, store, keys, audit: { mode: 'dangerously-off' } })
    const steps: Progress[] = []
    await vault.operator(operatorPrincipal).rewrap({ onProgress: (progress) => steps.push(progress) })
    expect(steps).toEqual([
      { done: 500, total: 600, perSecond: 100, remainingMs: 1_000 },
      { done: 600, total: 600, perSecond: 100, remainingMs: 0 },
    ])
    const again: Progress[] = []
    await vault.operator(operatorPrincipal).rewrap({ onProgress: (progress) => again.push(progress) })
    expect(again.map(({ done, total }) => [done, total])).toEqual([
      [500, 600],
      [600, 600],
    ])
  })

  it('of a rekey counts the secrets', async () => {
    const clock = manualClock()
    const test = testVault({ clock, keys: main })
    for (const name of ['a', 'b', 'c', 'd']) await test.scope('alice').set(name, 'x')
    const steps: Progress[] = []
    await test.vault.operator(operatorPrincipal).rekey(
      { owner: 'alice', server: 'github' },
      {
        onProgress(progress) {
          steps.push(progress)
          clock.advance(500)
        },
      },
    )
    expect(steps.map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4].map((done) => [done, 4]))
    expect(steps[0]).toEqual({ done: 1, total: 4 })
    expect(steps[3]?.remainingMs).toBe(0)
    expect(steps[3]?.perSecond).toBeGreaterThan(2)
  })
})
