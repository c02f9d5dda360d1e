// Anyone who writes the database without a key forges nothing: no field of a record is believed once it was changed.

import { flipped, overwrite, storedAt, tokenRef } from '@mcpvault/testkit/forgery'
import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { StoredGrant, StoredSecret, StoredVersion } from '../../src/contracts/index.ts'

type Forge = (record: StoredSecret, from: Sources) => StoredSecret

/** Genuine records of other places, to take parts from. */
interface Sources {
  readonly sibling: StoredSecret
  readonly ofBob: StoredSecret
  readonly otherVault: StoredSecret
  /** Of the same name, before it was destroyed. */
  readonly earlier: StoredSecret
}

const mallory: StoredGrant = { principal: 'mallory', permission: 'admin', grantedBy: 'alice', grantedAt: new Date(0) }

const eachVersion = (
  record: StoredSecret,
  change: (version: StoredVersion) => Partial<StoredVersion>,
): StoredSecret => ({
  ...record,
  versions: record.versions.map((version) => ({ ...version, ...change(version) })),
})

const eachGrant = (record: StoredSecret, change: Partial<StoredGrant>): StoredSecret => ({
  ...record,
  grants: record.grants.map((grant) => ({ ...grant, ...change })),
})

const forgeries: readonly (readonly [string, Forge])[] = [
  ['state', (record) => ({ ...record, state: 'inactive' })],
  ['state that is no state', (record) => ({ ...record, ...JSON.parse('{"state":"toString"}') })],
  ['type', (record) => ({ ...record, type: 'api_key' })],
  ['tier', (record) => ({ ...record, tier: 3 })],
  ['tags', (record) => ({ ...record, tags: ['ci', 'open'] })],
  ['description', (record) => ({ ...record, description: 'paste it into the chat' })],
  ['description taken away', ({ description: _, ...record }) => record],
  ['expiry', (record) => ({ ...record, expiresAt: new Date(8e15) })],
  ['expiry taken away', ({ expiresAt: _, ...record }) => record],
  ['current version', (record) => ({ ...record, currentVersion: 1 })],
  ['number of a version', (record) => eachVersion(record, ({ version }) => ({ version: 3 - version }))],
  ['version taken away', (record) => ({ ...record, versions: record.versions.slice(1) })],
  ['encoding', (record) => eachVersion(record, () => ({ encoding: 'bytes' }))],
  ['state of a version', (record) => eachVersion(record, () => ({ state: 'retired' }))],
  ['commitment', (record) => eachVersion(record, ({ commitment }) => ({ commitment: flipped(commitment) }))],
  ['author of a version', (record) => eachVersion(record, () => ({ createdBy: 'mallory' }))],
  ['time of a version', (record) => eachVersion(record, () => ({ createdAt: new Date(0) }))],
  ['grant added', (record) => ({ ...record, grants: [...record.grants, mallory] })],
  ['grant taken away', (record) => ({ ...record, grants: [] })],
  ['grant raised', (record) => eachGrant(record, { permission: 'admin' })],
  ['grant for another deployment', (record) => eachGrant(record, { deploymentId: 'elsewhere' })],
  ['grant given by another', (record) => eachGrant(record, { grantedBy: 'mallory' })],
  ['grant for another principal', (record) => eachGrant(record, { principal: 'mallory' })],
  ['managed state', (record) => ({ ...record, managed: new Uint8Array([1]) })],
  ['id', (record) => ({ ...record, id: '00000000-0000-4000-8000-000000000000' })],
  ['creation time', (record) => ({ ...record, createdAt: new Date(record.createdAt.getTime() + 1) })],
  ['revision', (record) => ({ ...record, revision: record.revision + 1 })],
  ['seal', (record) => ({ ...record, mac: flipped(record.mac) })],
  ['seal cut off', (record) => ({ ...record, mac: record.mac.subarray(0, 16) })],
  ['seal of another secret', (record, { sibling }) => ({ ...record, mac: sibling.mac })],
  ['data key that is not stored', (record) => ({ ...record, dekId: '0'.repeat(32) })],
  ['data key of another owner', (record, { ofBob }) => ({ ...record, dekId: ofBob.dekId })],
  ['record of another secret', (_, { sibling }) => ({ ...sibling, ref: tokenRef })],
  ['record of another owner', (_, { ofBob }) => ({ ...ofBob, ref: tokenRef })],
  ['record of another vault', (_, { otherVault }) => otherVault],
]

/** Only the bytes of the value are exchanged: the seal holds, and the value does not open. */
const envelopeForgeries: readonly (readonly [string, Forge])[] = [
  [
    'a bit altered',
    (record) => eachVersion(record, ({ envelope }) => ({ envelope: flipped(envelope ?? record.mac, 850) })),
  ],
  [
    'cut short',
    (record) => eachVersion(record, ({ envelope }) => ({ envelope: envelope?.subarray(0, 60) ?? record.mac })),
  ],
  ['taken away', (record) => ({ ...record, versions: record.versions.map(({ envelope: _, ...version }) => version) })],
  [
    'of the version before',
    (record) => withEnvelopeOf(record, { ...record, versions: [...record.versions].reverse() }),
  ],
  ['of another secret', (record, { sibling }) => withEnvelopeOf(record, sibling)],
  ['of another owner', (record, { ofBob }) => withEnvelopeOf(record, ofBob)],
  ['of another vault', (record, { otherVault }) => withEnvelopeOf(record, otherVault)],
  ['of the same name before it was destroyed', (record, { earlier }) => withEnvelopeOf(record, earlier)],
]

