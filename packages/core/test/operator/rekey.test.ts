// rekey: a scope gets a new data key, nothing is lost, and the old key goes when nobody can need it.
import { codeOf, operatorPrincipal, type TestVault, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { StoredSecret, VaultStore } from '../../src/contracts/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { failingProvider, interceptStore } from '../../src/testing/index.ts'

const alices = { owner: 'alice', server: 'github' }
const aliceRow = { kind: 'values', ...alices } as const
/** The default of `keyHardAgeMs`, and the grace after it. */
const heldMs = 3_600_000 + 300_000

/** Three secrets of alice with four versions, one of them deleted and one shared, and one secret of bob. */
async function filled(test: TestVault): Promise<void> {
  const own = test.scope('alice')
  await own.set('token', 'first')
  await own.set('token', 'second')
  await own.share('token', { with: 'bob', permission: 'read' })
  await own.set('bytes', Uint8Array.of(1, 2, 3))
  await own.set('gone', 'deleted')
  await own.delete('gone')
  await test.scope('bob').set('token', 'of bob')
}

const rekey = (test: TestVault) => test.vault.operator(operatorPrincipal).rekey(alices)

async function recordsOf(store: VaultStore): Promise<readonly StoredSecret[]> {
  const listed = await store.secrets.list({ ...alices, limit: 100 })
  const found = await Promise.all(listed.map(async ({ ref }) => store.secrets.find(ref, 'all')))
  return found.flatMap((record) => record ?? [])
}

/** The data keys that a record or one of its versions is sealed under. */
function keysUnder(records: readonly StoredSecret[]): ReadonlySet<string> {
  const idOf = (envelope: Uint8Array | undefined) => Buffer.from(envelope ?? []).toString('hex', 8, 24)
  return new Set(records.flatMap(({ dekId, versions }) => [dekId, ...versions.map(({ envelope }) => idOf(envelope))]))
}

/** What a rekey must leave as it is. */
function lasting(records: readonly StoredSecret[]): unknown {
  return records.map(({ dekId: _id, mac: _mac, revision: _revision, versions, ...record }) => ({
    ...record,
    versions: versions.map(({ envelope: _envelope, commitment: _commitment, ...version }) => version),
  }))
}

async function activeId(store: VaultStore): Promise<string> {
  const row = await store.dataKeys.active(aliceRow)
  if (row === undefined) throw new Error('there is no active data key')
  return row.id
}

async function expectAllReadable(test: TestVault): Promise<void> {
  const own = test.scope('alice')
  expect((await own.get('token', { version: 1 }))?.reveal()).toBe('first')
  expect((await own.get('token'))?.reveal()).toBe('second')
  expect((await test.scope('alice', { id: 'bob' }).get('token'))?.reveal()).toBe('second')
  await own.undelete('gone')
  expect((await own.get('gone'))?.reveal()).toBe('deleted')
  expect((await test.scope('bob').get('token'))?.reveal()).toBe('of bob')
}

/** What waits for `passed` goes on once it is opened. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

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

describe('a rekey among others', () => {
  it('of two workers makes one new data key, while writers and readers lose nothing', async () => {
    const store = memoryStore()
    const test = testVault({ store })
    const other = testVault({ store, keys: test.keys })
    await filled(test)
    const old = await activeId(store)
    const written = new Map<string, string>()
    const write = async (writer: number): Promise<void> => {
      const scope = (writer % 2 === 0 ? test : other).scope('alice')
      for (let turn = 0; turn < 10; turn++) {
        const name = `of writer ${writer}, ${turn % 3}`
        await scope.set(name, `turn ${turn}`)
        written.set(name, `turn ${turn}`)
        expect((await scope.get(name))?.reveal()).toBe(`turn ${turn}`)
        expect((await scope.get('token', { version: 1 }))?.reveal()).toBe('first')
      }
    }
    await Promise.all([rekey(test), rekey(other), ...[0, 1, 2, 3].map(write)])
    const rows = await store.dataKeys.list({ owner: 'alice', limit: 10 })
    expect(rows.map(({ state }) => state).sort()).toEqual(['active', 'retired'])
    // What a writer still sealed under the old data key after its page had passed.
    await rekey(test)
    const records = await recordsOf(store)
    expect(keysUnder(records)).toEqual(new Set([await activeId(store)]))
    expect(await activeId(store)).not.toBe(old)
    for (const [name, value] of written) expect((await other.scope('alice').get(name))?.reveal()).toBe(value)
    await expectAllReadable(other)
  })

  it('is mended by the next run when a process wrote under the old data key after it', async () => {
    const store = memoryStore()
    const test = testVault({ store })
    await filled(test)
    const reached = gate()
    const landing = gate()
    const slow = interceptStore(store, async ({ name, run }) => {
      if (name !== 'secrets.put') return run()
      reached.open()
      await landing.passed
      return run()
    })
    const late = testVault({ store: slow, keys: test.keys }).scope('alice').set('late', 'sealed before')
    await reached.passed
    await rekey(test)
    landing.open()
    await late
    expect(await rekey(test)).toMatchObject({ resumed: true, secrets: 1, versions: 1 })
    expect(keysUnder(await recordsOf(store))).toEqual(new Set([await activeId(store)]))
    expect((await test.scope('alice').get('late'))?.reveal()).toBe('sealed before')
  })

  it('ends at any call of the store in a state that the next run mends', async () => {
    let ended = true
    for (let after = 0; ended; after++) {
      const store = memoryStore()
      const test = testVault({ store })
      await filled(test)
      let calls = 0
      ended = false
      const ending = interceptStore(store, ({ name, run }) => {
        // Opening the vault and its trail is not the rekey's.
        if (!name.startsWith('secrets.') && !name.startsWith('dataKeys.')) return run()
        if (calls++ < after) return run()
        ended = true
        throw new Error('ended')
      })
      const dying = testVault({ store: ending, keys: test.keys })
      const outcome = await rekey(dying).then(
        () => 'done',
        () => 'failed',
      )
      expect(outcome).toBe(ended ? 'failed' : 'done')
      const next = testVault({ store, keys: test.keys })
      expect((await next.scope('alice').get('token'))?.reveal()).toBe('second')
      await rekey(next)
      expect(keysUnder(await recordsOf(store))).toEqual(new Set([await activeId(store)]))
      expect(await store.dataKeys.list({ owner: 'alice', limit: 10 })).toHaveLength(2)
      await expectAllReadable(next)
    }
  })
})
