// renew when something stops in the middle: the caller, the vault, the issuer, the store, another process.

import { eventually } from '@mcpvault/testkit/eventually'
import { codeOf, operatorPrincipal, testVault, tickingVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'
import type { RenewFunction } from '../../src/vault/secrets/renew.ts'
import { issuer, staleVault } from './renewing.ts'

/** A refresh that has been called, and waits for the test to answer. */
function slowIssuer() {
  let answer: () => void = () => undefined
  const state = { asked: 0, deadlineMs: 0, aborted: false }
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const refresh: RenewFunction = async (_, { signal, deadlineMs }) => {
    state.asked += 1
    state.deadlineMs = deadlineMs
    signal.addEventListener('abort', () => {
      state.aborted = true
    })
    await answered
    return { value: 'the next one', freshUntil: new Date('2100-01-01') }
  }
  const begun = () => eventually(() => expect(state.asked).toBe(1), { intervalMs: 1 })
  return { state, refresh, begun, answer }
}

describe('a renewal under way', () => {
  it('is stored when its caller waits no more', async () => {
    const { scope } = await staleVault()
    const { refresh, begun, answer } = slowIssuer()
    const giving = new AbortController()
    const call = scope('alice').renew('oauth', refresh, { signal: giving.signal })
    await begun()
    giving.abort(new Error('gone'))
    await expect(call).rejects.toThrow('gone')
    answer()
    await eventually(async () => expect((await scope('alice').get('oauth'))?.reveal()).toBe('the next one'))
  })

  it('is stored when the vault is closed meanwhile', async () => {
    const { vault, scope, other } = await staleVault()
    const { refresh, begun, answer } = slowIssuer()
    const call = scope('alice').renew('oauth', refresh)
    await begun()
    const closing = vault.close()
    answer()
    expect((await call)?.reveal()).toBe('the next one')
    await closing
    expect((await other().as({ id: 'alice' }).scope({ server: 'github' }).get('oauth'))?.version).toBe(2)
  })

  it('is waited for by the close of the vault, for longer than any other call', async () => {
    const { vault, scope, clock, other } = testVault()
    await scope('alice').set('oauth', 'a0')
    const { refresh, begun, answer } = slowIssuer()
    const call = scope('alice').renew('oauth', refresh)
    await begun()
    const closing = vault.close()
    clock.advance(5_000)
    await new Promise((resolve) => setImmediate(resolve))
    answer()
    expect((await call)?.reveal()).toBe('the next one')
    await closing
    expect((await other().as({ id: 'alice' }).scope({ server: 'github' }).get('oauth'))?.version).toBe(2)
  })

  it('is stored when the store fails for a while, and when the outcome of a write is unknown', async () => {
    let failures: ('before' | 'after')[] = []
    const store = interceptStore(memoryStore(), async (call) => {
      const failure = call.name === 'secrets.put' ? failures.shift() : undefined
      if (failure === 'before') throw new VaultError('VAULT_STORE_FAILED')
      const result = await call.run()
      if (failure === 'after') throw new VaultError('VAULT_STORE_FAILED')
      return result
    })
    const { scope } = await staleVault({ store })
    const { state, refresh } = issuer()
    failures = ['before', 'before', 'before', 'after']
    expect((await scope('alice').renew('oauth', refresh))?.fields()['access']).toBe('a1')
    expect(failures).toEqual([])
    expect(state).toMatchObject({ asked: 1, reused: 0 })
    expect((await scope('alice').describe('oauth'))?.version).toBe(2)
  })

  it('ends when no answer comes, sooner than its lock', async () => {
    const { scope, clock, store } = testVault()
    const { id } = await scope('alice').set('oauth', { access: 'a0', refresh: 'r0' })
    const { state, refresh, begun } = slowIssuer()
    const call = codeOf(scope('alice').renew('oauth', refresh))
    await begun()
    expect(state.deadlineMs).toBe(8_000)
    clock.advance(state.deadlineMs - 1)
    expect(state.aborted).toBe(false)
    expect(await store.locks.acquire(`renew/${id}`, 'another', 1)).toBe(false)
    clock.advance(1)
    expect(await call).toBe('VAULT_RENEWAL_FAILED')
    expect(state.aborted).toBe(true)
    expect(await store.locks.acquire(`renew/${id}`, 'another', 1)).toBe(true)
  })

  it('keeps its lock for as long as the store takes', async () => {
    const { store: plain, clock, keys } = testVault()
    let release: (() => void) | undefined
    let isAsked = false
    const store = interceptStore(plain, async (call) => {
      if (isAsked && call.name === 'secrets.put')
        await new Promise<void>((resolve) => {
          release = resolve
        })
      return call.run()
    })
    const { scope } = testVault({ store, clock, keys, limits: { storeMs: 60_000 } })
    const { id } = await scope('alice').set('oauth', 'a0')
    const call = scope('alice').renew('oauth', () => {
      isAsked = true
      return { value: 'a1' }
    })
    await eventually(() => expect(release).toBeDefined(), { intervalMs: 1 })
    // The lock is for 70 s here, and extended every third of it.
    for (let step = 0; step < 5; step++) {
      clock.advance(11_000)
      await new Promise((resolve) => setImmediate(resolve))
      expect(await plain.locks.acquire(`renew/${id}`, 'another', 1)).toBe(false)
    }
    release?.()
    expect((await call)?.reveal()).toBe('a1')
  })
})

describe('another process', () => {
  /** A vault on a manual clock whose secret another process is renewing. */
  async function heldElsewhere(freshForMs: number) {
    const test = testVault()
    const freshUntil = new Date(test.clock.now().getTime() + freshForMs)
    const { id } = await test.scope('alice').set('oauth', { access: 'a0', refresh: 'r0' }, { freshUntil })
    expect(await test.store.locks.acquire(`renew/${id}`, 'another', 15_000)).toBe(true)
    /** Moves the clock in small steps until the work has ended. */
    const untilDone = async <T>(work: Promise<T>): Promise<T> => {
      let isDone = false
      const done = work.finally(() => {
        isDone = true
      })
      for (let step = 0; step < 2_000 && !isDone; step++) {
        test.clock.advance(10)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return done
    }
    return { ...test, id, untilDone }
  }

  it('that was killed is waited for as long as its lock is held', async () => {
    const { scope, clock, untilDone } = await heldElsewhere(0)
    const { state, refresh } = issuer({ clock })
    const startedMs = clock.monotonicMs()
    expect((await untilDone(scope('alice').renew('oauth', refresh)))?.fields()['access']).toBe('a1')
    expect(state.asked).toBe(1)
    expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(15_000)
    expect(clock.monotonicMs() - startedMs).toBeLessThan(15_600)
  })

  it('that stores its value is noticed at the next look', async () => {
    const { scope, other, clock, store, id, untilDone } = await heldElsewhere(0)
    const { state, refresh } = issuer({ clock })
    const calls = Promise.all(Array.from({ length: 5 }, () => scope('alice').renew('oauth', refresh)))
    const freshUntil = new Date(clock.now().getTime() + 3_600_000)
    await other().as({ id: 'alice' }).scope({ server: 'github' }).set('oauth', { access: 'theirs' }, { freshUntil })
    await store.locks.release(`renew/${id}`, 'another')
    expect((await untilDone(calls)).map((value) => value?.fields()['access'])).toEqual(Array(5).fill('theirs'))
    expect(state.asked).toBe(0)
  })

  it('is waited for no longer than waitMs, and then the old value is given for as long as it works', async () => {
    const { scope, clock, untilDone } = await heldElsewhere(6_000)
    const { state, refresh } = issuer({ clock })
    const options = { marginMs: 60_000, waitMs: 4_000 }
    clock.advance(4_000)
    const kept = scope('alice').renew('oauth', refresh, { ...options, waitMs: 1_000 })
    expect((await untilDone(kept))?.fields()['access']).toBe('a0')
    const calls = [1, 2].map(() => codeOf(scope('alice').renew('oauth', refresh, options)))
    expect(await untilDone(Promise.all(calls))).toEqual(Array(2).fill('VAULT_RENEWAL_FAILED'))
    expect(state.asked).toBe(0)
  })

  it('that was frozen between its last read and its request asks for nothing: the lock is another’s by then', async () => {
    const { store: plain, clock: manual, keys } = testVault()
    const found = { freezes: 0, lock: '', holder: '' }
    const store = interceptStore(plain, (call) => {
      const [lock, holder] = call.args
      if (call.name === 'locks.acquire') Object.assign(found, { lock, holder })
      return call.run()
    })
    const clock = {
      ...manual,
      now: () => {
        // Read with the record. The end of the lock and another process come in the time in which this one stands still.
        if (found.holder !== '' && found.freezes === 0) {
          found.freezes += 1
          void plain.locks.release(found.lock, found.holder)
          expect(plain.locks.acquire(found.lock, 'another', 60_000)).toBe(true)
          manual.advance(20_000)
        }
        return manual.now()
      },
    }
    const { scope } = testVault({ store, clock, keys })
    await scope('alice').set('oauth', { access: 'a0', refresh: 'r0' })
    const { state, refresh } = issuer({ clock })
    expect(await codeOf(scope('alice').renew('oauth', refresh, { waitMs: 0 }))).toBe('VAULT_RENEWAL_FAILED')
    expect(found.freezes).toBe(1)
    expect(state.asked).toBe(0)
  })
})

describe('the trail of a renewal', () => {
  it('[S39] has the read, before anything is asked for, and then the renewal or why there is none', async () => {
    const test = tickingVault()
    const { refresh } = issuer({ clock: test.clock })
    await test.scope('alice').set('oauth', { access: 'a0', refresh: 'r0' })
    await test.scope('alice').renew('oauth', refresh)
    await test.scope('alice').renew('oauth', refresh)
    const refusals = [
      new VaultError('VAULT_RENEWAL_FAILED'),
      new VaultError('VAULT_SIGN_IN_REQUIRED'),
      new Error('own'),
    ]
    for (const error of [refusals[2], refusals[0], refusals[1], refusals[1]]) {
      await codeOf(test.scope('alice').renew('oauth', () => Promise.reject(error), { refusedVersion: 2 }))
    }
    const { items } = await test.vault.as(operatorPrincipal).auditLog({ principal: 'alice', name: 'oauth' })
    const events = items.map(({ event }) => event).reverse()
    expect(events.slice(1).map(({ action, outcome, version }) => [action, outcome, version])).toEqual([
      ['secret.accessed', 'allowed', 1],
      ['secret.renewed', 'allowed', 2],
      ['secret.accessed', 'allowed', 2],
      ['secret.accessed', 'allowed', 2],
      ['secret.renewed', 'failed', undefined],
      ['secret.accessed', 'allowed', 2],
      ['secret.renewed', 'failed', undefined],
      ['secret.accessed', 'allowed', 2],
      ['secret.needs-sign-in', 'allowed', 2],
      ['secret.accessed', 'failed', 2],
    ])
    expect(new Set(events.slice(1).map(({ operation }) => operation))).toEqual(new Set(['renew']))
  })

  it('is asked for nothing when its event cannot be written', async () => {
    let isBroken = false
    const store = interceptStore(memoryStore(), (call) => {
      if (isBroken && call.name === 'audit.append') throw new VaultError('VAULT_STORE_FAILED')
      return call.run()
    })
    const { scope } = await staleVault({ store })
    const { state, refresh } = issuer()
    isBroken = true
    expect(await codeOf(scope('alice').renew('oauth', refresh))).toBe('VAULT_AUDIT_FAILED')
    expect(state.asked).toBe(0)
  })
})
