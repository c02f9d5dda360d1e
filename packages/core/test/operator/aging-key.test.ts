// A master key past its period: the vault shows its age and changes nothing; the operator adds, rewraps and retires.
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { countingProvider, manualClock } from '../../src/testing/index.ts'
import { idsOfAll, main, rotated, rowsOf } from './rewrapping.ts'

const day = 86_400_000

/** A vault on a clock of its own, and what an operator sees of it. */
function setting() {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const under = (keys: KeyProvider) => {
    const test = testVault({ clock, store, keys })
    return { ...test, operator: test.vault.operator(operatorPrincipal) }
  }
  return { clock, store, under }
}

it('[T25] a master key grows past its period, in use and idle, and nothing changes by itself', async () => {
  const { clock, store, under } = setting()
  const counted = countingProvider(main)
  const { scope, operator } = under(counted)
  await scope('alice').set('token', 'of alice')
  const before = await rowsOf(store)
  const { wrap, generate } = counted.counts
  for (const days of [335, 365, 366, 730]) {
    clock.advance(days * day - clock.monotonicMs())
    // All that a vault does in these days.
    expect((await scope('alice').get('token'))?.reveal()).toBe('of alice')
    await operator.sweep()
    expect(await operator.health()).toMatchObject({ ok: true })
    const { ages, byKeyId, currentKeyIds } = await operator.census()
    expect(ages.get('main#1')?.ageMs).toBe(days * day)
    expect(byKeyId).toEqual(new Map([['main#1', 2]]))
    expect(currentKeyIds).toEqual(new Set(['main#1']))
  }
  expect(await rowsOf(store)).toEqual(before)
  expect(counted.counts).toMatchObject({ wrap, generate })
})

it('[T25] the operator changes it by steps: add the new key, rewrap, prove, retire the old one', async () => {
  const { clock, store, under } = setting()
  await under(main).scope('alice').set('token', 'of alice')
  clock.advance(366 * day)
  const { operator, scope } = under(rotated)
  // Adding it alone moves nothing.
  expect((await scope('alice').get('token'))?.reveal()).toBe('of alice')
  expect(await idsOfAll(store)).toEqual(['main#1'])
  expect(await codeOf(operator.assertRetirable('main#1'))).toBe('VAULT_CONFLICT')
  expect(await operator.rewrap()).toMatchObject({ rewrapped: 2, quarantined: [] })
  await operator.assertRetirable('main#1')
  expect(await idsOfAll(store)).toEqual(['main#2'])
  const { ages } = await operator.census()
  expect([...ages].map(([keyId, { ageMs }]) => [keyId, ageMs])).toEqual([['main#2', 0]])
  expect((await scope('alice').get('token'))?.reveal()).toBe('of alice')
})

it('[T15] the notice of a host, 30 days before 365, goes by the age in the census, to the millisecond', async () => {
  const { clock, under } = setting()
  const { scope, operator } = under(main)
  await scope('alice').set('token', 'of alice')
  const isDue = async () => ((await operator.census()).ages.get('main#1')?.ageMs ?? 0) >= 335 * day
  clock.advance(335 * day - 1)
  expect(await isDue()).toBe(false)
  clock.advance(1)
  expect(await isDue()).toBe(true)
})
