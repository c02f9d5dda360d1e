// SECURITY.md names a test for each claim: those tests exist, under the words that it quotes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readText, root } from './files.ts'

/** `[text](path) "words of the title"`, as the page writes it. */
const reference = /\]\(([^)#]+\.test\.ts)\)(?: "([^"]+)")?/g

it('[S48] each claim of the threat model names a test that exists', () => {
  const references = [...readText('SECURITY.md').matchAll(reference)]
  expect(references.length).toBeGreaterThan(30)
  const unknown = references
    .map(([, path = '', title = '']) => ({ path, title }))
    .filter(({ path, title }) => title === '' || !existsSync(join(root, path)) || !readText(path).includes(title))
  expect(unknown).toEqual([])
})
