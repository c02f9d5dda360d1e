// Weak keys: what somebody could guess is refused, and a random key never is.
import { describe, expect, it } from 'vitest'
import { keyRing, parseKeyText } from '../../src/providers/index.ts'
import { isKnownDefault, isWeakKey, isWeakPassphrase } from '../../src/providers/weak-key.ts'
import { errorOf, keyOf } from './fixtures.ts'

const from = (byte: (index: number) => number): Uint8Array => Uint8Array.from({ length: 32 }, (_, index) => byte(index))
const random = keyOf('random')
const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0

/** A key of words of so many bytes, most significant first or last. */
function ofWords(size: 2 | 4 | 8, word: (index: number) => bigint, order: 'high first' | 'low first'): Uint8Array {
  const words = Array.from({ length: 32 / size }, (_, index) => {
    const digits = BigInt.asUintN(8 * size, word(index)).toString(16)
    const bytes = Buffer.from(digits.padStart(2 * size, '0'), 'hex')
    return order === 'high first' ? bytes : bytes.reverse()
  })
  return Buffer.concat(words)
}

const start = 0x1d0f3b5a7c9ff1f3n
const step = 0x0123456789abcdefn
const counting = ([2, 4, 8] as const).flatMap((size) =>
  (['high first', 'low first'] as const).map(
    (order) =>
      [`words of ${size} bytes that count, ${order}`, ofWords(size, (i) => start + BigInt(i) * step, order)] as const,
  ),
)
const periods = Array.from({ length: 16 }, (_, index) => index + 1)

describe('weak keys', () => {
  it.each<readonly [string, Uint8Array]>([
    ['all zero', from(() => 0)],
    ['all 0xff', from(() => 255)],
    ['counting up', from((i) => i)],
    ['counting down from 255', from((i) => 255 - i)],
    ['counting in threes past 255', from((i) => i * 3 + 200)],
    ['15 different bytes', from((i) => (i % 15) * 17)],
    ['7 different nibbles', from((i) => (at(random, i) % 7) * 16 + (at(random, (i + 1) % 32) % 7))],
    ['16 different bytes, again', from((i) => ((i % 16) * 37) & 0xff)],
    ...periods.map(
      (period) => [`${period} random bytes again and again`, from((i) => at(random, i % period))] as const,
    ),
    ...periods.map(
      (period) =>
        [
          `${period} bytes that all count on by 5`,
          from((i) => at(random, i % period) + 5 * Math.floor(i / period)),
        ] as const,
    ),
    ['two counters in turn', from((i) => (i % 2 === 0 ? i : 255 - 3 * i))],
    [
      '12 counters with steps of their own',
      from((i) => at(random, i % 12) + at(random, (i % 12) + 12) * Math.floor(i / 12)),
    ],
    ...counting,
    ['5 words of 2 bytes again', from((i) => at(random, 2 * (at(random, i >> 1) % 5) + (i & 1)))],
    ['6 words of 4 bytes, two of them again', from((i) => at(random, i % 24))],
    ['4 words of 8 bytes, one of them again', from((i) => at(random, i < 24 ? i : i - 16))],
    ['counting nibbles', Buffer.from('0123456789abcdef'.repeat(4), 'hex')],
    ['counting nibbles backwards in threes', from((i) => ((15 - 6 * i) & 15) * 16 + ((12 - 6 * i) & 15))],
    ['decimal digits as hex', Buffer.from('3141592653589793238462643383279502884197169399375105820974944592', 'hex')],
    ['decimal digits as text', Buffer.from('31415926535897932384626433832795')],
    ['printable ASCII', Buffer.from('correct horse battery staple 123')],
    ['printable ASCII at both bounds', Buffer.from(' ~!qwertyuiopasdfghjklzxcvbnm123')],
    ['a line of text', Buffer.from('correct horse battery staple 12\n')],
    ['base64 of base64', Buffer.from(random.subarray(0, 24).toString('base64'))],
    ['base64 of hex', Buffer.from(random.subarray(0, 16).toString('hex'))],
    ['words in small letters as base64url', Buffer.from('correct-horse-battery-staple_correct_horsew', 'base64url')],
    ['words in capitals as base64url', Buffer.from('CORRECTHORSEBATTERYSTAPLEANDSOMEMOREWORDSAA', 'base64url')],
    ['digits as base64url', Buffer.from('3141592653589793238462643383279502884197164', 'base64url')],
  ])('[N13] %s', async (_, key) => {
    expect(key).toHaveLength(32)
    expect(isWeakKey(key)).toBe(true)
    const text = Buffer.from(key).toString('base64url')
    expect((await errorOf(() => parseKeyText(text))).code).toBe('VAULT_CONFIG_INVALID')
    const ring = await errorOf(() => keyRing({ current: 'main#1', keys: { 'main#1': key } }))
    expect(ring).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'keys' })
  })

  it.each([
    ['16 different bytes', from((i) => 16 * (i < 16 ? i : at(random, i) & 15) + 3)],
    ['ASCII but for one control byte', Buffer.from('correct horse battery staple 12\x1f')],
    ['ASCII but for one DEL', Buffer.from('\x7forrect horse battery staple 123')],
    ['counting but for one step', from((i) => (i === 31 ? 200 : i))],
    ['11 bytes twice, and 10 others', from((i) => at(random, i < 22 ? i % 11 : i))],
    ['12 words of 2 bytes', from((i) => at(random, i < 24 ? i : ([0, 1, 6, 7, 14, 15, 20, 21][i - 24] ?? 0)))],
    ['7 words of 4 bytes', from((i) => at(random, i < 28 ? i : i - 21))],
    [
      'decimal digits but for one nibble',
      Buffer.from('314159265358979323846264338327950288419716939937510582097494459a', 'hex'),
    ],
    ['small letters but for one digit', Buffer.from('correct-horse-battery-staple-correct_horse4', 'base64url')],
  ])('takes %s', (_, key) => {
    expect(key).toHaveLength(32)
    expect(isWeakKey(key)).toBe(false)
  })

  it('takes random keys', () => {
    for (let index = 0; index < 5_000; index++) expect(isWeakKey(keyOf(`key ${index}`))).toBe(false)
  })

  it.each(['secret', 'Your-Encryption-Key', 'insert-key-here', 'DEVELOPMENT_KEY', 'example-1'])(
    'knows the default %s',
    (text) => {
      expect(isKnownDefault(text)).toBe(true)
    },
  )

  it.each(['secretive', 'my-secret', '', 'testing'])('does not take %j for a default', (text) => {
    expect(isKnownDefault(text)).toBe(false)
  })

  it('tells weak passphrases by length, variety and defaults', () => {
    expect(isWeakPassphrase('abcdefghijk')).toBe(true)
    expect(isWeakPassphrase('abcdefghijmn')).toBe(false)
    expect(isWeakPassphrase('abcdeabcdeabcde')).toBe(true)
    expect(isWeakPassphrase('change-me-please-1')).toBe(true)
  })

  it.each([
    'abcdefghijkl',
    'lkjihgfedcba',
    '123456789012',
    '901234567890',
    'abcdefabcdef',
    'passwordpassword',
    'qwertyuqwertyuq',
  ])('takes %s for a weak passphrase', (passphrase) => {
    expect(isWeakPassphrase(passphrase)).toBe(true)
  })

  it.each(['correct horse battery', 'abcdefghijkm', '123456789013', 'abcdefabcdeg'])('takes %s', (passphrase) => {
    expect(isWeakPassphrase(passphrase)).toBe(false)
  })
})
