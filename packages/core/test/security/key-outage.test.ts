// A key service that is away: cached keys serve on for a time, which the trail says once for each key; a refusal ends it.

import { eventually } from '@mcpvault/testkit/eventually'
import { codeOf, operatorPrincipal, type TestVault, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { countingProvider, failingProvider } from '../../src/testing/index.ts'

const minute = 60_000
const ring = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

async function withOwners(owners: readonly string[], options: Parameters<typeof testVault>[0] = {}) {
  const failing = failingProvider(ring)
  const keys = countingProvider(failing)
  const test = testVault({ ...options, keys })
  for (const owner of owners) await test.scope(owner).set('token', `of ${owner}`)
  return { ...test, failing, keys }
}

const read = async (test: TestVault, owner: string) => (await test.scope(owner).get('token'))?.reveal()

async function staleEvents({ vault }: TestVault) {
  const { items } = await vault.as(operatorPrincipal).auditLog({ actions: ['key.served-stale'], limit: 1_000 })
  return items.map(({ event }) => event)
}

describe('while the key service does not answer', () => {
  it('cached keys serve until the hard limit, and the trail has one event for each key and outage', async () => {
    const test = await withOwners(['alice', 'bob'])
    test.failing.failWith('VAULT_KEY_UNAVAILABLE')
    test.clock.advance(6 * minute)
    for (let count = 0; count < 20; count++) {
      for (const owner of ['alice', 'bob']) expect(await read(test, owner)).toBe(`of ${owner}`)
      await test.scope('alice').set('other', 'more')
      test.clock.advance(minute)
    }
    const facts = {
      operation: 'refreshKey',
      outcome: 'allowed',
      principal: 'mcpvault',
      errorCode: 'VAULT_KEY_UNAVAILABLE',
    }
    expect(await staleEvents(test)).toEqual(
      ['bob', 'alice'].map((owner) => ({
        ...facts,
        action: 'key.served-stale',
        owner,
        server: 'github',
        keyId: 'main#1',
        keyAgeMs: 6 * minute,
      })),
    )
    test.clock.advance(34 * minute)
    for (const owner of ['alice', 'bob']) expect(await codeOf(read(test, owner))).toBe('VAULT_KEY_UNAVAILABLE')
  })

  it('the next outage has an event again, after the key service answered', async () => {
    const test = await withOwners(['alice'])
    for (const outage of [1, 2, 3]) {
      test.failing.failWith('VAULT_KEY_UNAVAILABLE')
      test.clock.advance(6 * minute)
      for (let count = 0; count < 5; count++) await read(test, 'alice')
      expect(await staleEvents(test)).toHaveLength(outage)
      test.failing.failWith(undefined)
      test.clock.advance(minute)
      await read(test, 'alice')
    }
  })

  it('no read waits for it again until ten seconds later, and many at once make one event and one call', async () => {
    const test = await withOwners(['alice'])
    test.failing.failWith('VAULT_KEY_UNAVAILABLE')
    test.clock.advance(6 * minute)
    const before = test.keys.counts.unwrap
    await Promise.all(Array.from({ length: 50 }, () => read(test, 'alice')))
    for (let count = 0; count < 50; count++) await read(test, 'alice')
    expect(test.keys.counts.unwrap).toBe(before + 1)
    test.clock.advance(10_000)
    await read(test, 'alice')
    expect(test.keys.counts.unwrap).toBe(before + 2)
    expect(await staleEvents(test)).toHaveLength(1)
  })

  it('a value whose reads may use no cached key is not served, and makes no such event', async () => {
    const test = await withOwners([], { tiers: { 1: { keyNotCached: true } } })
    await test.scope('alice').set('token', 'of alice', { tier: 1 })
    test.failing.failWith('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(read(test, 'alice'))).toBe('VAULT_KEY_UNAVAILABLE')
    expect(await staleEvents(test)).toEqual([])
  })

  it('works on where auditing is off', async () => {
    const test = await withOwners(['alice'], { audit: { mode: 'dangerously-off' } })
    test.failing.failWith('VAULT_KEY_UNAVAILABLE')
    test.clock.advance(6 * minute)
    expect(await read(test, 'alice')).toBe('of alice')
  })
})

describe('a key service that takes calls and never answers', () => {
  const owners = Array.from({ length: 100 }, (_, index) => `owner-${index}`)

  /** A process whose first read of each owner waits: 20 for the service, and the others for these. */
  async function waitingReads() {
    const first = await withOwners(owners, { audit: { mode: 'dangerously-off' } })
    await first.vault.close()
    const failing = failingProvider(ring)
    const keys = countingProvider(failing)
    const test = testVault({ keys, store: first.store, audit: { mode: 'dangerously-off' } })
    await read(test, 'owner-0')
    failing.failWith('hang')
    const callers = owners.slice(1).map((owner) => ({ owner, controller: new AbortController() }))
    const reads = callers.map(({ owner, controller: { signal } }) => codeOf(test.scope(owner).get('token', { signal })))
    await eventually(() => expect(keys.counts.unwrap).toBe(21))
    return { ...test, failing, keys, callers, reads }
  }

  it('holds up no first read for longer than the limit, however many wait for their turn', async () => {
    const test = await waitingReads()
    test.clock.advance(10_000)
    const codes = await Promise.all(test.reads)
    expect(codes).toEqual(owners.slice(1).map(() => 'VAULT_KEY_UNAVAILABLE'))
    expect(test.keys.counts.unwrap).toBe(21)
    test.failing.failWith(undefined)
    for (const owner of owners) expect(await read(test, owner)).toBe(`of ${owner}`)
  })

  it('holds up no read whose signal is aborted', async () => {
    const test = await waitingReads()
    const reason = new Error('enough')
    for (const { controller } of test.callers) controller.abort(reason)
    expect(await Promise.all(test.reads)).toEqual(owners.slice(1).map(() => reason))
  })
})

describe('a key service that refuses', () => {
  it.each(['VAULT_KEY_DENIED', 'VAULT_KEY_UNKNOWN', 'VAULT_OPEN_FAILED'] as const)(
    'with %s ends the use of a cached key at once, also in an outage, and is no outage itself',
    async (code) => {
      const test = await withOwners(['alice'])
      test.failing.failWith('VAULT_KEY_UNAVAILABLE')
      test.clock.advance(6 * minute)
      expect(await read(test, 'alice')).toBe('of alice')
      test.failing.failWith(code)
      test.clock.advance(10_000)
      expect(await codeOf(read(test, 'alice'))).toBe(code)
      test.failing.failWith('VAULT_KEY_UNAVAILABLE')
      expect(await codeOf(read(test, 'alice'))).toBe('VAULT_KEY_UNAVAILABLE')
      expect(await staleEvents(test)).toHaveLength(1)
    },
  )
})

describe('the calls to a key service', () => {
  const owners = Array.from({ length: 500 }, (_, index) => `owner-${index}`)
  const rounds = process.env['MCPVAULT_LONG'] === '1' ? 200 : 40

  it(`[S46] follow active owners: a new process that makes ${rounds * 500} reads of 500 owners asks 500 times`, {
    timeout: 240_000,
  }, async () => {
    // Without a trail, which would take most of the time and one call for its root.
    const audit = { mode: 'dangerously-off' } as const
    const first = testVault({ keys: ring, audit })
    for (const owner of owners) await first.scope(owner).set('token', `of ${owner}`)
    await first.vault.close()
    const keys = countingProvider(ring)
    const test = testVault({ keys, store: first.store, audit })
    let reads = 0
    for (let round = 0; round < rounds; round++) {
      const values = await Promise.all(owners.map((owner) => read(test, owner)))
      reads += values.filter((value, index) => value === `of ${owners[index]}`).length
      test.clock.advance(Math.floor((4 * minute) / rounds))
    }
    expect(reads).toBe(rounds * 500)
    const { wrap, unwrap, generate, rewrap } = keys.counts
    expect(wrap + unwrap + generate + rewrap).toBe(owners.length)
    await test.vault.close()
  })
})
