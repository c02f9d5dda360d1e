// Megabytes of other text: nothing in it is taken for a value.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/index.ts'

const megabytes = 10

/** Bytes that are random and the same in each run. */
function seededBytes(length: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest()
}

function fullRedactor(): ReturnType<typeof createRedactor> {
  const redactor = createRedactor()
  for (let at = 0; at < 1_000; at++) {
    // The shortest value, of bytes that make any letters of base64, and longer ones as providers give them.
    redactor.add({ value: seededBytes(6, `short ${at}`), label: 'a/short' })
    redactor.add({ value: `ghp_${seededBytes(27, `long ${at}`).toString('base64url')}`, label: 'a/long' })
  }
  return redactor
}

it('has no false hit in 10 MB of base64', () => {
  const redactor = fullRedactor()
  const text = seededBytes((megabytes * 3 * 1_048_576) / 4, 'benign').toString('base64')
  expect(text.length).toBe(megabytes * 1_048_576)
  expect(redactor.redact(text) === text).toBe(true)
  expect(redactor.redact(Buffer.from(text.slice(0, 2 ** 20), 'base64').toString('hex')).includes('secret')).toBe(false)
})

it('has no false hit in 10 MB of JSON', () => {
  const redactor = fullRedactor()
  const items = Array.from({ length: 40_000 }, (_, at) => {
    const bytes = seededBytes(48, `item ${at}`)
    return {
      id: bytes.toString('hex', 0, 16),
      at,
      url: `https://example.com/items/${at}?page=${at % 7}`,
      note: `He said "${at}" & left\n`,
      body: bytes.toString('base64'),
      token: `ghp_${bytes.toString('base64url', 20)}`,
    }
  })
  const text = JSON.stringify(items)
  expect(text.length).toBeGreaterThan(megabytes * 1_000_000)
  expect(redactor.redact(text) === text).toBe(true)
})
