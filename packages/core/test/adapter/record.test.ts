// The compact bytes of records: what goes in comes out, and anything else is damage.

import { fc } from '@mcpvault/testkit/property'
import { expect, test } from 'vitest'
import {
  allEnvelopes,
  decodeBytesList,
  decodeSecretRecord,
  decodeWraps,
  encodeBytesList,
  encodeSecretRecord,
  oneEnvelope,
} from '../../src/adapter/index.ts'
import type { StoredSecret } from '../../src/contracts/index.ts'
import { fullSecret, sampleSecret } from '../../src/testing/index.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const date = fc.date({ noInvalidDate: true })
const bytes = fc.uint8Array({ maxLength: 40 })
const columnsOf = ({ ref, id, revision, createdAt }: StoredSecret) => ({
  ref,
  id,
  revision,
  createdAtMs: createdAt.getTime(),
  lastUsedAtMs: null,
  useCount: 0,
})
const columns = columnsOf(sampleSecret())

const records = fc.record(
  {
    id: text,
    ref: fc.constant(columns.ref),
    revision: fc.maxSafeNat(),
    currentVersion: fc.nat(),
    state: fc.constantFrom('active' as const, 'inactive' as const, 'deleted' as const),
    type: text,
    tier: fc.constantFrom(1 as const, 2 as const, 3 as const),
    description: text,
    tags: fc.array(text, { maxLength: 4 }),
    expiresAt: date,
    createdAt: date,
    updatedAt: date,
    useCount: fc.constant(0),
    dekId: text,
    mac: bytes,
    managed: fc.uint8Array({ maxLength: 900 }),
    grants: fc.array(
      fc.record(
        {
          principal: text,
          permission: fc.constantFrom('read' as const, 'write' as const, 'admin' as const),
          grantedBy: text,
          grantedAt: date,
          deploymentId: text,
        },
        { requiredKeys: ['principal', 'permission', 'grantedBy', 'grantedAt'] },
      ),
      { maxLength: 3 },
    ),
    versions: fc.array(
      fc.record({
        version: fc.nat(),
        encoding: fc.constantFrom('text' as const, 'bytes' as const, 'fields' as const),
        state: fc.constantFrom('active' as const, 'pending' as const, 'retired' as const),
        commitment: bytes,
        createdAt: date,
        createdBy: text,
      }),
      { maxLength: 3 },
    ),
  },
  {
    requiredKeys: [
      ...(['id', 'ref', 'revision', 'currentVersion', 'state', 'type', 'tier', 'tags', 'createdAt'] as const),
      ...(['updatedAt', 'useCount', 'dekId', 'mac', 'managed', 'grants', 'versions'] as const),
    ],
  },
)

test('every record comes back as it was', () => {
  fc.assert(
    fc.property(records, (record) => {
      expect(plain(decodeSecretRecord(encodeSecretRecord(record), columnsOf(record)))).toEqual(plain(record))
    }),
  )
})

test('bytes that a driver returns without a Buffer are read where they lie', () => {
  const encoded = encodeSecretRecord(fullSecret())
  const larger = new Uint8Array(encoded.length + 20)
  larger.set(encoded, 7)
  const record = decodeSecretRecord(larger.subarray(7, 7 + encoded.length), columns)
  expect(record.dekId).toBe(fullSecret().dekId)
  expect([...record.mac]).toEqual([...fullSecret().mac])
})

test('counters come from beside the bytes, and no envelope does unless it was read', () => {
  const record = decodeSecretRecord(encodeSecretRecord(fullSecret()), {
    ...columns,
    lastUsedAtMs: 5,
    useCount: 3,
  })
  expect(record.versions.map((version) => 'envelope' in version)).toEqual([false, false, false])
  expect(record.lastUsedAt).toEqual(new Date(5))
  expect(record.useCount).toBe(3)
})

test.each([
  ['of the current version', oneEnvelope('current', bytesOfOne(2)), [undefined, 2, undefined]],
  ['of another version', oneEnvelope(1, bytesOfOne(1)), [1, undefined, undefined]],
  ['of a version that is not there', oneEnvelope(9, bytesOfOne(9)), [undefined, undefined, undefined]],
  ['that is null', oneEnvelope('current', null), [undefined, undefined, undefined]],
  ['that is undefined', oneEnvelope(2, undefined), [undefined, undefined, undefined]],
  [
    'of every version that has one',
    allEnvelopes([
      [1, bytesOfOne(1)],
      [2, null],
      [3, bytesOfOne(3)],
    ]),
    [1, undefined, 3],
  ],
])('an envelope %s is put into its version', (_name, envelopeOf, expected) => {
  const record = decodeSecretRecord(encodeSecretRecord(fullSecret()), { ...columns, envelopeOf })
  expect(record.currentVersion).toBe(2)
  expect(record.versions.map(({ envelope }) => envelope?.[0])).toEqual(expected)
})

