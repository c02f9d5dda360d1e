// The key derivation against its definition.
import { createHmac, hkdfSync, KeyObject } from 'node:crypto'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { cipherKeyFor } from '../../src/bytes/key-form.ts'
import { derivePurposeKey, kdf } from '../../src/envelope/index.ts'
import { dek, filled, thrownBy, wrongField } from './fixtures.ts'

describe('kdf', () => {
  it('is SP 800-108r1 counter mode with HMAC-SHA-512, for contexts of any length', () => {
    const lengths = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(8100, 8167, 8168, 8200, 20_000).map(filledArray),
    )
    fc.assert(
      fc.property(lengths, (context) => {
        const message = Buffer.concat([Buffer.from('\0\0\0\x01a/label\0'), context, Buffer.from([0, 0, 2, 0])])
        const expected = createHmac('sha512', dek).update(message).digest('hex')
        expect(kdf(dek, 'a/label', context).toString('hex')).toBe(expected)
      }),
    )
  })

  it('[T5] gives unrelated keys for different labels', () => {
    expect(kdf(dek, 'a', filled(4, 0)).equals(kdf(dek, 'b', filled(4, 0)))).toBe(false)
  })
})

describe('derivePurposeKey', () => {
  const master = filled(32, 0x22)

  it('[T33] is HKDF-SHA256 with an empty salt and the purpose and version as info', () => {
    const known = '320c0649d18a4a0b27136a0df7e4e234a390d7c4f05d67247be548d7dcff8bdb'
    expect(derivePurposeKey(master, { purpose: 'data', version: 1 }).toString('hex')).toBe(known)
    const prk = createHmac('sha256', filled(32, 0)).update(master).digest()
    const block = createHmac('sha256', prk).update('data-v1\x01').digest('hex')
    expect(block).toBe(known)
  })

  it('[T33] agrees with test case 3 of RFC 5869, which has an empty salt too', () => {
    const okm = Buffer.from(hkdfSync('sha256', filled(22, 0x0b), new Uint8Array(), new Uint8Array(), 42)).toString(
      'hex',
    )
    expect(okm).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8')
  })

  it('[T5] gives another key for another purpose, version or master', () => {
    const keys = [
      derivePurposeKey(master, { purpose: 'data', version: 1 }),
      derivePurposeKey(master, { purpose: 'data', version: 2 }),
      derivePurposeKey(master, { purpose: 'audit', version: 1 }),
      derivePurposeKey(filled(32, 0x23), { purpose: 'data', version: 1 }),
    ]
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(4)
    expect(keys.every((key) => key.length === 32)).toBe(true)
  })

  it.each<[string, string, unknown, unknown]>([
    ['a short master', 'master', filled(31, 1), { purpose: 'data', version: 1 }],
    ['a master that is text', 'master', 'a'.repeat(32), { purpose: 'data', version: 1 }],
    ['no key', 'key', master, undefined],
    ['an empty purpose', 'purpose', master, { purpose: '', version: 1 }],
    ['a purpose that is no text', 'purpose', master, { purpose: 1, version: 1 }],
    ['version 0', 'version', master, { purpose: 'data', version: 0 }],
    ['version 1.5', 'version', master, { purpose: 'data', version: 1.5 }],
  ])('refuses %s, and names it', (_, field, from, key) => {
    const derive = derivePurposeKey as (master: unknown, key: unknown) => unknown // Wrong types are the point.
    expect(thrownBy(() => derive(from, key))).toEqual(wrongField(field))
  })
})

describe('cipherKeyFor', () => {
  it('keeps bytes on Node 20 and makes a KeyObject later', () => {
    const bytes = filled(32, 5)
    expect(cipherKeyFor(20)(bytes)).toBe(bytes)
    expect(cipherKeyFor(21)(bytes)).toBeInstanceOf(KeyObject)
  })
})

function filledArray(length: number): Uint8Array {
  return new Uint8Array(length).fill(7)
}
