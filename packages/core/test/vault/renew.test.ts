// renew: a fresh value for every caller, asked for once, and stored whatever happens to the caller.

import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { VaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'
import { issuer, oauthRef, staleVault } from './renewing.ts'

const hour = 3_600_000

describe('renew', () => {
  it('asks for a value of which nobody has said until when it works, and then no more', async () => {
    const { scope } = await staleVault()
    const { state, refresh } = issuer()
    const first = await scope('alice').renew('oauth', refresh)
    expect(first?.fields()).toEqual({ access: 'a1', refresh: 'r1' })
    expect(first?.version).toBe(2)
    expect((await scope('alice').renew('oauth', refresh))?.fields()).toEqual({ access: 'a1', refresh: 'r1' })
    expect(state.asked).toBe(1)
    expect((await scope('alice').describe('oauth'))?.freshUntil?.getTime()).toBeGreaterThan(Date.now() + hour - 60_000)
  })

  it('asks once for many callers of two processes, and all get the winner’s value', async () => {
    const { scope, other } = await staleVault()
    const { state, refresh } = issuer()
    const later = other().as({ id: 'alice' }).scope({ server: 'github' })
    const calls = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? scope('alice') : later).renew('oauth', refresh),
    )
    const values = await Promise.all(calls)
    expect(values.map((value) => value?.fields()['access'])).toEqual(values.map(() => 'a1'))
    expect(state).toEqual({ asked: 1, reused: 0, valid: 'r1' })
    expect((await scope('alice').history('oauth'))?.length).toBe(2)
  })

  it('is undefined for an absent secret, and for one of somebody else', async () => {
    const { scope } = await staleVault()
    const { state, refresh } = issuer()
    expect(await scope('alice').renew('other', refresh)).toBeUndefined()
    expect(await scope('alice', { id: 'mallory' }).renew('oauth', refresh)).toBeUndefined()
    expect(state.asked).toBe(0)
  })

  it('needs the permission write only for a value that is stale', async () => {
    const { scope } = await staleVault()
    const { state, refresh } = issuer()
    await scope('alice').share('oauth', { with: 'bob', permission: 'read' })
    await scope('alice').share('oauth', { with: 'carol', permission: 'write' })
    expect(await codeOf(scope('alice', { id: 'bob' }).renew('oauth', refresh))).toBe('VAULT_ACCESS_DENIED')
    expect(state.asked).toBe(0)
    expect((await scope('alice', { id: 'carol' }).renew('oauth', refresh))?.fields()['access']).toBe('a1')
    expect((await scope('alice', { id: 'bob' }).renew('oauth', refresh))?.fields()['access']).toBe('a1')
  })

  it('renews a version that a server has refused, once', async () => {
    const { scope } = await staleVault()
    const { state, refresh } = issuer()
    const token = await scope('alice').renew('oauth', refresh)
    const options = { refusedVersion: token?.version ?? 0 }
    const again = await Promise.all([1, 2, 3].map(() => scope('alice').renew('oauth', refresh, options)))
    expect(again.map((value) => value?.version)).toEqual([3, 3, 3])
    expect(state.asked).toBe(2)
  })

  it('keeps a value without a known end until a server refuses it', async () => {
    const { scope } = await staleVault()
    let asked = 0
    const refresh = () => {
      asked += 1
      return { value: { access: `a${asked}` } }
    }
    await scope('alice').renew('oauth', refresh)
    expect((await scope('alice').renew('oauth', refresh))?.fields()).toEqual({ access: 'a1' })
    expect((await scope('alice').renew('oauth', refresh, { refusedVersion: 2 }))?.fields()).toEqual({ access: 'a2' })
  })

  it.each([
    ['longer than the margin', { lifeMs: hour, afterMs: hour - 61_000, marginMs: 60_000, asked: 1 }],
    ['less than the margin', { lifeMs: hour, afterMs: hour - 59_000, marginMs: 60_000, asked: 2 }],
    ['more than half of its time', { lifeMs: 60_000, afterMs: 29_000, marginMs: 60_000, asked: 1 }],
    ['less than half of its time', { lifeMs: 60_000, afterMs: 31_000, marginMs: 60_000, asked: 2 }],
    ['no longer', { lifeMs: 60_000, afterMs: 60_000, marginMs: 0, asked: 2 }],
  ])('counts the margin from now: with %s left', async (_, { lifeMs, afterMs, marginMs, asked }) => {
    const { scope, clock } = testVault()
    const { state, refresh } = issuer({ clock, lifeMs })
    await scope('alice').set('oauth', { access: 'a0', refresh: 'r0' })
    await scope('alice').renew('oauth', refresh)
    clock.advance(afterMs)
    await scope('alice').renew('oauth', refresh, { marginMs })
    expect(state.asked).toBe(asked)
  })

  it('takes the time that a set gave', async () => {
    const { scope } = await staleVault()
    const { state, refresh } = issuer()
    await scope('alice').set('oauth', { access: 'own', refresh: 'r0' }, { freshUntil: new Date(Date.now() + hour) })
    expect((await scope('alice').renew('oauth', refresh))?.fields()['access']).toBe('own')
    expect(state.asked).toBe(0)
  })

  it('wipes the value that it lent, and keeps settings, grants and hosts', async () => {
    const { scope } = await staleVault()
    await scope('alice').update('oauth', { hosts: ['api.example.com'], tags: ['ci'], description: 'of the CRM' })
    await scope('alice').share('oauth', { with: 'bob', permission: 'read' })
    let lent: { reveal(): string } | undefined
    await scope('alice').renew('oauth', (value) => {
      lent = value
      return { value: 'the next one' }
    })
    expect(() => lent?.reveal()).toThrow(expect.objectContaining({ code: 'VAULT_CLOSED' }))
    const kept = { hosts: ['api.example.com'], tags: ['ci'], description: 'of the CRM', encoding: 'text' }
    expect(await scope('alice').describe('oauth')).toMatchObject(kept)
    expect(await scope('alice').grants('oauth')).toHaveLength(1)
  })

  it('drops a description that the next value repeats, rather than the value', async () => {
    const { scope } = await staleVault()
    await scope('alice').update('oauth', { description: 'what comes next' })
    expect((await scope('alice').renew('oauth', () => ({ value: 'comes' })))?.reveal()).toBe('comes')
    expect((await scope('alice').describe('oauth'))?.description).toBeUndefined()
  })

  it.each([
    ['marginMs', -1],
    ['marginMs', 86_400_001],
    ['waitMs', 600_001],
    ['refusedVersion', 0],
    ['margin', 1],
  ])('refuses %s: %s by name', async (field, value) => {
    const { scope } = await staleVault()
    const call = scope('alice').renew('oauth', issuer().refresh, JSON.parse(JSON.stringify({ [field]: value })))
    const shown = field === 'margin' ? 'options.margin' : field
    await expect(call).rejects.toMatchObject({ code: 'VAULT_VALUE_INVALID', field: shown })
  })

  it('refuses what is no function, and an answer without a value', async () => {
    const { scope } = await staleVault()
    await expect(scope('alice').renew('oauth', JSON.parse('{}'))).rejects.toThrow(TypeError)
    for (const answer of [undefined, null, 'a2', { value: 7 }, { value: 'x', freshUntil: 1 }]) {
      await expect(scope('alice').renew('oauth', () => JSON.parse(JSON.stringify(answer ?? null)))).rejects.toThrow(
        TypeError,
      )
    }
    const misspelt = () => JSON.parse('{"value":"x","freshUntill":1}')
    expect(await codeOf(scope('alice').renew('oauth', misspelt))).toBe('VAULT_VALUE_INVALID')
    expect((await scope('alice').get('oauth'))?.version).toBe(1)
  })

  it('says by name that a store has no locks', async () => {
    const store = memoryStore()
    const { scope } = await staleVault({ store: { ...store, locks: JSON.parse('{}') } })
    expect(await codeOf(scope('alice').renew('oauth', issuer().refresh))).toBe('VAULT_NOT_SUPPORTED')
  })
})

