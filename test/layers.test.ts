// Holds the layer table and the parts of the house style that a parser can see, on every source file.
import { describe, expect, it } from 'vitest'
import { readText, repositoryFiles } from './files.ts'
import { checkAdapterImports, checkCoreImports, checkPackageImports, findCycles } from './layers/check-layers.ts'
import { checkStyle } from './layers/check-style.ts'
import { readSource } from './layers/read-source.ts'

const sources = repositoryFiles().flatMap((path) => {
  const match = /^packages\/([^/]+)\/src\/(.+\.ts)$/.exec(path)
  if (match === null) return []
  const [, name = '', inner = ''] = match
  return [{ path, name, inner, facts: readSource(path, readText(path)) }]
})

describe('the sources of the packages', () => {
  it('are found', () => {
    expect(sources.map((each) => each.path)).toContain('packages/core/src/index.ts')
  })

  it('import downwards only in core, through the index of each folder, type imports included', () => {
    const core = sources.filter((each) => each.name === 'core')
    expect(core.flatMap(({ inner, facts }) => checkCoreImports({ path: inner, imports: facts.imports }))).toEqual([])
  })

  it('import each other in no circle, type imports included', () => {
    const files = sources.map(({ path, facts }) => ({ path, imports: facts.imports }))
    expect(findCycles(files)).toEqual([])
  })

  it('know core by its public entries alone in an adapter', () => {
    const adapters = sources.filter((each) => each.name !== 'core' && isPublished(each.name))
    const broken = adapters.flatMap(({ name, path, facts }) =>
      checkAdapterImports({ path, imports: facts.imports }, runTimeDependencies(name)),
    )
    expect(broken).toEqual([])
  })

  it('keep the house style', () => {
    expect(sources.flatMap(({ path, facts }) => checkStyle(path, facts))).toEqual([])
  })
})

describe('the sources and tests of each package', () => {
  const files = repositoryFiles().filter((path) => /(^|\/)(src|test)\/.*\.ts$/.test(path))

  it('import those of another package by its entries alone', () => {
    expect(files).toContain('packages/redis/test/dump.test.ts')
    const broken = files.flatMap((path) =>
      checkPackageImports({ path, imports: readSource(path, readText(path)).imports }),
    )
    expect(broken).toEqual([])
  })
})

describe('the check of imports', () => {
  const broken = [
    ['errors/a.ts', '../bytes/index.ts'],
    ['contracts/a.ts', '../envelope/index.ts'],
    ['envelope/a.ts', '../keys/index.ts'],
    ['access/a.ts', '../audit/index.ts'],
    ['keys/a.ts', '../access/index.ts'],
    ['vault/a.ts', '../stores/index.ts'],
    ['vault/a.ts', '../operator/b.ts'],
    ['operator/a.ts', '../providers/index.ts'],
    ['transfer/a.ts', '../vault/b.ts'],
    ['stores/memory/a.ts', '../../vault/index.ts'],
    ['testing/a.ts', '../vault/index.ts'],
    ['index.ts', './testing/index.ts'],
    ['vault/a.ts', '../envelope/seal.ts'],
    ['vault/a.ts', '../../test/helper.ts'],
    ['vault/a.ts', 'zod'],
    ['helpers/a.ts', '../errors/index.ts'],
  ] as const

  it.each(broken)('refuses in %s an import of %s', (path, specifier) => {
    expect(checkCoreImports({ path, imports: [specifier] })).toHaveLength(1)
  })

  const sound = [
    ['contracts/a.ts', '../errors/index.ts'],
    ['keys/a.ts', '../envelope/index.ts'],
    ['keys/a.ts', 'lru-cache'],
    ['vault/parse/a.ts', '../names.ts'],
    ['vault/a.ts', '../audit/index.ts'],
    ['operator/a.ts', '../vault/b.ts'],
    ['index.ts', './vault/b.ts'],
    ['stores/memory/a.ts', '../../bytes/index.ts'],
    ['testing/a.ts', '../stores/memory/index.ts'],
    ['index.ts', './vault/index.ts'],
    ['bytes/a.ts', 'node:crypto'],
  ] as const

  it.each(sound)('accepts in %s an import of %s', (path, specifier) => {
    expect(checkCoreImports({ path, imports: [specifier] })).toEqual([])
  })

  it.each(['@mcpvault/core/testing', '@mcpvault/core/src/index.ts', '../../core/src/index.ts', 'pg'])(
    'refuses in an adapter an import of %s',
    (specifier) => {
      expect(checkAdapterImports({ path: 'index.ts', imports: [specifier] }, ['libsql'])).toHaveLength(1)
    },
  )

  it.each(['@mcpvault/core', '@mcpvault/core/adapter', './client.ts', 'libsql', 'node:fs'])(
    'accepts in an adapter an import of %s',
    (specifier) => {
      expect(checkAdapterImports({ path: 'index.ts', imports: [specifier] }, ['libsql'])).toEqual([])
    },
  )
})

