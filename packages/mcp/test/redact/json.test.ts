// A text of JSON stays JSON, whatever the value in it is.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/index.ts'

const mark = '[secret:a/b]'

function redacted(values: readonly string[], text: string): string {
  const redactor = createRedactor()
  for (const value of values) redactor.add({ value, label: 'a/b' })
  return redactor.redact(text)
}

describe('a text of JSON', () => {
  it.each([
    ['a string', 'abcdef', '{"k":"x abcdef y"}', { k: `x ${mark} y` }],
    ['a key', 'abcdef', '{"abcdef":1}', { [mark]: 1 }],
    ['a number', '12345678', '{"k": 12345678, "l": [1,12345678]}', { k: mark, l: [1, mark] }],
    ['a part of a number', '12345678', '{"k":-9123456789.5e3}', { k: mark }],
    ['an object', '{"user":"a","pass":"b"}', '[1,{"k":{"user":"a","pass":"b"}},2]', [1, { k: mark }, 2]],
    ['the end of one string and the next', 'one","two', '["zero","one","two","three"]', mark],
    ['a key and its value', '"user":"a"', '[{"user":"a","b":1},{"c":2}]', [mark, { c: 2 }]],
    ['a whole text', '{"user":"a"}', '{"user":"a"}', mark],
    ['literals', 'true,false', '[[true,false],null]', [mark, null]],
    ['half an escape at its beginning', 'nabcdef', '{"k":"\\nabcdef\\n"}', { k: `${mark}\n` }],
    ['half an escape at its end', 'abcdef\\', '{"k":"abcdef\\"}"}', { k: `${mark}}` }],
    ['half of a \\u escape', '00e9abcd', '{"k":"x\\u00e9abcd"}', { k: `x${mark}` }],
    ['an escaped backslash before it', 'nabcdef', '{"k":"\\\\nabcdef"}', { k: `\\${mark}` }],
  ])('stays JSON where the value is %s', (_name, value, text, expected) => {
    JSON.parse(text)
    expect(JSON.parse(redacted([value], text))).toEqual(expected)
  })

  it('stays JSON for random values of random JSON', () => {
    const property = fc.property(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.integer({ min: 6, max: 30 }),
      (text, at, length) => {
        const value = text.slice(at % text.length, (at % text.length) + length)
        const output = redacted([value], text)
        if (/^\s*[{["]/.test(text)) JSON.parse(output)
        return value.trim().length < 6 || !value.isWellFormed() || output.includes(mark)
      },
    )
    fc.assert(property, { numRuns: 3_000, seed: 22 })
  })

  it('takes no longer for each of many values than for one', () => {
    const many = Array.from({ length: 200_000 }, (_, at) => (at % 2 === 0 ? 'one' : 'two'))
    expect(JSON.parse(redacted(['one","two'], JSON.stringify([many, 1])))).toEqual([mark, 1])
    const inside = JSON.parse(redacted(['12345678'], JSON.stringify(['12345678 '.repeat(20_000)])))
    expect(inside).toEqual([`${mark} `.repeat(20_000)])
  })

  it('has one mark for an array with values that reach out of their strings, at each depth', () => {
    const text = '["a",["one","two","one","two"],{"k":["one","two"]},"one","twi"]'
    expect(JSON.parse(redacted(['one","two'], text))).toEqual(['a', mark, { k: mark }, 'one', 'twi'])
    const across = '[["a","one"],["two"],"c"]'
    expect(JSON.parse(redacted(['one"],["two'], across))).toBe(mark)
    expect(JSON.parse(redacted(['one"],["two'], `[0,${across},"one"]`))).toEqual([0, mark, 'one'])
  })

  it('that is one bare number is a text like any other', () => {
    expect(redacted(['12345678'], '12345678')).toBe(mark)
  })
})
