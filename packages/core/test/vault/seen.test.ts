// What a process remembers of records: the same canonical bytes are believed at once, any other are checked again.
import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { StoredSecret } from '../../src/contracts/index.ts'
import { encodeRecord, sealRecord } from '../../src/envelope/index.ts'
import { fullSecret, sampleVersion } from '../../src/testing/index.ts'
import { createSeen } from '../../src/vault/record/seen.ts'

const vaultId = Buffer.alloc(16, 7)
const dek = createSecretKey(Buffer.alloc(32, 1))
// Under this key no seal of these records holds: what is believed was remembered.
const wrongDek = createSecretKey(Buffer.alloc(32, 2))

function sealed(part: Partial<StoredSecret> = {}): StoredSecret {
  const record = fullSecret(part)
  return { ...record, mac: sealRecord({ dek, vaultId, record }) }
}

function seenOnce(record: StoredSecret) {
  const seen = createSeen({ vaultId })
  expect(seen.check(record, { dek, since: seen.now() })).toBe('holds')
  return { again: (other: StoredSecret) => seen.check(other, { dek: wrongDek, since: seen.now() }) }
}

describe('a record seen before', () => {
  it('is believed without its seal being checked again, also with other counters of use', () => {
    const record = sealed()
    const { again } = seenOnce(record)
    expect(again(sealed())).toBe('holds')
    expect(again({ ...record, useCount: 99, lastUsedAt: new Date(1), updatedAt: new Date(2) })).toBe('holds')
  })

  // Every field that the canonical encoding has, changed in a record that has them all.
  const changes: readonly [string, (full: StoredSecret) => Partial<StoredSecret>][] = [
    ['owner', ({ ref }) => ({ ref: { ...ref, owner: 'other' } })],
    ['server', ({ ref }) => ({ ref: { ...ref, server: 'other' } })],
    ['name', ({ ref }) => ({ ref: { ...ref, name: 'other' } })],
    ['id', () => ({ id: 'other' })],
    ['revision', ({ revision }) => ({ revision: revision + 1 })],
    ['current version', ({ currentVersion }) => ({ currentVersion: currentVersion + 1 })],
    ['state', () => ({ state: 'deleted' })],
    ['type', () => ({ type: 'other' })],
    ['tier', ({ tier }) => ({ tier: tier === 1 ? 2 : 1 })],
    ['description', () => ({ description: 'other' })],
    ['tags', ({ tags }) => ({ tags: [...tags, 'other'] })],
    ['one tag', ({ tags }) => ({ tags: tags.map(() => 'other') })],
    ['expiry', () => ({ expiresAt: new Date(1) })],
    ['creation', () => ({ createdAt: new Date(1) })],
    ['data key', () => ({ dekId: 'f'.repeat(32) })],
    ['seal', () => ({ mac: new Uint8Array(32) })],
    ['managed bytes', () => ({ managed: Uint8Array.of(1, 2, 3, 4) })],
    ['version number', ({ versions }) => ({ versions: versions.map((v) => ({ ...v, version: v.version + 1 })) })],
    ['encoding', ({ versions }) => ({ versions: versions.map((v) => ({ ...v, encoding: 'text' })) })],
    ['state of a version', ({ versions }) => ({ versions: versions.map((v) => ({ ...v, state: 'active' })) })],
    ['commitment', ({ versions }) => ({ versions: versions.map((v) => ({ ...v, commitment: new Uint8Array(32) })) })],
    [
      'creation of a version',
      ({ versions }) => ({ versions: versions.map((v) => ({ ...v, createdAt: new Date(1) })) }),
    ],
    ['creator of a version', ({ versions }) => ({ versions: versions.map((v) => ({ ...v, createdBy: 'other' })) })],
    ['a version less', ({ versions }) => ({ versions: versions.slice(1) })],
    ['principal', ({ grants }) => ({ grants: grants.map((grant) => ({ ...grant, principal: 'other' })) })],
    ['permission', ({ grants }) => ({ grants: grants.map((grant) => ({ ...grant, permission: 'write' })) })],
    ['grantor', ({ grants }) => ({ grants: grants.map((grant) => ({ ...grant, grantedBy: 'other' })) })],
    ['time of a grant', ({ grants }) => ({ grants: grants.map((grant) => ({ ...grant, grantedAt: new Date(1) })) })],
    ['deployment', ({ grants }) => ({ grants: grants.map((grant) => ({ ...grant, deploymentId: 'other' })) })],
    ['a grant less', ({ grants }) => ({ grants: grants.slice(1) })],
    ['a field without encoding', () => ({ type: '\ud800' })],
  ]
  it.each(changes)('[A16] is checked again with another %s', (_, change) => {
    const record = sealed()
    const { again } = seenOnce(record)
    expect(again({ ...record, ...change(record) })).toBe('broken')
  })

  it('is compared with bytes that nobody else can change', () => {
    const record = sealed()
    const { again } = seenOnce(record)
    record.mac.fill(9)
    for (const { commitment } of record.versions) commitment.fill(9)
    record.createdAt.setTime(9)
    expect(again(record)).toBe('broken')
    expect(again(sealed())).toBe('holds')
  })

  it('is checked each time when it is large', () => {
    const versions = Array.from({ length: 40 }, (_, index) => sampleVersion({ version: index + 1 }))
    const { again } = seenOnce(sealed({ versions, currentVersion: 40 }))
    expect(again(sealed({ versions, currentVersion: 40 }))).toBe('broken')
  })
})

