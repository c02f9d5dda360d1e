// SECURITY.md and the page of controls name a test for each claim: those tests exist, under the words that they quote.
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, it } from 'vitest'
import { readText, root } from './files.ts'

/** `[text](path) "words of the title"`, as the page writes it. */
const reference = /\]\(([^)#]+\.test\.ts)\)(?: "([^"]+)")?/g

/** The tests that a page names, and those of them that do not exist. */
function testsOf(page: string): { readonly named: number; readonly unknown: readonly string[] } {
  const references = [...readText(page).matchAll(reference)].map(([, path = '', title = '']) => ({
    path: posix.join(posix.dirname(page), path),
    title,
  }))
  const unknown = references.filter(
    ({ path, title }) => title === '' || !existsSync(join(root, path)) || !readText(path).includes(title),
  )
  return { named: references.length, unknown: unknown.map(({ path, title }) => `${path} "${title}"`) }
}

it('[S48] each claim of the threat model names a test that exists', () => {
  const { named, unknown } = testsOf('SECURITY.md')
  expect(named).toBeGreaterThan(30)
  expect(unknown).toEqual([])
})

it('[T6][T49] each control names a test that exists, or says that it is the duty of the host', () => {
  expect(testsOf('docs/controls.md').unknown).toEqual([])
  const rows = readText('docs/controls.md')
    .split('\n')
    .filter((line) => /^\| (?:[AC]+\d|\d)/.test(line))
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.filter((row) => !row.includes('.test.ts) "') && !/\| host[^|]*\|$/.test(row))).toEqual([])
})
