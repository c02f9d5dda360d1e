// Record seals: every field that decides anything is covered, counters are not, and encoding is injective.
import { createSecretKey } from 'node:crypto'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import type { StoredGrant, StoredSecret, StoredVersion } from '../../src/contracts/index.ts'
import { encodeRecord, kdf, sealRecord } from '../../src/envelope/index.ts'
import { codeOf, dek, filled, holdsFor, record, thrownBy, vaultId } from './fixtures.ts'

const sealed: StoredSecret = { ...record, mac: sealRecord({ dek, vaultId, record }) }
const holds = (part: object): boolean => holdsFor({ dek, vaultId, record: { ...sealed, ...part } })
const [firstGrant, secondGrant] = record.grants
const [oldVersion, newVersion] = record.versions
const at = new Date('2020-01-01T00:00:00Z')

describe('the seal', () => {
  it('is the first half of the derivation over the canonical bytes', () => {
    const expected = kdf(dek, 'mcpvault/1/record', encodeRecord(vaultId, record)).subarray(0, 32)
    expect(sealRecord({ dek, vaultId, record }).equals(expected)).toBe(true)
    expect(sealed.mac.buffer.byteLength).toBe(32)
    expect(holds({})).toBe(true)
  })

  it.each<[string, object]>([
    ['owner', { ref: { ...record.ref, owner: 'bob' } }],
    ['server', { ref: { ...record.ref, server: 'github' } }],
    ['name', { ref: { ...record.ref, name: 'OTHER' } }],
    ['id', { id: '8c5b4a52-9a43-4d6e-8f6e-1f7f0e6d2c12' }],
    ['revision', { revision: 6 }],
    ['current version', { currentVersion: 2 }],
    ['state', { state: 'inactive' }],
    ['state (deleted)', { state: 'deleted' }],
    ['type', { type: 'custom' }],
    ['tier', { tier: 2 }],
    ['tier (internal)', { tier: 3 }],
    ['description', { description: 'for C' }],
    ['no description', { description: undefined }],
    ['empty description', { description: '' }],
    ['tags', { tags: ['ci'] }],
    ['the border between tags', { tags: ['cip', 'rod'] }],
    ['the order of tags', { tags: ['prod', 'ci'] }],
    ['expiry', { expiresAt: new Date((record.expiresAt?.getTime() ?? 0) + 1) }],
    ['no expiry', { expiresAt: undefined }],
    ['creation', { createdAt: at }],
    ['data key id', { dekId: '000102030405060708090a0b0c0d0e0e' }],
    ['managed', { managed: filled(2, 1) }],
    ['nothing managed', { managed: new Uint8Array() }],
    ['a version less', { versions: [newVersion] }],
    ['the order of versions', { versions: [newVersion, oldVersion] }],
    ['version number', { versions: [{ ...oldVersion, version: 1 }, newVersion] }],
    ['version encoding', { versions: [oldVersion, { ...newVersion, encoding: 'bytes' }] }],
    ['version encoding (fields)', { versions: [oldVersion, { ...newVersion, encoding: 'fields' }] }],
    ['version state', { versions: [{ ...oldVersion, state: 'active' }, newVersion] }],
    ['version state (pending)', { versions: [{ ...oldVersion, state: 'pending' }, newVersion] }],
    ['version creation', { versions: [{ ...oldVersion, createdAt: at }, newVersion] }],
    ['version creator', { versions: [{ ...oldVersion, createdBy: 'eve' }, newVersion] }],
    ['commitment', { versions: [oldVersion, { ...newVersion, commitment: filled(32, 3) }] }],
    ['a grant less', { grants: [firstGrant] }],
    ['a grant more', { grants: [firstGrant, secondGrant, { ...firstGrant, principal: 'eve' }] }],
    ['grant principal', { grants: [{ ...firstGrant, principal: 'bobby' }, secondGrant] }],
    ['grant permission', { grants: [{ ...firstGrant, permission: 'write' }, secondGrant] }],
    ['grant permission (admin)', { grants: [{ ...firstGrant, permission: 'admin' }, secondGrant] }],
    ['grantor', { grants: [{ ...firstGrant, grantedBy: 'eve' }, secondGrant] }],
    ['grant time', { grants: [{ ...firstGrant, grantedAt: at }, secondGrant] }],
    ['grant deployment', { grants: [{ ...firstGrant, deploymentId: 'web-2' }, secondGrant] }],
    ['no grant deployment', { grants: [{ ...firstGrant, deploymentId: undefined }, secondGrant] }],
  ])('[S24] does not hold after a change of %s', (_, part) => {
    expect(holds(part)).toBe(false)
  })

  it('holds after a change of counters, times of update and envelopes', () => {
    const versions = record.versions.map((version) => ({ ...version, envelope: filled(104, 1) }))
    expect(holds({ useCount: 10, lastUsedAt: at, updatedAt: at, versions })).toBe(true)
  })

  it('holds whatever order a store returns grants in', () => {
    expect(holds({ grants: [secondGrant, firstGrant] })).toBe(true)
  })

  it('does not hold for another vault, key, or seal', () => {
    expect(holdsFor({ dek, vaultId: filled(16, 0xab), record: sealed })).toBe(false)
    expect(holdsFor({ dek: createSecretKey(filled(32, 1)), vaultId, record: sealed })).toBe(false)
    expect(holds({ mac: filled(32, 0) })).toBe(false)
    expect(holds({ mac: sealed.mac.subarray(0, 31) })).toBe(false)
    expect(holds({ mac: Buffer.concat([sealed.mac, filled(1, 0)]) })).toBe(false)
    expect(holds({ mac: new Uint8Array() })).toBe(false)
  })
})

