// The contract page and the titles of tests agree: each id in a title is a row, each row has a test or is listed as not built.
import { describe, expect, it } from 'vitest'
import { hasTitles, promisesProved, readPromises } from './docs/promises.ts'
import { readText, repositoryFiles } from './files.ts'

const { rows, inPart, notBuilt } = readPromises(readText('docs/contract.md'))
const proofs = repositoryFiles()
  .filter(hasTitles)
  .flatMap((path) => promisesProved(readText(path)).map((id) => ({ path, id })))

describe('the contract page', () => {
  it('has a row for each id in the title of a test', () => {
    expect(proofs.map(({ path }) => path)).toContain('packages/core/test/vault/sharing.test.ts')
    expect(proofs.filter(({ id }) => !rows.includes(id))).toEqual([])
  })

  it('has one row for each id', () => {
    expect(rows).toHaveLength(new Set(rows).size)
  })

  it('lists as not built exactly the rows that no test names', () => {
    const proved = new Set(proofs.map(({ id }) => id))
    expect([...notBuilt].sort()).toEqual(rows.filter((id) => !proved.has(id)).sort())
  })

  it('lists as built in part only rows that a test names, each once', () => {
    const proved = new Set(proofs.map(({ id }) => id))
    expect(inPart.filter((id) => !rows.includes(id) || !proved.has(id))).toEqual([])
    expect(inPart).toHaveLength(new Set(inPart).size)
  })
})

describe('the reader of promises', () => {
  const rowsOfPage = '| id | promise |\n|---|---|\n| A1 | a |\n| B22 | see A1 |\n'

  it('reads rows and the lists at the end', () => {
    const page = `${rowsOfPage}\n## Built in part\n\n| id | there |\n| A1 | not B22 |\n\n## Not built yet\n\n- Later: B22, C3\n`
    expect(readPromises(page)).toEqual({ rows: ['A1', 'B22'], inPart: ['A1'], notBuilt: ['B22', 'C3'] })
  })

  it('refuses a page without one of the lists', () => {
    expect(() => readPromises(rowsOfPage)).toThrow('not built yet')
    expect(() => readPromises(`${rowsOfPage}\n## Not built yet\n`)).toThrow('built in part')
  })

  it.each([
    [titles(['A1']), ['A1']],
    [titles(['A1', 'B22']), ['A1', 'B22']],
    [`${titles(['A1'])}\n${titles(['C3'])}`, ['A1', 'C3']],
    [`it('goes on with [A1]', run)`, []],
    [`const list = ['A1']`, []],
  ])('takes the ids from %s', (text, ids) => {
    expect(promisesProved(text)).toEqual(ids)
  })

  it.each([
    ['packages/core/test/vault/a.test.ts', true],
    ['packages/testkit/src/suites/a.ts', true],
    ['examples/quickstart/test/a.test.ts', true],
    ['test/a.test.ts', true],
    ['packages/core/src/a.ts', false],
    ['docs/contract.md', false],
  ])('looks for titles in %s: %s', (path, expected) => {
    expect(hasTitles(path)).toBe(expected)
  })
})

/** A test with these ids, put together so that this file has no title of its own with them. */
function titles(ids: readonly string[]): string {
  return `it('${ids.map((id) => `[${id}]`).join('')} does', run)`
}
