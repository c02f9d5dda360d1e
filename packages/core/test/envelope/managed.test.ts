// The managed map: known answers, one form for each map, and nothing else parsed.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { decodeManaged, encodeManaged } from '../../src/envelope/index.ts'
import vectors from '../vectors/managed.json' with { type: 'json' }
import { codeOf, filled, thrownBy, wrongField } from './fixtures.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,31}$/)
const maps = fc
  .uniqueArray(fc.tuple(fc.oneof(name, fc.constantFrom('a', 'aa', 'ab', 'b')), fc.uint8Array({ maxLength: 40 })), {
    selector: ([key]) => key,
    maxLength: 32,
  })
  .map((entries) => new Map(entries))
const known = Buffer.from(vectors.vectors[1]?.bytes ?? '', 'hex')

describe('frozen vectors', () => {
  it.each(vectors.vectors)('[S7] read back and are still written the same: $title', ({ bytes, entries }) => {
    const map = new Map(entries.map(({ name, value }) => [name, Buffer.from(value, 'hex')]))
    expect(encodeManaged(map).toString('hex')).toBe(bytes)
    expect(decodeManaged(Buffer.from(bytes, 'hex'))).toEqual(map)
  })

  it('hold the answer of the format page', () => {
    const rotation = Buffer.from([0, 1])
    const map = new Map([
      ['rotation', rotation],
      ['hosts', Buffer.from('api.example.com')],
    ])
    expect(encodeManaged(map).toString('hex')).toBe(
      '010205686f737473000f6170692e6578616d706c652e636f6d08726f746174696f6e00020001',
    )
    expect(encodeManaged(map).equals(known)).toBe(true)
  })

  it('begin with the empty map, which is no bytes', () => {
    expect(encodeManaged(new Map())).toHaveLength(0)
    expect(decodeManaged(new Uint8Array())).toEqual(new Map())
  })
})

describe('maps', () => {
  it('read back as they were', () => {
    fc.assert(
      fc.property(maps, (map) => {
        expect(comparable(decodeManaged(encodeManaged(map)))).toEqual(comparable(map))
      }),
    )
  })

  it('share bytes only when they are the same, in whatever order they were made', () => {
    fc.assert(
      fc.property(maps, maps, (a, b) => {
        const isSame = JSON.stringify(comparable(a)) === JSON.stringify(comparable(b))
        expect(encodeManaged(a).equals(encodeManaged(b))).toBe(isSame)
        expect(encodeManaged(new Map([...a].reverse())).equals(encodeManaged(a))).toBe(true)
      }),
    )
  })

  it('are read as copies, also from a view of larger memory', () => {
    const larger = Buffer.concat([filled(3, 9), known, filled(3, 9)])
    const bytes = new Uint8Array(larger.buffer, larger.byteOffset + 3, known.length)
    const hosts = decodeManaged(bytes).get('hosts')
    bytes.fill(0)
    expect(hosts?.toString()).toBe('api.example.com')
  })

  it('take the bounds themselves', () => {
    const many = Array.from({ length: 32 }, (_, index) => [`n${index}`, filled(1, index)] as const)
    for (const map of [new Map(many), new Map([['z'.repeat(32), filled(65_535, 1)]]), new Map([['a', filled(0, 0)]])]) {
      expect(comparable(decodeManaged(encodeManaged(map)))).toEqual(comparable(map))
    }
  })

  it.each([
    ['no name', /names of 1 to 32/, new Map([['', filled(1, 1)]])],
    ['a name of 33 characters', /names of 1 to 32/, new Map([['a'.repeat(33), filled(1, 1)]])],
    ['a name with a capital', /names of 1 to 32/, new Map([['Hosts', filled(1, 1)]])],
    ['a name that begins with a digit', /a letter first/, new Map([['1st', filled(1, 1)]])],
    ['a name with a line end', /names of 1 to 32/, new Map([['hosts\n', filled(1, 1)]])],
    ['a value of 65,536 bytes', /at most 65,535 bytes/, new Map([['a', filled(65_536, 1)]])],
    [
      '33 entries',
      /at most 32 entries/,
      new Map(Array.from({ length: 33 }, (_, index) => [`n${index}`, filled(1, 1)] as const)),
    ],
  ])('are refused with %s', (_, rule, map) => {
    const refusal = { code: 'VAULT_VALUE_INVALID', field: 'managed', detail: expect.stringMatching(rule) }
    expect(thrownBy(() => encodeManaged(map))).toMatchObject(refusal)
  })

  it('are refused where a type is wrong, and it is named', () => {
    const [encode, decode] = [encodeManaged, decodeManaged] as ((given: unknown) => unknown)[] // On purpose.
    expect(thrownBy(() => encode?.({ hosts: filled(1, 1), size: 1 }))).toEqual(wrongField('entries'))
    expect(thrownBy(() => encode?.([['hosts', filled(1, 1)]]))).toEqual(wrongField('entries'))
    expect(thrownBy(() => encode?.(new Map([[1, filled(1, 1)]])))).toEqual(wrongField('entries'))
    expect(thrownBy(() => encode?.(new Map([['hosts', 'text']])))).toEqual(wrongField('entries'))
    expect(thrownBy(() => decode?.('0100'))).toEqual(wrongField('bytes'))
  })
})