describe('a renewal that fails', () => {
  const refused = () => Promise.reject(new VaultError('VAULT_SIGN_IN_REQUIRED'))
  const unavailable = () => Promise.reject(new VaultError('VAULT_RENEWAL_FAILED'))

  it('permanently marks the secret, deletes nothing and asks no more, until the next set', async () => {
    const { scope } = await staleVault()
    let asked = 0
    const refresh = () => {
      asked += 1
      return refused()
    }
    expect(await codeOf(scope('alice').renew('oauth', refresh))).toBe('VAULT_SIGN_IN_REQUIRED')
    expect(await codeOf(scope('alice').renew('oauth', refresh))).toBe('VAULT_SIGN_IN_REQUIRED')
    expect(asked).toBe(1)
    expect(await scope('alice').describe('oauth')).toMatchObject({ needsSignIn: true, version: 1, state: 'active' })
    expect((await scope('alice').get('oauth'))?.fields()).toEqual({ access: 'a0', refresh: 'r0' })
    expect(await scope('alice').set('oauth', { access: 'b', refresh: 'r0' })).toMatchObject({ needsSignIn: false })
    expect((await scope('alice').renew('oauth', issuer().refresh))?.fields()['access']).toBe('a1')
  })

  it('for now gives the old value for as long as it works', async () => {
    const { scope, clock } = testVault()
    const freshUntil = new Date(clock.now().getTime() + hour)
    await scope('alice').set('oauth', { access: 'a0' }, { freshUntil })
    clock.advance(hour - 1_000)
    expect((await scope('alice').renew('oauth', unavailable))?.fields()).toEqual({ access: 'a0' })
    clock.advance(1_000)
    expect(await codeOf(scope('alice').renew('oauth', unavailable))).toBe('VAULT_RENEWAL_FAILED')
    expect(await codeOf(scope('alice').renew('oauth', refused))).toBe('VAULT_SIGN_IN_REQUIRED')
  })

  it('with an error of its own throws that, leaves the secret as it was, and others can try at once', async () => {
    const { scope } = await staleVault()
    const own = new Error('of the caller')
    await expect(scope('alice').renew('oauth', () => Promise.reject(own))).rejects.toBe(own)
    expect(await scope('alice').describe('oauth')).toMatchObject({ version: 1, needsSignIn: false })
    expect((await scope('alice').renew('oauth', issuer().refresh))?.version).toBe(2)
  })

  it('loses against what somebody has set meanwhile, and never takes it away', async () => {
    const { scope } = await staleVault()
    const freshUntil = new Date(Date.now() + hour)
    const meanwhile = () => scope('alice').set('oauth', { access: 'own' }, { freshUntil })
    const stored = await scope('alice').renew('oauth', async () => {
      await meanwhile()
      return { value: { access: 'late' }, freshUntil }
    })
    expect(stored?.fields()).toEqual({ access: 'own' })
    const marked = await scope('alice').renew(
      'oauth',
      async () => {
        await meanwhile()
        return refused()
      },
      { refusedVersion: 2 },
    )
    expect(marked?.fields()).toEqual({ access: 'own' })
    expect(await scope('alice').describe('oauth')).toMatchObject({ version: 3, needsSignIn: false })
  })

  it('brings nothing back that was destroyed meanwhile, and touches no other secret of the name', async () => {
    const { scope } = await staleVault()
    const freshUntil = new Date(Date.now() + hour)
    const gone = await scope('alice').renew('oauth', async () => {
      await scope('alice').destroy('oauth')
      return { value: 'late' }
    })
    expect(gone).toBeUndefined()
    await scope('alice').set('oauth', 'stale')
    const another = await scope('alice').renew('oauth', async () => {
      await scope('alice').destroy('oauth')
      await scope('alice').set('oauth', 'of another time', { freshUntil })
      return { value: 'late' }
    })
    expect(another?.reveal()).toBe('of another time')
  })

  it('[N6] even without a lock keeps the value of the first, and marks nothing', async () => {
    const plain = memoryStore()
    const store = interceptStore(plain, (call) => (call.name.startsWith('locks.') ? true : call.run()))
    const { scope, other } = await staleVault({ store })
    const { state, refresh } = issuer()
    const later = other().as({ id: 'alice' }).scope({ server: 'github' })
    await Promise.allSettled([scope('alice').renew('oauth', refresh), later.renew('oauth', refresh)])
    expect(state.reused).toBe(1)
    expect((await scope('alice').describe('oauth'))?.needsSignIn).toBe(false)
    expect((await scope('alice').get('oauth'))?.fields()).toEqual({ access: 'a1', refresh: 'r1' })
    expect(await plain.secrets.find(oauthRef, 'current')).toMatchObject({ currentVersion: 2 })
  })
})
