// Data keys: made once for a scope, cached, refreshed, refused at once when the key service refuses.
import { randomBytes } from 'node:crypto'
import { codeOf } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { DataKeyScope, KeyProvider } from '../../src/contracts/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import type { DataKeyLimits } from '../../src/keys/index.ts'
import { generateKey, keyRing, multiProvider } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { countingProvider, failingProvider, manualClock } from '../../src/testing/index.ts'
import { dataKeysOf } from './data-keys-of.ts'

const scope: DataKeyScope = { kind: 'values', owner: 'alice', server: 'github' }
const ring = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

function setUp(options: { readonly provider?: KeyProvider; readonly limits?: Partial<DataKeyLimits> } = {}) {
  const clock = manualClock()
  const failing = failingProvider(options.provider ?? ring)
  const provider = countingProvider(failing)
  const store = memoryStore({ clock })
  const vaultId = randomBytes(16)
  const generated: string[] = []
  const limits = {
    entries: 1_000,
    softAgeMs: 300_000,
    hardAgeMs: 3_600_000,
    unwraps: 20,
    callMs: 1_000,
    ...options.limits,
  }
  const parts = { provider, store, vaultId, clock, limits }
  const keys = dataKeysOf({ ...parts, onGenerated: ({ id }) => void generated.push(id) })
  /** Another process on the same store. */
  const other = () => dataKeysOf(parts)
  return { clock, failing, provider, store, keys, generated, other }
}