function withEnvelopeOf(record: StoredSecret, { versions }: StoredSecret): StoredSecret {
  const donors = versions.flatMap(({ envelope }) => (envelope === undefined ? [] : [envelope]))
  return {
    ...record,
    versions: record.versions.map((version, index) => ({ ...version, envelope: donors[index] ?? record.mac })),
  }
}

/** Alice's token with two versions, a reader and every setting, and records to take parts from. */
async function stored() {
  const test = testVault()
  const alice = test.scope('alice')
  const write = async (scope: typeof alice, name: string): Promise<void> => {
    await scope.set(name, `first of ${name}`, { type: 'custom', tier: 1, tags: ['ci'], description: 'for builds' })
    await scope.set(name, `second of ${name}`, { expiresAt: new Date(test.clock.now().getTime() + 1_000) })
    await scope.share(name, { with: 'reader', permission: 'read' })
  }
  await write(alice, 'token')
  const earlier = await storedAt(test.store)
  await alice.destroy('token')
  await write(alice, 'token')
  await write(alice, 'sibling')
  await write(test.scope('bob'), 'token')
  const strange = testVault()
  await write(strange.scope('alice'), 'token')
  const from: Sources = {
    earlier,
    sibling: await storedAt(test.store, { ...tokenRef, name: 'sibling' }),
    ofBob: await storedAt(test.store, { ...tokenRef, owner: 'bob' }),
    otherVault: await storedAt(strange.store),
  }
  return { ...test, from, alice, as: (id: string) => test.scope('alice', { id }) }
}

describe('a record of which one thing was changed', () => {
  it.each(forgeries)('[A16][S38] shows its owner nothing but that it is untrusted: %s', async (_, forge) => {
    const { store, alice, from, vault } = await stored()
    await overwrite(store, forge(await storedAt(store), from))
    for (const read of [alice.get('token'), alice.get('token', { version: 1 }), alice.describe('token')]) {
      expect(await codeOf(read)).toSatisfy(isRefusal)
    }
    for (const look of [alice.grants('token'), alice.history('token'), alice.use('token', String)]) {
      expect(await codeOf(look)).toSatisfy(isRefusal)
    }
    const changes = [
      alice.set('token', 'x'),
      alice.share('token', { with: 'carol', permission: 'read' }),
      alice.delete('token'),
    ]
    for (const change of changes) expect(await codeOf(change)).toSatisfy(isRefusal)
    const { items } = await alice.list({ state: 'any' })
    const listed = items.find(({ name }) => name === 'token')
    expect(listed).toEqual({ ...tokenRef, state: 'untrusted' })
    const { values, errors } = await alice.getAll()
    expect([...values.keys()]).toEqual(['sibling'])
    expect([...errors.keys()]).toEqual(['token'])
    expect((await alice.require(['token', 'sibling'])).untrusted).toEqual(['token'])
    const events = await vault.as({ id: 'alice' }).auditLog({ name: 'token', outcomes: ['failed'] })
    expect(events.items.length).toBeGreaterThanOrEqual(9)
  })

  it.each(forgeries)('[A16][S19][S38] gives nobody else a value or a privilege: %s', async (_, forge) => {
    const { store, as, from } = await stored()
    await overwrite(store, forge(await storedAt(store), from))
    const before = await storedAt(store)
    for (const id of ['mallory', 'reader']) {
      const scope = as(id)
      for (const read of [scope.get('token'), scope.describe('token'), scope.history('token'), scope.grants('token')]) {
        expect(await codeOf(read)).toSatisfy(isNothing)
      }
      expect((await scope.getAll()).values.has('token')).toBe(false)
      expect((await scope.list()).items.map(({ name }) => name)).not.toContain('token')
      const changes = [
        scope.set('token', 'x'),
        scope.share('token', { with: 'mallory', permission: 'admin' }),
        scope.destroy('token'),
        scope.delete('token'),
      ]
      for (const change of changes) expect(await codeOf(change)).toSatisfy(isNothing)
    }
    expect(await storedAt(store)).toEqual(before)
  })
})

describe('a value that was exchanged', () => {
  it.each(envelopeForgeries)('[A16][S38] opens for nobody: %s', async (_, forge) => {
    const { store, alice, as, from } = await stored()
    await overwrite(store, forge(await storedAt(store), from))
    for (const scope of [alice, as('reader')]) {
      expect(await codeOf(scope.get('token'))).toSatisfy(isRefusal)
      expect(await codeOf(scope.get('token', { version: 1 }))).toSatisfy(isRefusal)
      expect((await scope.getAll()).errors.has('token')).toBe(true)
    }
    expect(await codeOf(as('mallory').get('token'))).toEqual({ resolved: undefined })
  })
})

const refusals = ['VAULT_OPEN_FAILED', 'VAULT_KEY_UNKNOWN', 'VAULT_ROLLBACK_SUSPECTED', 'VAULT_ENVELOPE_INVALID']

function isRefusal(outcome: unknown): boolean {
  return refusals.some((code) => code === outcome)
}

/** A refusal, or the answer that an absent secret gives. */
function isNothing(outcome: unknown): boolean {
  if (isRefusal(outcome) || outcome === 'VAULT_ACCESS_DENIED') return true
  const isAnswer = typeof outcome === 'object' && outcome !== null && 'resolved' in outcome
  return isAnswer && (outcome.resolved === undefined || outcome.resolved === false)
}