describe('the order of records', () => {
  const seenBy = (seen: ReturnType<typeof createSeen>, record: StoredSecret, since = seen.now()) =>
    seen.check(record, { dek, since })
  const [first, second, third] = ['first', 'second', 'third'].map((id) => sealed({ id, revision: 9 }))
  if (first === undefined || second === undefined || third === undefined) throw new Error('three records')

  it('is that of their ids as they were seen, and of revisions within one id', () => {
    const seen = createSeen({ vaultId })
    expect(seenBy(seen, first)).toBe('holds')
    expect(seenBy(seen, sealed({ id: 'first', revision: 8 }))).toBe('older')
    expect(seenBy(seen, sealed({ id: 'second', revision: 3, createdAt: new Date(0) }))).toBe('holds')
    expect(seenBy(seen, first)).toBe('older')
    expect(seenBy(seen, sealed({ id: 'first', revision: 99 }))).toBe('older')
  })

  it('is not learned from reads that overlap: what one of them saw is served, and none makes another old', () => {
    const seen = createSeen({ vaultId })
    seenBy(seen, first)
    const since = seen.now()
    expect(seenBy(seen, second, since)).toBe('holds')
    expect(seenBy(seen, first, since)).toBe('holds')
    // Never seen before, and as old or as new as the one that is remembered.
    expect(seenBy(seen, third, since)).toBe('holds')
    expect(seenBy(seen, second)).toBe('holds')
    expect(seenBy(seen, third)).toBe('holds')
    expect(seenBy(seen, second)).toBe('older')
  })

  it('ends with a removal, but for reads that had begun before', () => {
    const seen = createSeen({ vaultId })
    seenBy(seen, first)
    const since = seen.now()
    seen.removed(first.ref, first.id)
    expect(seenBy(seen, first, since)).toBe('holds')
    expect(seenBy(seen, first)).toBe('older')
    expect(seenBy(seen, second)).toBe('holds')
  })

  it('is not learned from a write that ended after a later record was read', () => {
    const seen = createSeen({ vaultId })
    const since = seen.now()
    seenBy(seen, second)
    seen.wrote(first, { encoded: encodeRecord(vaultId, first), since })
    expect(seenBy(seen, second)).toBe('holds')
  })

  it('is kept for a bounded number of ids that are gone', () => {
    const seen = createSeen({ vaultId, entries: 2 })
    for (const { ref, id } of [first, second, third]) seen.removed(ref, id)
    expect(seenBy(seen, second)).toBe('older')
    expect(seenBy(seen, third)).toBe('older')
    expect(seenBy(seen, first)).toBe('holds')
  })
})
