// Records that were proven before: the same in everything that the seal covers, or proven anew.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sameBytes } from '../../src/bytes/index.ts'
import type { StoredSecret } from '../../src/contracts/index.ts'
import { copySealedRecord, encodeRecord, isSameSealedRecord } from '../../src/envelope/index.ts'
import { fullSecret } from '../../src/testing/index.ts'

const vaultId = Buffer.alloc(16, 7)

// Small domains, so that two records are often the same and often differ in one field alone.
const instant = fc.constantFrom(0, 1).map((ms) => new Date(ms))
const bytes = (length: number) => fc.constantFrom(0, 1).map((value) => new Uint8Array(length).fill(value))
const word = fc.constantFrom('a', 'b', 'ab')
const record: fc.Arbitrary<StoredSecret> = fc.record(
  {
    id: word,
    ref: fc.record({ owner: word, server: word, name: word }),
    revision: fc.constantFrom(1, 2),
    currentVersion: fc.constantFrom(1, 2),
    state: fc.constantFrom('active', 'inactive'),
    type: word,
    tier: fc.constantFrom(1, 2),
    description: word,
    tags: fc.array(word, { maxLength: 2 }),
    expiresAt: instant,
    createdAt: instant,
    updatedAt: instant,
    lastUsedAt: instant,
    useCount: fc.constantFrom(0, 1),
    dekId: word,
    mac: bytes(32),
    managed: fc.constantFrom(0, 1).map((length) => new Uint8Array(length)),
    grants: fc.array(
      fc.record(
        {
          principal: word,
          permission: fc.constantFrom('read', 'admin'),
          grantedBy: word,
          grantedAt: instant,
          deploymentId: word,
        },
        { requiredKeys: ['principal', 'permission', 'grantedBy', 'grantedAt'] },
      ),
      { maxLength: 1 },
    ),
    versions: fc.array(
      fc.record({
        version: fc.constantFrom(1, 2),
        encoding: fc.constantFrom('text', 'bytes'),
        state: fc.constantFrom('active', 'pending'),
        commitment: bytes(32),
        createdAt: instant,
        createdBy: word,
      }),
      { maxLength: 1 },
    ),
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      'id',
      'ref',
      'revision',
      'currentVersion',
      'state',
      'type',
      'tier',
      'tags',
      'createdAt',
      'updatedAt',
      'useCount',
      'dekId',
      'mac',
      'managed',
      'grants',
      'versions',
    ],
  },
)

/** A record with one or no field of another. */
const pair = fc.tuple(record, record, fc.constantFrom('none', ...Object.keys(fullSecret()))).map(([a, b, field]) => {
  const taken = Object.entries(b).filter(([name]) => name === field)
  return [a, { ...a, ...Object.fromEntries(taken) }] as const
})

function sealedAlike(a: StoredSecret, b: StoredSecret): boolean {
  return sameBytes(encodeRecord(vaultId, a), encodeRecord(vaultId, b)) && sameBytes(a.mac, b.mac)
}

describe('isSameSealedRecord', () => {
  it('[A16] holds exactly for records with the same canonical bytes and seal', () => {
    fc.assert(
      fc.property(fc.oneof(pair, fc.tuple(record, record)), ([a, b]) => {
        expect(isSameSealedRecord(copySealedRecord(a), b)).toBe(sealedAlike(a, b))
      }),
      { numRuns: 5_000 },
    )
  })

  it('is the same for a copy, and for other counters of use', () => {
    const secret = fullSecret()
    expect(isSameSealedRecord(copySealedRecord(secret), secret)).toBe(true)
    const used = { ...secret, useCount: secret.useCount + 1, lastUsedAt: new Date(1), updatedAt: new Date(2) }
    expect(isSameSealedRecord(copySealedRecord(secret), used)).toBe(true)
  })

  // Every field that the canonical encoding has, changed in a record that has them all.
  const secret = (): StoredSecret => fullSecret()
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
    ['rotation', () => ({ managed: Uint8Array.of(1, 2, 3, 4) })],
    [
      'number of a version',
      ({ versions }) => ({ versions: versions.map((one) => ({ ...one, version: one.version + 1 })) }),
    ],
    [
      'encoding',
      ({ versions }) => ({
        versions: versions.map((one) => ({ ...one, encoding: one.encoding === 'text' ? 'bytes' : 'text' })),
      }),
    ],
    [
      'state of a version',
      ({ versions }) => ({
        versions: versions.map((one) => ({ ...one, state: one.state === 'active' ? 'pending' : 'active' })),
      }),
    ],
    [
      'commitment',
      ({ versions }) => ({ versions: versions.map((one) => ({ ...one, commitment: new Uint8Array(32) })) }),
    ],
    [
      'creation of a version',
      ({ versions }) => ({ versions: versions.map((one) => ({ ...one, createdAt: new Date(1) })) }),
    ],
    ['creator of a version', ({ versions }) => ({ versions: versions.map((one) => ({ ...one, createdBy: 'other' })) })],
    ['a version less', ({ versions }) => ({ versions: versions.slice(1) })],
    ['principal', ({ grants }) => ({ grants: grants.map((one) => ({ ...one, principal: 'other' })) })],
    [
      'permission',
      ({ grants }) => ({
        grants: grants.map((one) => ({ ...one, permission: one.permission === 'read' ? 'admin' : 'read' })),
      }),
    ],
    ['grantor', ({ grants }) => ({ grants: grants.map((one) => ({ ...one, grantedBy: 'other' })) })],
    ['time of a grant', ({ grants }) => ({ grants: grants.map((one) => ({ ...one, grantedAt: new Date(1) })) })],
    ['deployment', ({ grants }) => ({ grants: grants.map((one) => ({ ...one, deploymentId: 'other' })) })],
    ['a grant less', ({ grants }) => ({ grants: grants.slice(1) })],
  ]
  it.each(changes)('[A16] does not hold for another %s', (_, change) => {
    const changed = { ...secret(), ...change(secret()) }
    expect(sealedAlike(secret(), changed)).toBe(false)
    expect(isSameSealedRecord(copySealedRecord(secret()), changed)).toBe(false)
  })

  it('compares with a copy that nobody else can change', () => {
    const mine = fullSecret()
    const known = copySealedRecord(mine)
    mine.mac.fill(9)
    for (const { commitment } of mine.versions) commitment.fill(9)
    mine.createdAt.setTime(9)
    for (const { grantedAt } of mine.grants) grantedAt.setTime(9)
    expect(isSameSealedRecord(known, mine)).toBe(false)
    expect(isSameSealedRecord(known, secret())).toBe(true)
  })
})
