// The drill: the master key is lost, the recovery key opens everything, and a new master key takes its place.
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { VaultStore } from '../../src/contracts/index.ts'
import { type DrillProgress, type RecoveryDrillOptions, recoveryDrill } from '../../src/index.ts'
import {
  generateKey,
  keyRing,
  multiProvider,
  recoveryKey,
  recoveryOpener,
  recoveryRecipient,
} from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { failingProvider, recordingStore } from '../../src/testing/index.ts'

const pair = recoveryKey()
const ring = (id: string) => keyRing({ current: id, keys: { [id]: generateKey() } })
const first = ring('main#1')
const second = ring('main#2')
const opener = recoveryOpener(pair.privateKey)
const recipient = recoveryRecipient(pair.publicKey)
const daily = multiProvider({ primary: first, recovery: [recipient] })

/** Three owners; some versions are older, and one secret is deleted. Four data keys with the root of the trail. */
async function livedIn(keys = daily): Promise<VaultStore> {
  const store = memoryStore()
  const { scope, vault } = testVault({ store, keys })
  for (const owner of ['alice', 'bob', 'carol']) {
    await scope(owner).set('token', `${owner} 1`)
    await scope(owner).set('token', `${owner} 2`)
  }
  await scope('carol').set('gone', 'deleted')
  await scope('carol').delete('gone')
  await vault.close()
  return store
}

const everything = { dataKeys: 4, secrets: 4, versions: 7 }
const drillOn = (store: VaultStore, more: Partial<RecoveryDrillOptions> = {}) =>
  recoveryDrill({ store, recovery: opener, primary: second, lost: ['main#1'], ...more })