describe('bytes', () => {
  it.each([
    ['a version alone', '01', 'VAULT_ENVELOPE_INVALID'],
    ['another version', '0201016100', 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['an empty map that has bytes', '0100', 'VAULT_ENVELOPE_INVALID'],
    ['33 entries', `0121${Array.from({ length: 33 }, (_, at) => entryOf(at)).join('')}`, 'VAULT_ENVELOPE_INVALID'],
    ['more entries than there are', `0120${entryOf(0)}`, 'VAULT_ENVELOPE_INVALID'],
    ['an entry that is missing', '010201610000', 'VAULT_ENVELOPE_INVALID'],
    ['an entry too many', '0101016100000162', 'VAULT_ENVELOPE_INVALID'],
    ['entries in another order', '01020162000001610000', 'VAULT_ENVELOPE_INVALID'],
    ['a name twice', '01020161000001610000', 'VAULT_ENVELOPE_INVALID'],
    ['no name', '0101000000', 'VAULT_ENVELOPE_INVALID'],
    ['a name with a capital', '010101410000', 'VAULT_ENVELOPE_INVALID'],
    ['a value cut short', '01010161000200', 'VAULT_ENVELOPE_INVALID'],
  ])('are refused: %s', (_, hex, code) => {
    expect(codeOf(() => decodeManaged(Buffer.from(hex, 'hex')))).toBe(code)
  })

  it('are refused or another map after any change', () => {
    const before = comparable(decodeManaged(known))
    for (let bit = 0; bit < known.length * 8; bit++) {
      const flipped = Buffer.from(known)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      codeOf(() => expect([bit, comparable(decodeManaged(flipped))]).not.toEqual([bit, before]))
    }
    for (let length = 1; length < known.length; length++) {
      expect(codeOf(() => decodeManaged(known.subarray(0, length)))).toBe('VAULT_ENVELOPE_INVALID')
    }
    expect(codeOf(() => decodeManaged(Buffer.concat([known, Buffer.alloc(1)])))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('of any kind throw only VaultErrors, and are written again as they were when they parse', () => {
    const almost = fc.tuple(maps, fc.nat(), fc.nat(255)).map(([map, at, byte]) => {
      const bytes = encodeManaged(map)
      if (bytes.length > 0) bytes[at % bytes.length] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), almost), (bytes) => {
        codeOf(() => expect(encodeManaged(decodeManaged(bytes)).equals(bytes)).toBe(true))
      }),
      { numRuns: 1000 },
    )
  })
})

/** An entry without a value; its name is `n` and two digits. */
function entryOf(index: number): string {
  return `036e${Buffer.from(`${index}`.padStart(2, '0')).toString('hex')}0000`
}

/** Entries in order, as text. */
function comparable(map: ReadonlyMap<string, Uint8Array>): readonly (readonly [string, string])[] {
  return [...map].map(([key, value]) => [key, Buffer.from(value).toString('hex')] as const).sort()
}
