// Holds the parts of the house style that a parser can see, on every source file of the packages.
import { describe, expect, it } from 'vitest'
import { readText, repositoryFiles } from '../files.ts'
import { checkStyle } from './check-style.ts'
import { readSource } from './read-source.ts'

describe('the sources of the packages', () => {
  const paths = repositoryFiles().filter((path) => /^packages\/[^/]+\/src\/.+\.ts$/.test(path))

  it('are found', () => {
    expect(paths).toContain('packages/core/src/index.ts')
  })

  it('keep the house style', () => {
    expect(paths.flatMap((path) => checkStyle(path, readSource(path, readText(path))))).toEqual([])
  })
})

describe('the check of style', () => {
  const entry = 'packages/core/src/index.ts'
  const header = '// Does one thing.\n'
  const broken = [
    ['a missing first line', 'export const a = 1\n'],
    ['a doc comment as first line', '/** Does one thing. */\nexport const a = 1\n'],
    ['250 lines', `${header}${'\n'.repeat(248)}export const a = 1\n`],
    ['a default export', `${header}export default 1\n`],
    ['a default function', `${header}export default function a() {}\n`],
    ['a renamed default', `${header}const a = 1\nexport { a as default }\n`],
    ['a star export', `${header}export * from './a.ts'\n`],
    ['a class', `${header}export class Vault {}\n`],
    ['a bare cast', `${header}\nexport const a = 1 as unknown\n`],
    ['a boolean parameter', `${header}export const a = (force: boolean) => force\n`],
  ] as const

  it.each(broken)('refuses %s', (_rule, text) => {
    expect(checkStyle(entry, readSource(entry, text))).toHaveLength(1)
  })

  const sound = [
    ['249 lines', `${header}${'\n'.repeat(247)}export const a = 1\n`],
    ['the two classes', `${header}export class VaultError extends Error {}\nexport class MaskedValue {}\n`],
    ['a constant assertion', `${header}\nexport const a = ['b'] as const\n`],
    ['a commented cast', `${header}\nexport const a = 1 as unknown // The driver types this wrongly.\n`],
    ['a boolean in a type', `${header}export type A = (each: string, index: number, found: boolean) => void\n`],
  ] as const

  it.each(sound)('accepts %s', (_rule, text) => {
    expect(checkStyle(entry, readSource(entry, text))).toEqual([])
  })
})