describe('the check of relative imports', () => {
  it.each([
    ['packages/redis/test/a.test.ts', '../../core/test/support/b.ts'],
    ['packages/redis/test/support/a.ts', '../../../sqlite/src/index.ts'],
    ['examples/quickstart/test/a.test.ts', '../../../packages/core/src/index.ts'],
    ['packages/core/test/a.test.ts', '../../../test/files.ts'],
    ['test/docs/a.ts', '../../packages/testkit/src/index.ts'],
    ['test/a.ts', '../bench/src/paths.ts'],
  ])('refuses in %s an import of %s', (path, specifier) => {
    expect(checkPackageImports({ path, imports: [specifier] })).toHaveLength(1)
  })

  it.each([
    ['packages/redis/test/a.test.ts', '../src/index.ts'],
    ['packages/redis/test/a.test.ts', '@mcpvault/testkit/eventually'],
    ['test/docs/a.ts', '../files.ts'],
    ['test/layers/a.ts', '../../vitest.repo.config.ts'],
  ])('accepts in %s an import of %s', (path, specifier) => {
    expect(checkPackageImports({ path, imports: [specifier] })).toEqual([])
  })
})

describe('the search for circles', () => {
  it('finds one of three files and one of a file with itself', () => {
    const files = [
      { path: 'a.ts', imports: ['./b/c.ts'] },
      { path: 'b/c.ts', imports: ['./d.ts', 'node:fs'] },
      { path: 'b/d.ts', imports: ['../a.ts'] },
      { path: 'e.ts', imports: ['./e.ts', './a.ts'] },
    ]
    expect(findCycles(files)).toEqual(['a.ts -> b/c.ts -> b/d.ts -> a.ts', 'e.ts -> e.ts'])
  })

  it('accepts two ways to one file', () => {
    const files = [
      { path: 'a.ts', imports: ['./b.ts', './c.ts'] },
      { path: 'b.ts', imports: ['./d.ts'] },
      { path: 'c.ts', imports: ['./d.ts'] },
      { path: 'd.ts', imports: [] },
    ]
    expect(findCycles(files)).toEqual([])
  })
})

describe('the reader of sources', () => {
  it.each([
    [`import { a, type B } from 'x'`, ['x']],
    [`import type { A } from 'x'`, []],
    [`import { type A, type B } from 'x'`, []],
    [`export type { A } from 'x'`, []],
    [`type A = import('x').A`, []],
    [`import 'x'`, ['x']],
    [`export { a } from 'x'`, ['x']],
  ])('sees whether %s loads the file', (text, loaded) => {
    expect(readSource('a.ts', text).valueImports).toEqual(loaded)
  })

  it.each([
    `import { a } from 'x'`,
    `import type { A } from 'x'`,
    `export { a } from 'x'`,
    `export type { A } from 'x'`,
    `import 'x'`,
    `const a = await import('x')`,
    `type A = import('x').A`,
  ])('sees the import of %s', (text) => {
    expect(readSource('a.ts', text).imports).toEqual(['x'])
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

interface Manifest {
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readText(`packages/${name}/package.json`))
}

/** What only tests use may import anything. */
function isPublished(name: string): boolean {
  return manifestOf(name).private !== true
}

function runTimeDependencies(name: string): readonly string[] {
  const { dependencies, peerDependencies } = manifestOf(name)
  return Object.keys({ ...dependencies, ...peerDependencies })
}
