// .env files: read as Node reads them, within bounds, and what is left out is said.
import { parseEnv } from 'node:util'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { parseDotEnv } from '../../src/presets/index.ts'

const valuesOf = (text: string) => Object.fromEntries(parseDotEnv(text).entries.map(({ name, value }) => [name, value]))

describe('parseDotEnv', () => {
  it('reads names, values, comments and quotes', () => {
    const text = [
      '# comment',
      'PLAIN=one',
      '  SPACED = two words  # comment',
      'export EXPORTED=three',
      'export=four',
      "SINGLE='it is # \\n'",
      'DOUBLE="first\\nsecond" # comment',
      'BACK=`a "b" \'c\'`',
      'EMPTY=',
      'LINES="-----BEGIN',
      'body',
      '-----END"',
      'a.b-c=five',
      'LAST=six',
    ].join('\r\n')
    expect(parseDotEnv(`\ufeff${text}`).problems).toEqual([])
    expect(valuesOf(text)).toEqual({
      PLAIN: 'one',
      SPACED: 'two words',
      EXPORTED: 'three',
      export: 'four',
      SINGLE: 'it is # \\n',
      DOUBLE: 'first\nsecond',
      BACK: 'a "b" \'c\'',
      EMPTY: '',
      LINES: '-----BEGIN\nbody\n-----END',
      'a.b-c': 'five',
      LAST: 'six',
    })
  })

  it('says where each variable begins, and brings a name that is given twice both times', () => {
    expect(parseDotEnv('\nA="x\ny"\nB=1\nA=2').entries).toEqual([
      { name: 'A', value: 'x\ny', line: 2 },
      { name: 'B', value: '1', line: 4 },
      { name: 'A', value: '2', line: 5 },
    ])
  })

  it.each([
    ['just text', 1, 'The line must be a name'],
    ['A=1\n=2', 2, 'The line must be a name'],
    ['A B=1', 1, 'The line must be a name'],
    ['1A=1', 1, 'The line must be a name'],
    ['A=ab#cd', 1, 'The value ends at the "#"'],
    ['A="open\nB=1', 1, 'The quote at the beginning of the value is never closed.'],
    ['x'.repeat(1_048_577), 0, 'The text must be at most 1 MiB.'],
  ])('says what is wrong without repeating it', (text, line, message) => {
    const { problems } = parseDotEnv(text)
    expect(problems).toEqual([{ line, message: expect.stringContaining(message) }])
  })

  it('keeps a value whose quote is never closed as it stands', () => {
    expect(valuesOf('A="open # x\nB=1')).toEqual({ A: '"open # x', B: '1' })
  })

  it('reads at most 1,000 lines that are something', () => {
    const line = (_: unknown, index: number) => (index % 2 === 0 ? `A${index}=x` : 'wrong')
    const { entries, problems } = parseDotEnv(['# a', '', ...Array.from({ length: 1_001 }, line)].join('\n'))
    expect(entries).toHaveLength(500)
    expect(problems).toHaveLength(501)
    expect(problems.at(-1)).toMatchObject({ line: 1_003, message: expect.stringContaining('is left out') })
  })

  it.each([
    ['quotes that are never closed', 'A="\n'.repeat(200_000)],
    ['spaces', `${' '.repeat(500_000)}A=${' '.repeat(500_000)}x`],
    ['quotes of all kinds', 'A="`\'\n'.repeat(150_000)],
    ['one long name', 'A'.repeat(1_000_000)],
  ])('takes no more time than the text is long: %s', (_, text) => {
    const startedMs = performance.now()
    parseDotEnv(text)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  it('reads what Node reads, for every way to write a variable', () => {
    const inside = (without: RegExp) =>
      fc.string({ unit: 'grapheme-composite', maxLength: 12 }).filter((text) => !without.test(text))
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/)
    const comment = fc.constantFrom('', ' # a comment', '  #')
    const quoted = (quote: string) => inside(new RegExp(`[${quote}\\r]`)).map((text) => `${quote}${text}${quote}`)
    // Node of different ages trims other characters than spaces, and the line break after a value of spaces alone.
    const plain = inside(/[\s"'`#]/u)
    const value = fc.oneof(plain, quoted('"'), quoted("'"), quoted('`'), fc.constant('"a\\nb\\\\n"'))
    const line = fc
      .tuple(fc.constantFrom('', 'export '), name, fc.constantFrom('=', ' = '), value, comment)
      // Node takes the line break after an empty value for a space.
      .filter(([, , equals, text]) => !(equals === ' = ' && text === ''))
      .map(([before, key, equals, text, after]) => `${before}${key}${equals}${text}${text === '' ? '' : after}`)
    const lines = fc.array(fc.oneof(line, fc.constantFrom('', '# comment', '#A=1')), { maxLength: 8 })
    fc.assert(
      fc.property(lines, fc.constantFrom('\n', '\r\n'), (given, lineBreak) => {
        // Node 20 reads a comment in the last line when no line break follows.
        const text = given.map((each) => `${each}${lineBreak}`).join('')
        expect(valuesOf(text)).toEqual({ ...parseEnv(text) })
      }),
      { numRuns: 500 },
    )
  })

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '`', '#', '\n', '\r', ' ', '\\', 'export ') }),
        (text) => {
          const { entries } = parseDotEnv(text)
          for (const { line, value } of entries) expect(line >= 1 && !value.includes('\r')).toBe(true)
        },
      ),
    )
    // Wrong on purpose, as a caller without types may be.
    expect(() => parseDotEnv(undefined as never)).toThrow(TypeError)
  })
})
