// health: which part of a vault does not work, each provoked, in bounded time and without secrets.
import { codeOf, operatorPrincipal, type TestVault, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { VaultError, type VaultErrorCode } from '../../src/errors/index.ts'
import type { HealthPart } from '../../src/operator/health-part.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { failingProvider, interceptStore, manualClock } from '../../src/testing/index.ts'
import { auditScope } from '../../src/vault/runtime.ts'
import { lastBitFlipped, main, vaultUnder } from './rewrapping.ts'

const ok = { ok: true } as const
const healthy = { ok: true, key: ok, store: ok, schema: ok, trail: ok }
const bad = (code: VaultErrorCode): HealthPart => ({ ok: false, code, remedy: expect.any(String) })
const healthOf = ({ vault }: TestVault) => vault.operator(operatorPrincipal).health()

const eventsOf = async ({ vault }: TestVault) =>
  (await vault.as(operatorPrincipal).auditLog({ actions: ['vault.checked'] })).items.map(({ event }) => event)

/** A memory store whose operations of these names fail or hang from now on. */
function faulty(fails: (name: string) => VaultErrorCode | 'hang' | undefined) {
  const clock = manualClock()
  const store = interceptStore(memoryStore({ clock }), ({ name, run }) => {
    const fault = fails(name)
    if (fault === 'hang') return new Promise(() => {})
    if (fault !== undefined) throw new VaultError(fault)
    return run()
  })
  return { clock, store }
}

/** Moves the clock until the work is done, and says how far. */
async function msUntil(work: Promise<unknown>, clock: ReturnType<typeof manualClock>): Promise<number> {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  let ms = 0
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(500)
    ms += 500
  }
  await done
  return ms
}