describe('a recovery drill', () => {
  it('[T43][N18][N17] with the master key destroyed opens all by the recovery key, rewraps, verifies and retires', async () => {
    const store = await livedIn()
    const without = testVault({ store, keys: second })
    expect(await codeOf(without.scope('alice').get('token'))).toBe('VAULT_KEY_UNKNOWN')

    const steps = new Map<string, DrillProgress>()
    const report = await drillOn(store, {
      principal: { id: 'olga' },
      onProgress: (progress) => void steps.set(progress.step, progress),
    })
    expect(report).toEqual({
      ok: true,
      opened: everything,
      rewrapped: 4,
      verified: everything,
      retired: ['main#1'],
      foreign: new Map(),
      failures: [],
      failed: 0,
    })
    expect([...steps.values()].map(({ step, done, total }) => [step, done, total])).toEqual([
      ['open', 8, 8],
      ['rewrap', 4, 4],
      ['verify', 8, 8],
    ])

    const after = testVault({ store, keys: second })
    for (const owner of ['alice', 'bob', 'carol']) {
      expect((await after.scope(owner).get('token'))?.reveal()).toBe(`${owner} 2`)
      expect((await after.scope(owner).get('token', { version: 1 }))?.reveal()).toBe(`${owner} 1`)
    }
    const operator = after.vault.operator(operatorPrincipal)
    expect((await operator.census()).byKeyId).toEqual(
      new Map([
        ['main#2', 4],
        [[...(await recipient.currentKeyIds())].join(), 4],
      ]),
    )
    expect(await operator.verifyAudit()).toMatchObject({ ok: true })
    const { items } = await after.vault.as(operatorPrincipal).auditLog({ principal: 'olga' })
    expect(items.map(({ event }) => [event.action, event.operation, event.outcome])).toEqual([
      ['key.counted', 'recoveryDrill', 'allowed'],
      ['key.rewrapped', 'recoveryDrill', 'allowed'],
    ])
    expect(new Set(items.map(({ event }) => event.correlationId)).size).toBe(1)
    // The next loss finds the recovery key still good, and a second run finds nothing to do.
    expect(await recoveryDrill({ store, recovery: opener, dryRun: true })).toMatchObject({
      ok: true,
      opened: everything,
    })
    expect(await drillOn(store)).toMatchObject({ ok: true, rewrapped: 0, retired: ['main#1'] })
  })

  it('[T43] as a dry run opens all by the recovery key, says what it would do, and writes nothing', async () => {
    const lived = await livedIn()
    const store = recordingStore(lived)
    const report = { ok: true, opened: everything, retired: [], foreign: new Map(), failures: [], failed: 0 }
    expect(await recoveryDrill({ store, recovery: opener, dryRun: true })).toEqual({ ...report, rewrapped: 0 })
    expect(await drillOn(store, { dryRun: true })).toEqual({ ...report, rewrapped: 4 })
    expect(new Set(store.calls)).toEqual(
      new Set(['meta.read', 'dataKeys.list', 'dataKeys.active', 'secrets.list', 'secrets.find']),
    )
    const { scope } = testVault({ store: lived, keys: daily })
    expect((await scope('alice').get('token'))?.reveal()).toBe('alice 2')
  })

  it('says by owner and server what the recovery key does not open, does the rest, and lets no key go', async () => {
    const store = memoryStore()
    const before = testVault({ store, keys: first })
    await before.scope('alice').set('token', 'before there was a recovery key')
    await before.scope('alice').set('other', 'as well')
    await before.vault.close()
    const later = testVault({ store, keys: daily })
    await later.scope('bob').set('token', 'of bob')
    await later.vault.close()
    const code = 'VAULT_KEY_UNKNOWN'
    const alices = { owner: 'alice', server: 'github', code, count: 3 }
    const root = { code, count: 1 }
    const dryRun = await recoveryDrill({ store, recovery: opener, dryRun: true })
    expect(dryRun).toMatchObject({ ok: false, opened: { dataKeys: 1, secrets: 1, versions: 1 }, failed: 4 })
    expect(dryRun.failures).toEqual(
      expect.arrayContaining([
        { step: 'open', ...alices },
        { step: 'open', ...root },
      ]),
    )
    expect(await codeOf(drillOn(store))).toBe(code)
    const report = await drillOn(store, { audit: { mode: 'dangerously-off' } })
    expect(report).toMatchObject({ ok: false, rewrapped: 1, verified: { dataKeys: 1, secrets: 1 }, retired: [] })
    expect(report.failures).toEqual(
      expect.arrayContaining([
        { step: 'rewrap', owner: 'alice', server: 'github', code: 'VAULT_VALUE_INVALID', count: 1 },
        { step: 'verify', ...alices },
        { step: 'retire', keyId: 'main#1', code: 'VAULT_CONFLICT', count: 1 },
      ]),
    )
    const after = testVault({ store, keys: second, audit: { mode: 'dangerously-off' } })
    expect((await after.scope('bob').get('token'))?.reveal()).toBe('of bob')
  })

  it('finds a value that was altered', async () => {
    const store = await livedIn()
    const ref = { owner: 'bob', server: 'github', name: 'token' }
    const record = await store.secrets.find(ref, 'all')
    if (record === undefined) throw new Error('the record is not there')
    const versions = record.versions.map((version) => ({
      ...version,
      ...(version.envelope && { envelope: version.envelope.with(-1, (version.envelope.at(-1) ?? 0) ^ 1) }),
    }))
    await store.secrets.put({ ...record, versions, revision: record.revision + 1 }, { ifRevision: record.revision })
    const { ok, failures } = await recoveryDrill({ store, recovery: opener, dryRun: true })
    expect(ok).toBe(false)
    expect(failures).toEqual([{ step: 'open', owner: 'bob', server: 'github', code: 'VAULT_OPEN_FAILED', count: 1 }])
  })

  it('[N18] finds that somebody has exchanged the public half, and the census names the other key', async () => {
    const store = await livedIn()
    const others = recoveryRecipient(recoveryKey().publicKey)
    const { vault, scope } = testVault({ store, keys: multiProvider({ primary: first, recovery: [others] }) })
    await scope('dave').set('token', 'wrapped to another')
    const [own, exchanged] = [await recipient.currentKeyIds(), await others.currentKeyIds()]
    const { currentKeyIds, byKeyId } = await vault.operator(operatorPrincipal).census()
    expect([...currentKeyIds].sort()).toEqual(['main#1', ...exchanged].sort())
    expect([...own, ...exchanged].map((keyId) => byKeyId.get(keyId))).toEqual([4, 1])
    expect([...(await vault.operator(operatorPrincipal).rewrap({ dryRun: true })).foreign]).toEqual([[[...own][0], 4]])
    await vault.close()
    const { ok, failures } = await recoveryDrill({ store, recovery: opener, dryRun: true })
    expect(ok).toBe(false)
    const about = { step: 'open', owner: 'dave', server: 'github', code: 'VAULT_KEY_UNKNOWN' }
    expect(failures).toContainEqual(expect.objectContaining(about))
  })

  it('writes nothing with a recovery key that opens nothing', async () => {
    const store = await livedIn()
    const rows = await store.dataKeys.list({ limit: 10 })
    const stranger = recoveryOpener(recoveryKey().privateKey)
    const report = await drillOn(store, { recovery: stranger })
    expect(report).toMatchObject({ ok: false, opened: { dataKeys: 0, secrets: 0, versions: 0 }, failed: 8 })
    expect(report.verified).toBeUndefined()
    expect(await store.dataKeys.list({ limit: 10 })).toEqual(rows)
  })

  it('keeps the wraps of keys that are not named as lost, and says so', async () => {
    const store = await livedIn()
    expect(await drillOn(store, { lost: [] })).toMatchObject({
      ok: true,
      foreign: new Map([['main#1', 4]]),
      retired: [],
    })
    expect(await drillOn(store)).toMatchObject({ ok: true, foreign: new Map(), retired: ['main#1'] })
  })

  it('refuses a new master key under the id of the lost one, and an outage ends it', async () => {
    const store = await livedIn()
    expect(await codeOf(drillOn(store, { primary: ring('main#1') }))).toBe('VAULT_KEY_MISMATCH')
    const away = failingProvider(opener)
    away.failWith('VAULT_KEY_UNAVAILABLE')
    expect(await codeOf(drillOn(store, { recovery: away }))).toBe('VAULT_KEY_UNAVAILABLE')
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(drillOn(store, { signal: controller.signal })).rejects.toThrow('enough')
  })

  it.each([
    ['store', {}, 'VAULT_CONFIG_INVALID'],
    ['primary', { primary: undefined }, 'VAULT_CONFIG_INVALID'],
    ['lost', { lost: ['no key id'] }, 'VAULT_CONFIG_INVALID'],
    ['recovery', { recovery: {} }, 'VAULT_CONFIG_INVALID'],
    ['options.keys', { keys: first }, 'VAULT_CONFIG_INVALID'],
  ])('refuses a wrong %s', async (field, options, code) => {
    const work = Reflect.apply(drillOn, undefined, [memoryStore(), options])
    await expect(work).rejects.toMatchObject({ code, field })
  })

  it.each([
    ['dryRun', { dryRun: 'yes' }],
    ['lost', { lost: 'main#1' }],
    ['onProgress', { onProgress: 1 }],
    ['recovery', { recovery: 'text' }],
  ])('takes no %s of a wrong type', async (name, options) => {
    const work = Reflect.apply(drillOn, undefined, [memoryStore(), options])
    await expect(work).rejects.toThrow(new RegExp(`^${name} must be`))
  })
})
