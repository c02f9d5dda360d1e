// Every encoding of every value between other text: nothing of it stays, and nothing else goes.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/index.ts'
import { escapings, sampleValues, wholes } from './encodings.ts'

const mark = '[secret:github/token]'

function redactorOf(value: string | Uint8Array): ReturnType<typeof createRedactor> {
  const redactor = createRedactor()
  redactor.add({ value, label: 'github/token' })
  return redactor
}

describe('a value in a text', () => {
  it.each(escapings)('[N16] is replaced as $name', ({ encode }) => {
    for (const value of sampleValues) {
      const redactor = redactorOf(value)
      for (const around of [
        { before: '', after: '' },
        { before: 'Bearer ', after: ' end' },
        { before: '{"a":"', after: '"}' },
        { before: 'x', after: '.' },
      ]) {
        expect(redactor.redact(encode(value, around)), value).toBe(around.before + mark + around.after)
      }
    }
  })

  it.each(wholes)('[N16] is replaced in $name, whatever stands around it', ({ encode }) => {
    for (const value of sampleValues) {
      const redactor = redactorOf(value)
      for (const before of ['', 'u', 'us', 'use', 'user:']) {
        for (const after of ['', '\n', ', ', ' and more']) {
          const text = encode(value, { before, after })
          const redacted = redactor.redact(`Basic ${text} end`)
          expect(redacted).toContain(mark)
          // What is left are the neighbours' letters, each with no more than its own bits and zeros.
          const left = redacted
            .replace(/^Basic /, '')
            .replace(/ end$/, '')
            .replaceAll(mark, '').length
          expect(left, text).toBeLessThanOrEqual(text.length - Math.floor((Buffer.byteLength(value) * 8) / 6))
        }
      }
    }
  })

  it('[N16] is replaced in Latin-1 that was encoded with btoa', () => {
    const value = 'pässwörd-für-Zoë'
    expect(redactorOf(value).redact(btoa(`user:${value}`))).toContain(mark)
  })

  it('[N16] is replaced in bytes that are no text, which stay as they are around it', () => {
    const value = Uint8Array.from([0xff, 0x00, 0xfe, 0x80, 0x81, 0xc0, 0x9f])
    const redactor = redactorOf(value)
    const bytes = Buffer.concat([Uint8Array.of(0xc3, 0x28), value, Uint8Array.of(0xa0)])
    const expected = Buffer.concat([Uint8Array.of(0xc3, 0x28), Buffer.from(mark), Uint8Array.of(0xa0)])
    expect(Buffer.from(redactor.redactBytes(bytes))).toEqual(expected)
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(redactor.redact(Buffer.from(value).toString(encoding))).toContain(mark)
    }
    const clean = Uint8Array.of(1, 2, 3)
    expect(redactor.redactBytes(clean)).toBe(clean)
  })

  it('[N16] is replaced in random texts', () => {
    const value = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim().length >= 8)
    fc.assert(
      fc.property(value, fc.string(), fc.string(), fc.constantFrom(...escapings), (secret, before, after, encoding) => {
        const redacted = redactorOf(secret).redact(
          encoding.encode(secret.trim(), { before: `${before} `, after: ` ${after}` }),
        )
        return redacted.includes(mark)
      }),
      { numRuns: 500, seed: 20 },
    )
  })

  it('is replaced wholly where it overlaps with another, under the name of the longer one', () => {
    const redactor = createRedactor()
    redactor.add({ value: 'abcdefgh', label: 'a/short' })
    redactor.add({ value: 'fghijklmnop', label: 'b/long' })
    redactor.add({ value: 'klmnop-and-more', label: 'c/longest' })
    expect(redactor.redact('<abcdefghijklmnop-and-more>')).toBe('<[secret:c/longest]>')
    expect(redactor.redact('abcdefgh abcdefgh')).toBe('[secret:a/short] [secret:a/short]')
  })

  it('is replaced also where it is one letter, many times over', () => {
    const redactor = redactorOf('aaaaaaaaaaaa')
    expect(redactor.redact(`b${'a'.repeat(100_000)}c`)).toBe(`b${mark}c`)
    expect(redactor.redact('aaaaaaaaaaa')).toBe('aaaaaaaaaaa')
  })

  it('is replaced without the blanks around it, which what uses it trims', () => {
    expect(redactorOf('  a-token-of-a-file\n').redact('"a-token-of-a-file"')).toBe(`"${mark}"`)
  })

  it('is left alone when it has fewer than 6 bytes, and the logger is notified', () => {
    const warnings: unknown[] = []
    const redactor = createRedactor({ logger: { warn: (facts) => warnings.push(facts) } })
    expect(redactor.add({ value: '12345', label: 'a/pin' }).isRedacted).toBe(false)
    expect(redactor.add({ value: '日本', label: 'a/word' }).isRedacted).toBe(false)
    expect(redactor.add({ value: '123456', label: 'a/long' }).isRedacted).toBe(true)
    expect(redactor.redact('12345 and 123456')).toBe('12345 and [secret:a/long]')
    expect(warnings).toEqual([{ label: 'a/pin' }, { label: 'a/word' }])
  })

  it('shows a label that breaks no text around it', () => {
    const redactor = createRedactor()
    redactor.add({ value: 'a-value-to-keep', label: 'a"\\<b>]\n&\ud800/ä' })
    const text = redactor.redact('{"a":"a-value-to-keep"}')
    expect(JSON.parse(text)).toEqual({ a: '[secret:a%22%5C%3Cb%3E%5D%0A%26%EF%BF%BD/%C3%A4]' })
  })
})