/** What is left of a record that cannot be read: where it is. */
const damaged = {
  isDamaged: true,
  ref: columns.ref,
  id: columns.id,
  revision: columns.revision,
  createdAt: new Date(columns.createdAtMs),
  grants: [],
  versions: [],
}

test('a record that was cut anywhere is damaged, and still has its place', () => {
  const encoded = encodeSecretRecord(fullSecret())
  for (let length = 0; length < encoded.length; length += 1) {
    expect(decodeSecretRecord(encoded.subarray(0, length), columns), `cut to ${length}`).toMatchObject(damaged)
  }
  expect(decodeSecretRecord(null, columns)).toMatchObject(damaged)
  expect(decodeSecretRecord(undefined, columns)).toMatchObject(damaged)
})

test('any bytes are a record, or a damaged one', () => {
  const encoded = encodeSecretRecord(fullSecret())
  fc.assert(
    fc.property(fc.nat(encoded.length - 1), fc.nat(255), (at, byte) => {
      const altered = Uint8Array.from(encoded)
      altered[at] = byte
      const record = decodeSecretRecord(altered, columns)
      expect({ id: record.id, at: record.createdAt.getTime() }).toEqual({ id: columns.id, at: columns.createdAtMs })
    }),
  )
})

test('an unknown layout, unknown choices and times that are none are damage', () => {
  const encoded = Buffer.from(encodeSecretRecord(sampleSecret()))
  const fieldsAt = 4 + encoded.readUInt32BE(0)
  encoded[fieldsAt] = 2
  expect(decodeSecretRecord(encoded, columns)).toMatchObject(damaged)
  encoded[fieldsAt] = 1
  // The state stands after the layout, the length of the id, the revision and the current version.
  const stateAt = fieldsAt + 1 + 4 + 8 + 8
  expect(encoded[stateAt]).toBe(0)
  encoded[stateAt] = 3
  expect(decodeSecretRecord(encoded, columns)).toMatchObject(damaged)
  encoded[stateAt] = 0
  expect(decodeSecretRecord(encoded, columns).isDamaged).toBeUndefined()
  // The time of the last update stands after the state, the length of the type, the tier and the creation.
  encoded.writeDoubleBE(Number.NaN, stateAt + 1 + 4 + 1 + 8)
  expect(decodeSecretRecord(encoded, columns)).toMatchObject(damaged)
})

test.each([
  ['id', { id: 'another' }],
  ['revision', { revision: 8 }],
  ['creation', { createdAtMs: 8 }],
])('a record whose column says another %s is damaged, and has its place by the columns', (_, other) => {
  const record = decodeSecretRecord(encodeSecretRecord(sampleSecret()), { ...columns, ...other })
  const { id, revision, createdAtMs } = { ...columns, ...other }
  expect(record).toMatchObject({ isDamaged: true, id, revision, createdAt: new Date(createdAtMs) })
})

test('a damaged record whose time is none comes last', () => {
  const { createdAt } = decodeSecretRecord(null, { ...columns, createdAtMs: Number.NaN })
  expect(createdAt).toEqual(new Date(-8.64e15))
})

test('wraps that are no list of bytes are no wraps', () => {
  const wraps = [Uint8Array.of(1), Uint8Array.of(2, 3)]
  const encoded = encodeBytesList(wraps)
  expect(decodeWraps(encoded).map((wrap) => [...wrap])).toEqual([[1], [2, 3]])
  for (let length = 0; length < encoded.length; length += 1) {
    expect(decodeWraps(encoded.subarray(0, length))).toEqual([])
    expect(() => decodeBytesList(encoded.subarray(0, length))).toThrow(RangeError)
  }
})

/** Buffers and arrays of bytes alike. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, item) => (isBufferJson(item) ? item.data : bytesOf(item))))
}

function isBufferJson(item: unknown): item is { readonly data: unknown } {
  return typeof item === 'object' && item !== null && 'type' in item && item.type === 'Buffer' && 'data' in item
}

function bytesOf(item: unknown): unknown {
  return item instanceof Uint8Array ? [...item] : item
}

function bytesOfOne(value: number): Uint8Array {
  return new Uint8Array([value])
}