describe('records without encoding', () => {
  const unencodable: [string, object][] = [
    ['an unknown state', { state: 'hidden' }],
    ['the state of an object property', { state: 'constructor' }],
    ['tier 4', { tier: 4 }],
    ['a lone surrogate', { type: '\ud800' }],
    ['a text that is none', { type: 7 }],
    ['a text that is too long', { description: 'a'.repeat(65_536) }],
    ['65,536 tags', { tags: Array.from({ length: 65_536 }, () => 'a') }],
    ['a negative revision', { revision: -1 }],
    ['no date', { createdAt: new Date(Number.NaN) }],
    ['a date before 1970', { expiresAt: new Date(-1) }],
    ['an unknown encoding', { versions: [{ ...newVersion, encoding: 'x' }] }],
    ['an unknown version state', { versions: [{ ...newVersion, state: 'x' }] }],
    ['a commitment of 31 bytes', { versions: [{ ...newVersion, commitment: filled(31, 1) }] }],
    ['an unknown permission', { grants: [{ ...firstGrant, permission: 'x' }] }],
  ]
  it.each(unencodable)('never hold, and cannot be sealed: %s', (_, part) => {
    expect(holds(part)).toBe(false)
    expect(codeOf(() => sealRecord({ dek, vaultId, record: { ...record, ...part } }))).toBe('VAULT_VALUE_INVALID')
    expect(codeOf(() => encodeRecord(vaultId, { ...record, ...part }))).toBe('VAULT_VALUE_INVALID')
  })

  it('say so', () => {
    const refusal = thrownBy(() => encodeRecord(vaultId, { ...record, tags: Array.from({ length: 65_536 }, () => '') }))
    expect(refusal).toMatchObject({ detail: expect.stringContaining('field of the record is out of bounds') })
  })

  it('a wrong vault id does not hold, and other faults are not hidden', () => {
    expect(holdsFor({ dek, vaultId: filled(15, 0xaa), record: sealed })).toBe(false)
    expect(() => holds({ createdAt: 'yesterday' })).toThrow(TypeError)
  })
})