describe('[A36] health', () => {
  it('says that every part works, and makes one event', async () => {
    const test = testVault()
    await test.scope('alice').set('token', 'of alice')
    expect(await healthOf(test)).toEqual(healthy)
    expect(await eventsOf(test)).toMatchObject([
      { action: 'vault.checked', operation: 'health', outcome: 'allowed', principal: 'root', roles: ['operator'] },
    ])
  })

  it.each(['buffered', 'dangerously-off'] as const)('works with an empty store where auditing is %s', async (mode) => {
    expect(await healthOf(testVault({ audit: { mode } }))).toEqual(healthy)
  })

  it('is for those who may operate or audit, whom the hook lets pass', async () => {
    const test = testVault({ authorize: ({ principal }) => principal.id !== 'mallory' })
    expect(await test.vault.operator({ id: 'ada', roles: ['auditor'] }).health()).toEqual(healthy)
    for (const principal of [
      { id: 'alice', roles: ['reader'] },
      { id: 'mallory', roles: ['operator'] },
    ])
      expect(await codeOf(test.vault.operator(principal).health())).toBe('VAULT_ACCESS_DENIED')
    expect((await eventsOf(test)).map(({ outcome }) => outcome)).toEqual(['denied', 'denied', 'allowed'])
  })

  it.each([
    [
      'another key of the same id',
      'VAULT_KEY_MISMATCH',
      keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }),
    ],
    [
      'the key of another vault',
      'VAULT_KEY_UNKNOWN',
      keyRing({ current: 'else#1', keys: { 'else#1': generateKey() } }),
    ],
  ] as const)('with %s says %s of key and trail, and that the store works', async (_, code, keys) => {
    const store = await vaultUnder(main)
    const health = await healthOf(testVault({ store, keys }))
    expect(health).toEqual({ ...healthy, ok: false, key: bad(code), trail: bad(code) })
  })

  it.each(['VAULT_KEY_UNAVAILABLE', 'VAULT_KEY_DENIED'] as const)(
    'says %s of a key service that was lost after the vault was opened, and records it',
    async (code) => {
      const keys = failingProvider(main)
      const test = testVault({ keys })
      await test.scope('alice').set('token', 'of alice')
      keys.failWith(code)
      expect(await healthOf(test)).toEqual({ ...healthy, ok: false, key: bad(code) })
      expect(await eventsOf(test)).toMatchObject([{ outcome: 'failed', errorCode: code }])
      keys.failWith(undefined)
      expect(await healthOf(test)).toEqual(healthy)
    },
  )

  it('says that the root key was altered, also where auditing is off', async () => {
    const test = testVault({ audit: { mode: 'dangerously-off' } })
    await test.scope('alice').set('token', 'of alice')
    const row = await test.store.dataKeys.active(auditScope)
    if (row === undefined) throw new Error('the row is not there')
    const altered = { ...row, wraps: row.wraps.map(lastBitFlipped), revision: 2 }
    await test.store.dataKeys.replace(altered, { ifRevision: 1 })
    expect(await healthOf(test)).toEqual({ ...healthy, ok: false, key: bad('VAULT_OPEN_FAILED') })
    await test.store.dataKeys.replace({ ...row, revision: 3 }, { ifRevision: 2 })
    expect(await healthOf(test)).toEqual(healthy)
  })

  it('tells a store that does not answer from one without its schema, also before the vault is opened', async () => {
    let fault: VaultErrorCode | undefined = 'VAULT_STORE_FAILED'
    const test = testVault(faulty(() => fault))
    const part = bad('VAULT_STORE_FAILED')
    expect(await healthOf(test)).toEqual({ ok: false, key: ok, store: part, schema: part, trail: part })
    fault = 'VAULT_STORE_NOT_READY'
    const missing = bad(fault)
    expect(await healthOf(test)).toEqual({ ok: false, key: ok, store: ok, schema: missing, trail: missing })
    fault = undefined
    expect(await healthOf(test)).toEqual(healthy)
  })

  it.each(['required', 'buffered'] as const)('says that a %s trail cannot be written', async (mode) => {
    let isFull = false
    const parts = faulty((name) => (isFull && name === 'audit.append' ? 'VAULT_STORE_FAILED' : undefined))
    const test = testVault({ ...parts, audit: { mode } })
    await test.scope('alice').set('token', 'of alice')
    isFull = true
    expect(await healthOf(test)).toEqual({ ...healthy, ok: false, trail: bad('VAULT_AUDIT_FAILED') })
    isFull = false
    expect(await healthOf(test)).toEqual(healthy)
  })

  it('answers within its limit when nothing else does', async () => {
    const limits = { storeMs: 4_000, keysMs: 6_000 }
    const keys = failingProvider(main)
    let isAway = false
    const { clock, store } = faulty(() => (isAway ? 'hang' : undefined))
    const test = testVault({ store, clock, keys, limits })
    await test.scope('alice').set('token', 'of alice')
    isAway = true
    keys.failWith('hang')
    const asked = healthOf(test)
    expect(await msUntil(asked, clock)).toBeLessThanOrEqual(2 * (limits.storeMs + limits.keysMs) + 500)
    const health = await asked
    expect([health.key.ok, health.store.ok, health.schema.ok, health.trail.ok]).toEqual([false, false, false, false])
  })

  it('ends with its signal, and when the vault is closed', async () => {
    const { clock, store } = faulty(() => 'hang')
    const { vault } = testVault({ store, clock })
    const controller = new AbortController()
    const asked = vault.operator(operatorPrincipal).health({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
    const other = testVault()
    await other.vault.close()
    expect(await codeOf(healthOf(other))).toBe('VAULT_CLOSED')
  })

  it('shows nothing secret, and no message of the store', async () => {
    const key = generateKey()
    const store = interceptStore(memoryStore(), () => {
      throw new Error('password=hunter2 of the database')
    })
    const text = JSON.stringify(
      await healthOf(testVault({ store, keys: keyRing({ current: 'main#1', keys: { 'main#1': key } }) })),
    )
    expect(text).not.toContain(key)
    expect(text).not.toContain('hunter2')
  })
})
