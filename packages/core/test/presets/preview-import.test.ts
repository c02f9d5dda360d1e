// What an import would do, said before anything is written; and names as a vault takes them.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { parseDotEnv, previewImport, secretNameProblem } from '../../src/presets/index.ts'
import { parseSecretName } from '../../src/vault/parse/names.ts'

describe('previewImport', () => {
  it('tells new, changed and same', () => {
    const { entries } = parseDotEnv('NEW=1\nSAME=2\nCHANGED=3\nUNKNOWN=4')
    const existing = [
      { name: 'SAME', value: '2' },
      { name: 'CHANGED', value: '2' },
      { name: 'UNKNOWN' },
      { name: 'OTHER' },
    ]
    expect(previewImport(entries, existing)).toEqual([
      { name: 'NEW', kind: 'new' },
      { name: 'SAME', kind: 'same' },
      { name: 'CHANGED', kind: 'changed' },
      { name: 'UNKNOWN', kind: 'changed' },
    ])
  })

  it.each([
    ['a/b', 'x', 'The name must have no "/", "*" or "@".'],
    ['EMPTY', '', 'has no value.'],
    ['LONG', 'é'.repeat(32_769), 'must be at most 64 KiB of UTF-8.'],
    ['LONGER', 'x'.repeat(65_537), 'must be at most 64 KiB of UTF-8.'],
    ['LONE', '\ud800', 'must be well-formed text, without lone surrogates.'],
  ])('refuses %s, and says why', (name, value, reason) => {
    expect(previewImport([{ name, value }], [{ name }])).toEqual([{ name, kind: 'refused', reason }])
  })

  it('takes the last of a name that is given twice', () => {
    const rows = previewImport(parseDotEnv('A=1\nB=2\nA=3').entries, [{ name: 'A', value: '3' }])
    expect(rows).toEqual([
      { name: 'A', kind: 'refused', reason: 'is given again below.' },
      { name: 'B', kind: 'new' },
      { name: 'A', kind: 'same' },
    ])
  })

  it('says what a value looks like, and what may be wrong with it', () => {
    const good = `ghp${'_'}${'x'.repeat(36)}`
    const rows = previewImport(
      [
        { name: 'GOOD', value: good },
        { name: 'CUT', value: good.slice(0, 20) },
      ],
      [],
    )
    expect(rows).toEqual([
      { name: 'GOOD', kind: 'new', presetId: 'github-classic-token' },
      {
        name: 'CUT',
        kind: 'new',
        presetId: 'github-classic-token',
        warning: 'must have at least 36 characters after its beginning.',
      },
    ])
    expect(JSON.stringify(rows)).not.toContain('xxxx')
  })

  it('refuses what comes after the first 1,000', () => {
    const entries = Array.from({ length: 1_002 }, (_, index) => ({ name: `n${index}`, value: 'x' }))
    const refused = previewImport(entries, []).filter(({ kind }) => kind === 'refused')
    expect(refused.map(({ name }) => name)).toEqual(['n1000', 'n1001'])
  })
})

describe('secretNameProblem', () => {
  const isTaken = (name: string): boolean => {
    try {
      return parseSecretName(name) === name
    } catch {
      return false
    }
  }

  it.each([
    'token',
    'ä',
    'a b',
    '.',
    '..',
    '...',
    '',
    'a/b',
    'a*',
    '@a',
    '\u0085',
    '\n',
    '\ud800',
    'é'.repeat(128),
    'é'.repeat(129),
  ])('agrees with the vault on %j', (name) => expect(secretNameProblem(name) === undefined).toBe(isTaken(name)))

  it('agrees with the vault on any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        expect(secretNameProblem(name) === undefined).toBe(isTaken(name))
      }),
    )
  })
})