describe('active', () => {
  it('asks again when a read found that the cached active key is retired, however fresh that read is', async () => {
    const { keys, store, clock, other } = setUp()
    const first = await keys.active(scope)
    const row = await store.dataKeys.active(scope)
    if (row === undefined) throw new Error('the row is not there')
    await store.dataKeys.replace({ ...row, state: 'retired', revision: 2 }, { ifRevision: 1 })
    const second = await other().active(scope)
    expect(await keys.active(scope)).toBe(first)
    clock.advance(300_000)
    expect((await keys.byId(first.id, scope)).id).toBe(first.id)
    expect((await keys.active(scope)).id).toBe(second.id)
  })

  it('makes one key for a scope, wraps it once, and says so', async () => {
    const { keys, provider, store, generated } = setUp()
    const first = await keys.active(scope)
    expect(await keys.active(scope)).toBe(first)
    expect(provider.counts).toMatchObject({ wrap: 1, unwrap: 1 })
    expect(generated).toEqual([first.id])
    expect(first.keyId).toBe('main#1')
    expect(first.key.export()).toHaveLength(32)
    const row = await store.dataKeys.active(scope)
    expect(row).toMatchObject({ id: first.id, state: 'active', revision: 1 })
  })

  it('makes different keys for different scopes', async () => {
    const { keys } = setUp()
    const scopes = [
      scope,
      { ...scope, owner: 'bob' },
      { ...scope, server: 'figma' },
      { kind: 'audit', owner: '', server: '' },
    ] as const
    const made = await Promise.all(scopes.map((one) => keys.active(one)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(4)
    expect(new Set(made.map(({ key }) => key.export().toString('hex'))).size).toBe(4)
  })

  it('makes one key for many who ask at once', async () => {
    const { keys, provider } = setUp()
    const made = await Promise.all(Array.from({ length: 50 }, () => keys.active(scope)))
    expect(new Set(made).size).toBe(1)
    expect(provider.counts).toMatchObject({ wrap: 1, unwrap: 1 })
  })

  it('opens each wrap of a new key before it is stored, and not again after', async () => {
    const recovery = keyRing({ current: 'recovery#1', keys: { 'recovery#1': generateKey() } })
    const { keys, provider, store } = setUp({ provider: multiProvider({ primary: ring, recovery: [recovery] }) })
    const insert = store.dataKeys.insert
    let opened = 0
    Object.assign(store.dataKeys, {
      insert(...args: Parameters<typeof insert>) {
        opened = provider.counts.unwrap
        return insert(...args)
      },
    })
    await keys.active(scope)
    expect(opened).toBe(2)
    expect(provider.counts.unwrap).toBe(2)
  })

  it('takes the wrap of a recovery key that this process may only wrap to, and refuses when no wrap opens', async () => {
    const denied: KeyProvider['unwrap'] = () => {
      throw new VaultError('VAULT_KEY_DENIED')
    }
    const recovery = keyRing({ current: 'recovery#1', keys: { 'recovery#1': generateKey() } })
    const provider = multiProvider({ primary: ring, recovery: [{ ...recovery, unwrap: denied }] })
    const { keys, store } = setUp({ provider })
    const { id } = await keys.active(scope)
    expect((await store.dataKeys.find(id, scope))?.wraps).toHaveLength(2)
    const none = setUp({ provider: { ...ring, unwrap: denied } })
    expect(await codeOf(Promise.resolve(none.keys.active(scope)))).toBe('VAULT_KEY_DENIED')
    expect(await none.store.dataKeys.list({ limit: 10 })).toEqual([])
  })

  it('refuses a row that the store gives back with other wraps', async () => {
    const { keys, store } = setUp()
    const { active } = store.dataKeys
    Object.assign(store.dataKeys, {
      async active(...args: Parameters<typeof active>) {
        const row = await active(...args)
        return row && { ...row, wraps: row.wraps.map((wrap) => wrap.with(-1, (wrap.at(-1) ?? 0) ^ 1)) }
      },
    })
    expect(await codeOf(Promise.resolve(keys.active(scope)))).toBe('VAULT_OPEN_FAILED')
  })

  it('refuses what a key service makes when its wraps hold another key, and stores nothing', async () => {
    const provider: KeyProvider = {
      ...ring,
      async generate({ dekId, scope: keyScope }) {
        return { dek: randomBytes(32), wraps: await ring.wrap({ dekId, dek: randomBytes(32), scope: keyScope }) }
      },
    }
    const { keys, store } = setUp({ provider })
    expect(await codeOf(Promise.resolve(keys.active(scope)))).toBe('VAULT_OPEN_FAILED')
    expect(await store.dataKeys.list({ limit: 10 })).toEqual([])
  })

  it("takes the winner's key when another process was first", async () => {
    const { keys, other } = setUp()
    const [mine, theirs] = await Promise.all([keys.active(scope), other().active(scope)])
    expect(mine.id).toBe(theirs.id)
    expect(mine.key.equals(theirs.key)).toBe(true)
  })

  it('uses a key only as the store gives it back', async () => {
    const { keys, store } = setUp()
    const { active } = store.dataKeys
    Object.assign(store.dataKeys, { active: () => undefined })
    expect(await codeOf(Promise.resolve(keys.active(scope)))).toBe('VAULT_STORE_FAILED')
    Object.assign(store.dataKeys, { active })
    expect(await codeOf(Promise.resolve(keys.active(scope)))).toMatchObject({ resolved: { keyId: 'main#1' } })
  })

  it('takes keys that the key service makes', async () => {
    const provider: KeyProvider = {
      ...ring,
      async generate({ dekId, scope: keyScope }) {
        const dek = randomBytes(32)
        return { dek, wraps: await ring.wrap({ dekId, dek, scope: keyScope }) }
      },
    }
    const { keys, provider: counted } = setUp({ provider })
    expect((await keys.active(scope)).key.export()).toHaveLength(32)
    expect(counted.counts).toMatchObject({ generate: 1, wrap: 0 })
  })

  it.each([0, 9])('refuses a provider that gives %i wraps', async (count) => {
    const provider: KeyProvider = {
      ...ring,
      async wrap(request) {
        const [wrap = new Uint8Array()] = await ring.wrap(request)
        return Array.from({ length: count }, () => wrap)
      },
    }
    const { keys } = setUp({ provider })
    expect(await codeOf(Promise.resolve(keys.active(scope)))).toBe('VAULT_CONFIG_INVALID')
  })
})

describe('byId', () => {
  it('[S34][T34] asks the provider once while the key is fresh, and again after that', async () => {
    const { keys, provider, clock, other } = setUp()
    const { id } = await other().active(scope)
    await keys.byId(id, scope)
    await keys.byId(id, scope)
    expect(provider.counts.unwrap).toBe(2)
    clock.advance(299_999)
    await keys.byId(id, scope)
    expect(provider.counts.unwrap).toBe(2)
    clock.advance(1)
    await keys.byId(id, scope)
    expect(provider.counts.unwrap).toBe(3)
  })

  it('answers at once for a key in the cache', async () => {
    const { keys } = setUp()
    const key = await keys.active(scope)
    expect(keys.byId(key.id, scope)).toBe(key)
    expect(keys.active(scope)).toBe(key)
  })

  it('gives a key only for its own scope', async () => {
    const { keys } = setUp()
    const { id } = await keys.active(scope)
    for (const other of [
      { ...scope, owner: 'bob' },
      { ...scope, server: 'figma' },
      { ...scope, kind: 'audit' as const },
    ]) {
      expect(await codeOf(Promise.resolve(keys.byId(id, other)))).toBe('VAULT_KEY_UNKNOWN')
    }
  })

  it('does not know a key that is not stored, or not any more', async () => {
    const { keys, store, clock } = setUp()
    expect(await codeOf(Promise.resolve(keys.byId('0'.repeat(32), scope)))).toBe('VAULT_KEY_UNKNOWN')
    const { id } = await keys.active(scope)
    await store.dataKeys.remove(id, scope)
    clock.advance(300_000)
    expect(await codeOf(Promise.resolve(keys.byId(id, scope)))).toBe('VAULT_KEY_UNKNOWN')
    clock.advance(-300_000)
    expect(await codeOf(Promise.resolve(keys.byId(id, scope)))).toBe('VAULT_KEY_UNKNOWN')
  })

  it('serves what it has while the provider is away, up to the hard limit', async () => {
    const { keys, clock, failing } = setUp()
    const key = await keys.active(scope)
    failing.failWith('VAULT_KEY_UNAVAILABLE')
    clock.advance(3_599_999)
    expect(await keys.byId(key.id, scope)).toBe(key)
    expect(await keys.active(scope)).toBe(key)
    clock.advance(1)
    expect(await codeOf(Promise.resolve(keys.byId(key.id, scope)))).toBe('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(Promise.resolve(keys.active(scope)))).toBe('VAULT_KEY_UNAVAILABLE')
    failing.failWith(undefined)
    expect((await keys.byId(key.id, scope)).id).toBe(key.id)
  })

  it.each(['VAULT_KEY_DENIED', 'VAULT_KEY_UNKNOWN', 'VAULT_OPEN_FAILED'] as const)(
    'forgets a key at once when the provider answers %s',
    async (code) => {
      const { keys, clock, failing } = setUp()
      const key = await keys.active(scope)
      clock.advance(300_000)
      failing.failWith(code)
      expect(await codeOf(Promise.resolve(keys.byId(key.id, scope)))).toBe(code)
      failing.failWith('VAULT_KEY_UNAVAILABLE')
      expect(await codeOf(Promise.resolve(keys.byId(key.id, scope)))).toBe('VAULT_KEY_UNAVAILABLE')
    },
  )

  it('asks every time, and forgives nothing, when no age will do', async () => {
    const { keys, provider, failing } = setUp()
    const { id } = await keys.active(scope)
    await keys.byId(id, scope, { maxAgeMs: 0 })
    await keys.byId(id, scope, { maxAgeMs: 0 })
    expect(provider.counts.unwrap).toBe(3)
    failing.failWith('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(Promise.resolve(keys.byId(id, scope, { maxAgeMs: 0 })))).toBe('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(Promise.resolve(keys.byId(id, scope)))).toMatchObject({ resolved: { id } })
  })

  it('stops waiting for a provider that does not answer', async () => {
    const { keys, clock, failing } = setUp()
    failing.failWith('hang')
    const asked = codeOf(Promise.resolve(keys.active(scope)))
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1_000)
    expect(await asked).toBe('VAULT_KEY_UNAVAILABLE')
  })

  it('lets one caller abort without the others', async () => {
    const { keys, provider, other } = setUp()
    const { id } = await other().active(scope)
    const controller = new AbortController()
    const aborted = Promise.resolve(keys.byId(id, scope, { signal: controller.signal }))
    const waiting = Promise.resolve(keys.byId(id, scope))
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect((await waiting).id).toBe(id)
    await expect(
      Promise.resolve(keys.byId(id, { ...scope, owner: 'x' }, { signal: controller.signal })),
    ).rejects.toThrow('enough')
    expect(provider.counts.unwrap).toBe(2)
  })

  it('unwraps no more than so many at a time', async () => {
    let running = 0
    let maxRunning = 0
    const provider: KeyProvider = {
      ...ring,
      async unwrap(record, keyScope) {
        maxRunning = Math.max(maxRunning, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        return ring.unwrap(record, keyScope)
      },
    }
    const { keys } = setUp({ provider, limits: { unwraps: 3 } })
    await Promise.all(Array.from({ length: 12 }, (_, index) => keys.active({ ...scope, owner: `o${index}` })))
    expect(maxRunning).toBe(3)
  })

  it('keeps at most limits.entries keys, and none after clear', async () => {
    const { keys, provider } = setUp({ limits: { entries: 2 } })
    const scopes = ['a', 'b', 'c'].map((owner) => ({ ...scope, owner }))
    const made = await Promise.all(scopes.map((one) => keys.active(one)))
    expect(provider.counts.unwrap).toBe(3)
    await keys.active({ ...scope, owner: 'a' })
    expect(provider.counts.unwrap).toBe(4)
    keys.clear()
    await keys.byId(made[0]?.id ?? '', { ...scope, owner: 'a' })
    expect(provider.counts.unwrap).toBe(5)
    keys.evict(made[0]?.id ?? '', { ...scope, owner: 'a' })
    await keys.byId(made[0]?.id ?? '', { ...scope, owner: 'a' })
    expect(provider.counts.unwrap).toBe(6)
  })
})

describe('rows', () => {
  it('open by any of their wraps', async () => {
    const { keys, store, other } = setUp()
    const { id } = await keys.active(scope)
    const row = await store.dataKeys.find(id, scope)
    if (row === undefined) throw new Error('the row is not there')
    const foreign = keyRing({ current: 'other#1', keys: { 'other#1': generateKey() } })
    const theirs = dataKeysOf({
      provider: foreign,
      store: memoryStore(),
      vaultId: randomBytes(16),
      clock: manualClock(),
      limits: { entries: 1, softAgeMs: 1, hardAgeMs: 1, unwraps: 1, callMs: 1 },
    })
    const { row: foreignRow } = await theirs.wrapping.newKey(scope)
    const swapped = { ...row, revision: 2, wraps: [...foreignRow.wraps, ...row.wraps] }
    await store.dataKeys.replace(swapped, { ifRevision: 1 })
    expect(await codeOf(Promise.resolve(other().byId(id, scope)))).toMatchObject({ resolved: { id } })
    await store.dataKeys.replace({ ...swapped, revision: 3, wraps: foreignRow.wraps }, { ifRevision: 2 })
    expect(await codeOf(Promise.resolve(other().byId(id, scope)))).toBe('VAULT_OPEN_FAILED')
    await store.dataKeys.replace({ ...swapped, revision: 4, wraps: [] }, { ifRevision: 3 })
    expect(await codeOf(Promise.resolve(other().byId(id, scope)))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('refuse a provider that unwraps to something else', async () => {
    const wrong: readonly Uint8Array[] = [new Uint8Array(32), new Uint8Array(31), new Uint8Array(33)]
    for (const dek of wrong) {
      const { store, keys } = setUp()
      const { id } = await keys.active(scope)
      const row = await store.dataKeys.find(id, scope)
      const lying = setUp({ provider: { ...ring, unwrap: () => dek } })
      expect(row && (await codeOf(lying.keys.wrapping.unwrapRow(row)))).toBe('VAULT_OPEN_FAILED')
    }
  })

  it('translate what a provider throws by its own classification', async () => {
    const cases = [
      ['transient', 'VAULT_KEY_UNAVAILABLE'],
      ['denied', 'VAULT_KEY_DENIED'],
      ['integrity', 'VAULT_OPEN_FAILED'],
    ] as const
    for (const [failure, code] of cases) {
      const provider: KeyProvider = {
        ...ring,
        unwrap: () => {
          throw new Error('from the key service')
        },
        classify: () => failure,
      }
      expect(await codeOf(Promise.resolve(setUp({ provider }).keys.active(scope)))).toBe(code)
    }
    const silent: KeyProvider = {
      ...ring,
      unwrap: () => {
        throw new Error('from the key service')
      },
    }
    expect(await codeOf(Promise.resolve(setUp({ provider: silent }).keys.active(scope)))).toBe('VAULT_KEY_UNAVAILABLE')
  })
})