describe('encoding', () => {
  it('puts grants in the order of code points, not of UTF-16 units', () => {
    const names = ['a', '\uff5e', 'ab', '😀', 'b', '\ud7ff', '😁', '\ue000']
    const grants = names.map(
      (principal): StoredGrant => ({ principal, permission: 'read', grantedBy: 'x', grantedAt: at }),
    )
    const reference = [...grants].sort((a, b) => Buffer.compare(Buffer.from(a.principal), Buffer.from(b.principal)))
    const encoded = encodeRecord(vaultId, { ...record, grants })
    expect(encoded.equals(encodeRecord(vaultId, { ...record, grants: reference }))).toBe(true)
    const positions = reference.map(({ principal }) => {
      const bytes = Buffer.from(principal)
      const prefix = Buffer.from([0, bytes.length])
      return encoded.lastIndexOf(Buffer.concat([prefix, bytes, Buffer.from([1, 0, 1, 0x78])]))
    })
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    expect(positions).not.toContain(-1)
  })

  it('leaves the list of grants as it was given', () => {
    const grants = [...record.grants].reverse()
    encodeRecord(vaultId, { ...record, grants })
    expect(grants.map(({ principal }) => principal)).toEqual(['carol', 'bob'])
  })

  it('[S24] gives different bytes for different records, and the same for the same', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(encodeRecord(vaultId, a).equals(encodeRecord(vaultId, b))).toBe(same)
      }),
      { numRuns: 500 },
    )
  })

  it('takes the largest texts that the format has', () => {
    const text = 'é'.repeat(32_767)
    const large = { ...record, description: text, type: text, tags: [text, text], managed: filled(100_000, 1) }
    expect(encodeRecord(vaultId, large).length).toBeGreaterThan(350_000)
    const mac = sealRecord({ dek, vaultId, record: large })
    expect(holdsFor({ dek, vaultId, record: { ...large, mac } })).toBe(true)
  })

  it('has room for texts of three bytes a character in every field', () => {
    const wide = (length: number): string => '€'.repeat(length)
    const ref = { owner: wide(1000), server: wide(1001), name: wide(1002) }
    const grant = { principal: wide(1003), grantedBy: wide(1004), deploymentId: wide(1005) }
    const part = {
      ref,
      id: wide(1006),
      dekId: wide(1007),
      grants: [{ permission: 'read', grantedAt: at, ...grant } as const],
      versions: record.versions.map((version) => ({ ...version, createdBy: wide(1008) })),
    }
    const encoded = encodeRecord(vaultId, { ...record, ...part })
    const texts = [...Object.values(ref), ...Object.values(grant), part.id, part.dekId, wide(1008)]
    for (const text of texts) expect(encoded.includes(text)).toBe(true)
  })

  it('takes 65,535 tags', () => {
    const tags = Array.from({ length: 65_535 }, () => 'a')
    expect(encodeRecord(vaultId, { ...record, tags }).length).toBeGreaterThan(3 * 65_535)
  })

  it('takes no more memory than its texts could need', () => {
    expect(encodeRecord(vaultId, { ...record, description: 'a'.repeat(10_000) }).buffer.byteLength).toBeLessThan(65_536)
  })
})

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é'), maxLength: 2 })
const date = fc.constantFrom(new Date(0), new Date(1))
const records = fc
  .record({
    ref: fc.record({ owner: text, server: text, name: text }),
    revision: fc.nat(2),
    state: fc.constantFrom('active' as const, 'inactive' as const),
    type: text,
    tags: fc.array(text, { maxLength: 2 }),
    description: fc.option(text, { nil: undefined }),
    expiresAt: fc.option(date, { nil: undefined }),
    managed: fc.uint8Array({ maxLength: 2 }),
    grants: fc.array(
      fc.record({
        principal: text,
        permission: fc.constantFrom('read' as const, 'write' as const),
        grantedBy: text,
        grantedAt: date,
      }),
      { maxLength: 1 },
    ),
    createdBy: fc.array(text, { maxLength: 2 }),
  })
  .map(({ createdBy, description, expiresAt, ...rest }): StoredSecret => {
    const versions = createdBy.map(
      (by, index): StoredVersion => ({
        version: index + 1,
        encoding: 'text',
        state: 'active',
        commitment: filled(32, 1),
        createdAt: new Date(0),
        createdBy: by,
      }),
    )
    const { description: _, expiresAt: __, ...base } = record
    return {
      ...base,
      ...rest,
      ...(description !== undefined && { description }),
      ...(expiresAt !== undefined && { expiresAt }),
      versions,
    }
  })
