// Streams: wherever a text is cut, the pieces together are what the whole text becomes.

import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { createRedactor, type Redactor } from '../../src/redact/index.ts'
import { escapings, sampleValues, wholes } from './encodings.ts'

const around = { before: 'user:', after: ', end\n' }

async function streamed(redactor: Redactor, pieces: readonly Uint8Array[]): Promise<string> {
  const stream = redactor.stream()
  const output: Buffer[] = []
  stream.on('data', (piece: Buffer) => output.push(piece))
  await pipeline(Readable.from(pieces, { objectMode: true }), stream)
  return Buffer.concat(output).toString('utf8')
}

function redactorOf(values: readonly string[]): Redactor {
  const redactor = createRedactor()
  for (const value of values) redactor.add({ value, label: 'github/token' })
  return redactor
}

describe('a stream', () => {
  it.each([...escapings, ...wholes])('[N16] cut at every offset finds $name', async ({ encode }) => {
    for (const value of sampleValues) {
      const redactor = redactorOf([value])
      const bytes = Buffer.from(encode(value, around))
      const expected = Buffer.from(redactor.redactBytes(bytes)).toString('utf8')
      expect(expected).toContain('[secret:github/token]')
      for (let cut = 0; cut <= bytes.length; cut++) {
        const whole = await streamed(redactor, [bytes.subarray(0, cut), bytes.subarray(cut)])
        if (whole !== expected) expect(whole, `${value} cut at ${cut}`).toBe(expected)
      }
      const single = await streamed(
        redactor,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      )
      expect(single, `${value} byte by byte`).toBe(expected)
    }
  })

  it('[N16] cut anywhere gives what the whole text gives, with values that overlap and escapes of all kinds', async () => {
    const values = ['abcdef\\n', 'n\\"abc/d', '%41bcdefg', 'defghij', '\\\\u0041bc', '&amp;abcde', 'a b+c d']
    const redactor = redactorOf(values)
    const part = fc.constantFrom(
      ...values,
      ...values.map((each) => JSON.stringify(each)),
      ...values.map(encodeURIComponent),
      '\\',
      '\\\\',
      '\\u00',
      '%',
      '%2',
      '&',
      '&am',
      '+',
      'abc',
      ' ',
      '"',
      'n',
    )
    const pieces = fc.array(part, { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const whole = parts.join('')
        const expected = Buffer.from(redactor.redactBytes(Buffer.from(whole))).toString('latin1')
        const output = await streamed(
          redactor,
          parts.map((each) => Buffer.from(each)),
        )
        const single = await streamed(
          redactor,
          Array.from(Buffer.from(whole), (byte) => Uint8Array.of(byte)),
        )
        expect(output).toBe(expected)
        expect(single).toBe(expected)
      }),
      { numRuns: 1_500, seed: 21 },
    )
  })

  it('holds back nothing that cannot become a value, so that a prompt is seen at once', () => {
    const stream = redactorOf(['a-value-to-keep']).stream()
    stream.write('Password: ')
    expect(stream.read()?.toString()).toBe('Password: ')
    stream.write('see a-val')
    expect(stream.read()?.toString()).toBe('see')
    stream.write('ley\n')
    expect(stream.read()?.toString()).toBe(' a-valley\n')
  })

  it('keeps bytes that are no text', async () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, at) => (at * 7) % 256))
    const stream = redactorOf(['a-value-to-keep']).stream()
    stream.end(bytes)
    expect(await textOf(stream.setEncoding('latin1'))).toBe(bytes.toString('latin1'))
  })

  it('[N16] redacts what a child process writes to its standard error', async () => {
    const value = 'a-value-to-keep'
    const script = `process.stderr.write('key a-value'); process.stderr.write('-to-keep, ' + btoa('u:' + ${JSON.stringify(value)}))`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] })
    const written = await textOf(child.stderr.pipe(redactorOf([value]).stream()))
    expect(written).toMatch(/^key \[secret:github\/token\], \w+\[secret:github\/token\]\W*$/)
  })
})
