// Text envelopes: their alphabet, and that only the canonical spelling is taken.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { decodeTextEnvelope, encodeTextEnvelope, openValue, sealValue } from '../../src/envelope/index.ts'
import { codeOf, context, dek, dekId, thrownBy, wrongField } from './fixtures.ts'

const seal = (plaintext: Uint8Array): Buffer => sealValue({ dek, dekId, context, plaintext })

describe('text envelopes', () => {
  it('[A19][S25] one self-describing word survives JSON, URLs and tab-separated copies', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (plaintext) => {
        const text = encodeTextEnvelope(seal(plaintext))
        expect(text).toMatch(/^mcv1\.[A-Za-z0-9_-]+$/)
        expect(JSON.stringify(text)).toBe(`"${text}"`)
        expect(new URL(`https://example.com/?v=${text}`).searchParams.get('v')).toBe(text)
        expect(encodeURIComponent(text)).toBe(text)
        const envelope = decodeTextEnvelope(text)
        expect(openValue({ dek, context, envelope }).equals(plaintext)).toBe(true)
      }),
    )
  })

  it('refuses every other spelling', () => {
    // The shortest envelope: its last character has two bits to spare, which are zero in the canonical spelling.
    const text = encodeTextEnvelope(seal(Buffer.alloc(0)))
    const others = [
      '',
      'mcv1.',
      text.slice(5),
      `MCV1${text.slice(4)}`,
      `mcv2${text.slice(4)}`,
      ` ${text}`,
      `${text}\n`,
      `${text}=`,
      `${text}AA`,
      text.slice(0, -1),
      text.slice(0, -2),
      `${text.slice(0, -1)}${spareBitSet(text.slice(-1))}`,
      `${text.slice(0, 20)} ${text.slice(20)}`,
      text.replace('mcv1.', 'mcv1.+'),
    ]
    for (const other of others) expect(codeOf(() => decodeTextEnvelope(other))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('refuses bytes that are no envelope, both ways', () => {
    expect(codeOf(() => encodeTextEnvelope(Buffer.alloc(104)))).toBe('VAULT_ENVELOPE_INVALID')
    expect(codeOf(() => decodeTextEnvelope(`mcv1.${Buffer.alloc(105).toString('base64url')}`))).toBe(
      'VAULT_ENVELOPE_INVALID',
    )
  })

  it('names what is of the wrong type', () => {
    const [encode, decode] = [encodeTextEnvelope, decodeTextEnvelope] as ((given: unknown) => unknown)[] // On purpose.
    expect(thrownBy(() => encode?.('mcv1.'))).toEqual(wrongField('envelope'))
    expect(thrownBy(() => decode?.(seal(Buffer.alloc(1))))).toEqual(wrongField('text'))
  })

  it('throws only VaultErrors on any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void codeOf(() => decodeTextEnvelope(`mcv1.${text}`))))
  })
})

function spareBitSet(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt(alphabet.indexOf(character) + 1)
}
