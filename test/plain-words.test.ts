// Pages and tests use words that a newcomer can search for; sources do, in the folders that the list names.
import { describe, expect, it } from 'vitest'
import { readText, repositoryFiles } from './files.ts'
import { checkPlainWords, isPlain } from './words/check-plain-words.ts'
import { exemptSources, plainSources, plainWords } from './words/plain-words.ts'

describe('the pages and tests', () => {
  it('use plain words', () => {
    const paths = repositoryFiles().filter((path) => isPlain(path))
    expect(paths).toEqual(expect.arrayContaining(['README.md', 'docs/contract.md', 'test/files.ts']))
    expect(paths.flatMap((path) => checkPlainWords(path, readText(path)))).toEqual([])
  })

  it('are not the only ones where a folder of sources is named', () => {
    const paths = repositoryFiles()
    const empty = [...plainSources, ...exemptSources].filter(
      (folder) => !paths.some((path) => path.startsWith(`${folder}/`)),
    )
    expect(empty).toEqual([])
  })
})

describe('the list of words', () => {
  it.each(plainWords)('finds $avoid in its example', ({ avoid, example }) => {
    expect(checkPlainWords('a.ts', example).join()).toContain(`a.ts:1: says "${avoid}"`)
  })

  it.each(plainWords)('does not send from $avoid to another word of the list', ({ rather }) => {
    expect(checkPlainWords('a.ts', rather)).toEqual([])
  })

  it.each([
    'at most 5 of them, at least 2',
    'the most recent version, as usual',
    'const maxTries = 3',
    'of these, most are fast. Most pages',
    'clear, learn, appear, heart, year',
    'plane, island, landscape',
    'getting around it',
    'a released lease of a value',
    'the tests pass; pass it on',
    '5 users, 100 uses, 3 ms',
    "detail: 'must be a boolean'",
  ])('accepts %s', (text) => {
    expect(checkPlainWords('a.ts', text)).toEqual([])
  })
})

describe('the check of plain words', () => {
  it('gives the line and the word to use instead', () => {
    expect(checkPlainWords('docs/a.md', 'first\nconst mostTries = 3\n')).toEqual([
      'docs/a.md:2: says "most..."; rather: max...',
    ])
  })

  it('looks at the name of the file too', () => {
    expect(checkPlainWords('packages/core/src/audit/lane-write.ts', '')).toEqual([
      'packages/core/src/audit/lane-write.ts: says "lane"; rather: write stream',
    ])
  })

  it.each([
    ['README.md', [], true],
    ['docs/concepts.md', [], true],
    ['packages/sqlite/README.md', [], true],
    ['.changeset/locks.md', [], true],
    ['test/files.ts', [], true],
    ['test/words/plain-words.ts', [], false],
    ['packages/core/src/index.ts', [], false],
    ['packages/core/src/index.ts', ['packages/core/src'], true],
    ['packages/core/src/index.ts', ['packages/core/s'], false],
    ['packages/core/test/vectors/mcv1.json', ['packages/core'], false],
    ['packages/redis/src/index.ts', ['packages/core/src'], false],
  ])('holds %s with sources %j to the list: %s', (path, sources, expected) => {
    expect(isPlain(path, sources)).toBe(expected)
  })
})
