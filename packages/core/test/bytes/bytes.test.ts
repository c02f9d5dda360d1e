// Bytes and text: strict both ways.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import {
  copyBytes,
  decodeBase64url,
  decodeHex,
  encodeBase64url,
  encodeHex,
  sameBytes,
  utf8Bytes,
  utf8Text,
  view,
  wipe,
} from '../../src/bytes/index.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('text forms', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(sameBytes(decodeBase64url(encodeBase64url(value)) ?? new Uint8Array(1), value)).toBe(true)
        expect(sameBytes(decodeHex(encodeHex(value)) ?? new Uint8Array(1), value)).toBe(true)
      }),
    )
  })

  it('have one spelling for each value', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const decoded = decodeBase64url(text)
        if (decoded !== undefined) expect(encodeBase64url(decoded)).toBe(text)
        const hex = decodeHex(text)
        if (hex !== undefined) expect(encodeHex(hex)).toBe(text)
      }),
    )
    for (const text of ['A', 'AB=', 'A B', 'AA==', 'A+', 'A/', 'AB', 'éA'])
      expect(decodeBase64url(text)).toBeUndefined()
    expect(decodeBase64url('AA')).toEqual(Buffer.from([0]))
    for (const text of ['0', 'AB', '0g', ' 00', '00\n']) expect(decodeHex(text)).toBeUndefined()
    expect(decodeHex('0aff')).toEqual(Buffer.from([0x0a, 0xff]))
    expect(decodeHex('')).toEqual(Buffer.alloc(0))
  })

  it('are UTF-8 or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(utf8Text(utf8Bytes(text))).toBe(text)
      }),
    )
    expect(utf8Text(Uint8Array.of(0xff))).toBeUndefined()
    expect(utf8Text(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })
})

describe('memory', () => {
  it('of decoded and copied bytes is their own', () => {
    const made = [utf8Bytes('abc'), decodeHex('616263'), decodeBase64url('YWJj'), copyBytes(Buffer.from('abc'))]
    for (const value of made) {
      expect(value?.toString()).toBe('abc')
      expect(value?.buffer.byteLength).toBe(3)
    }
  })

  it('is shared by a view, and zero after a wipe', () => {
    const source = Uint8Array.of(1, 2, 3, 4).subarray(1, 3)
    expect(view(source)).toEqual(Buffer.from([2, 3]))
    wipe(view(source))
    expect(source).toEqual(Uint8Array.of(0, 0))
    const buffer = Buffer.from([1])
    expect(view(buffer)).toBe(buffer)
  })

  it('is compared by content and length', () => {
    expect(sameBytes(Uint8Array.of(1, 2), Buffer.from([1, 2]))).toBe(true)
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false)
  })
})
