// Key ids: both directions, and what is none.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { formatKeyId, parseKeyId } from '../../src/envelope/index.ts'
import { codeOf, thrownBy } from './fixtures.ts'

const arn = 'arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd'

describe('key ids', () => {
  it.each([
    ['main#1', 'main', 1],
    ['local:main#4294967295', 'local:main', 0xffff_ffff],
    ['k-A_b.9/x#10', 'k-A_b.9/x', 10],
    [arn, arn, 0],
    [`${'a'.repeat(255)}#1`, 'a'.repeat(255), 1],
  ])('reads and writes %s', (text, kekId, version) => {
    expect(parseKeyId(text)).toEqual({ kekId, version })
    expect(formatKeyId({ kekId, version })).toBe(text)
  })

  it.each([
    '',
    '#1',
    'main#',
    'main#0',
    'main#01',
    'main#-1',
    'main#1 ',
    ' main#1',
    'main#1#2',
    'main#4294967296',
    'mäin#1',
    'main#12345678901',
    `${'a'.repeat(256)}#1`,
    'main\n',
    'main#1\n',
  ])('refuses %j', (text) => {
    expect(codeOf(() => parseKeyId(text))).toBe('VAULT_CONFIG_INVALID')
  })

  it.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses to write version %d', (version) => {
    expect(codeOf(() => formatKeyId({ kekId: 'main', version }))).toBe('VAULT_CONFIG_INVALID')
  })

  it('says what a key id is', () => {
    const detail = expect.stringMatching(/1 to 255 .* version from 1, as in main#1/)
    expect(thrownBy(() => parseKeyId('main#0'))).toMatchObject({ field: 'keyId', detail })
  })

  it('writes again exactly what it reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '#', '1', '0', ':', ' ') }), (text) => {
        codeOf(() => expect(formatKeyId(parseKeyId(text))).toBe(text))
      }),
    )
  })
})
