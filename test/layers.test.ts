// Holds the rules of imports: the layer table of core, the borders of packages, no circle, no file that nothing uses.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repositoryFiles, root } from './files.ts'
import { type Findings, findImports } from './layers/cruise.ts'
import { type Import, makeTree } from './layers/tree.ts'

/** All files are read at once, which takes its time on a busy machine. */
const limitMs = 120_000

describe('the files of the repository', () => {
  const paths = repositoryFiles().filter((path) => /\.(ts|mts|tsx|mjs)$/.test(path))
  let found: Findings = { imports: [], orphans: [] }
  beforeAll(async () => {
    found = await findImports(root, paths)
  }, limitMs)

  it.each([
    ['packages/core/src/index.ts', './access/index.ts'],
    ['packages/http/page/main.tsx', './app.tsx'],
    ['packages/redis/test/dump.test.ts', '@mcpvault/core'],
    ['examples/express-app/src/app.mjs', 'express'],
    ['scripts/run.mjs', './lib/check.mjs'],
  ])('are read: %s imports %s', (path, specifier) => {
    expect(found.imports).toContainEqual({ path, specifier, broken: [] })
  })

  it('break no rule by an import, type imports included', () => {
    expect(found.imports.filter(({ broken }) => broken.length > 0)).toEqual([])
  })

  it('are each known to another, where they are sources', () => {
    expect(found.orphans).toEqual([])
  })
})

describe('the rules of imports', () => {
  const broken = [
    ['packages/core/src/errors/a.ts', '../bytes/index.ts', 'downwards'],
    ['packages/core/src/contracts/a.ts', '../envelope/index.ts', 'downwards'],
    ['packages/core/src/envelope/a.ts', '../keys/index.ts', 'downwards'],
    ['packages/core/src/access/a.ts', '../audit/index.ts', 'downwards'],
    ['packages/core/src/keys/a.ts', '../access/index.ts', 'downwards'],
    ['packages/core/src/vault/a.ts', '../stores/index.ts', 'downwards'],
    ['packages/core/src/vault/a.ts', '../operator/b.ts', 'downwards'],
    ['packages/core/src/vault/a.ts', '../index.ts', 'downwards'],
    ['packages/core/src/operator/a.ts', '../providers/index.ts', 'downwards'],
    ['packages/core/src/transfer/a.ts', '../vault/b.ts', 'downwards'],
    ['packages/core/src/stores/memory/a.ts', '../../vault/index.ts', 'downwards'],
    ['packages/core/src/testing/a.ts', '../vault/index.ts', 'downwards'],
    ['packages/core/src/create-vault.ts', './testing/index.ts', 'downwards'],
    ['packages/core/src/vault/a.ts', '../envelope/seal.ts', 'a folder by its index'],
    ['packages/core/src/create-vault.ts', './envelope/seal.ts', 'a folder by its index'],
    ['packages/core/src/helpers/a.ts', '../errors/index.ts', 'a folder of the table'],
    ['packages/core/src/vault/a.ts', 'zod', 'nothing to install'],
    ['packages/core/src/vault/a.ts', '@mcpvault/testkit/eventually', 'nothing to install'],
    ['packages/redis/src/a.ts', '@mcpvault/core/testing', 'core by its entries, no other package'],
    ['packages/redis/src/a.ts', '@mcpvault/sqlite', 'core by its entries, no other package'],
    ['packages/redis/src/a.ts', '@mcpvault/testkit/eventually', 'core by its entries, no other package'],
    ['packages/redis/src/a.ts', 'pg', 'what is installed with it'],
    ['packages/redis/src/a.ts', 'zod', 'what is installed with it'],
    ['packages/redis/src/a.ts', '../test/helper.ts', 'sources know sources alone'],
    ['packages/core/src/vault/a.ts', '../../test/helper.ts', 'sources know sources alone'],
    ['packages/redis/test/a.ts', '../../core/test/helper.ts', 'another package by its entries'],
    ['packages/redis/test/support/a.ts', '../../../sqlite/src/index.ts', 'another package by its entries'],
    ['examples/quickstart/test/a.ts', '../../../packages/core/src/index.ts', 'another package by its entries'],
    ['packages/core/test/a.ts', '../../../test/files.ts', 'another package by its entries'],
    ['test/docs/a.ts', '../../packages/testkit/src/eventually.ts', 'a package by its entries'],
    ['test/a.ts', '../bench/src/paths.ts', 'a package by its entries'],
    ['packages/redis/test/a.ts', './absent.ts', 'resolves'],
    ['packages/redis/test/circle/a.ts', './b.ts', 'no circle'],
    ['packages/redis/test/circle/b.ts', './c.ts', 'no circle'],
    ['packages/redis/test/circle/c.ts', './a.ts', 'no circle'],
    ['packages/redis/test/circle/itself.ts', './itself.ts', 'no circle'],
  ] as const
  const sound = [
    ['packages/core/src/contracts/a.ts', '../errors/index.ts'],
    ['packages/core/src/keys/a.ts', '../envelope/index.ts'],
    ['packages/core/src/keys/a.ts', 'lru-cache'],
    ['packages/core/src/vault/parse/a.ts', '../names.ts'],
    ['packages/core/src/vault/a.ts', '../audit/index.ts'],
    ['packages/core/src/operator/a.ts', '../vault/b.ts'],
    ['packages/core/src/create-vault.ts', './vault/b.ts'],
    ['packages/core/src/create-vault.ts', './vault/index.ts'],
    ['packages/core/src/stores/memory/a.ts', '../../bytes/index.ts'],
    ['packages/core/src/testing/a.ts', '../stores/memory/index.ts'],
    ['packages/core/src/bytes/a.ts', 'node:crypto'],
    ['packages/redis/src/a.ts', '@mcpvault/core'],
    ['packages/redis/src/a.ts', '@mcpvault/core/adapter'],
    ['packages/redis/src/a.ts', './client.ts'],
    ['packages/redis/src/a.ts', 'ioredis'],
    ['packages/redis/src/a.ts', 'libsql'],
    ['packages/redis/src/a.ts', 'node:fs'],
    ['packages/redis/test/b.ts', '../src/index.ts'],
    ['packages/redis/test/b.ts', '@mcpvault/testkit/eventually'],
    ['packages/redis/test/b.ts', 'pg'],
    ['packages/redis/tsup.config.ts', '../../tsup.base.ts'],
    ['packages/redis/test/two-ways/a.ts', './b.ts'],
    ['packages/redis/test/two-ways/a.ts', './c.ts'],
    ['packages/redis/test/two-ways/b.ts', './d.ts'],
    ['packages/redis/test/two-ways/c.ts', './d.ts'],
    ['test/docs/a.ts', '../files.ts'],
    ['test/layers/a.ts', '../../vitest.repo.config.ts'],
  ] as const
  // Each leads past the border of a package, so a form that is read breaks a rule.
  const forms = [
    `import { a } from '../../core/test/helper.ts'`,
    `import type { A } from '../../core/test/helper.ts'`,
    `import { type A } from '../../core/test/helper.ts'`,
    `export { a } from '../../core/test/helper.ts'`,
    `export * from '../../core/test/helper.ts'`,
    `export type { A } from '../../core/test/helper.ts'`,
    `import '../../core/test/helper.ts'`,
    `const a = await import('../../core/test/helper.ts')`,
    `type A = import('../../core/test/helper.ts').A`,
  ]
  const pathOfForm = (form: string) => `packages/redis/test/form-${forms.indexOf(form)}.ts`
  // The name of its own package makes a circle too, so this has a test of its own.
  const itself: Import = ['packages/core/src/adapter/own.ts', '@mcpvault/core']

  let folder = ''
  let found: Findings = { imports: [], orphans: [] }
  beforeAll(async () => {
    const tree = makeTree([...broken, ...sound, itself], new Map(forms.map((form) => [pathOfForm(form), form])))
    folder = tree.folder
    found = await findImports(folder, tree.paths)
  }, limitMs)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const brokenBy = ([path, specifier]: Import) =>
    found.imports.find((each) => each.path === path && each.specifier === specifier)?.broken

  it.each(broken)('refuse in %s an import of %s: %s', (path, specifier, rule) => {
    expect(brokenBy([path, specifier])).toEqual([rule])
  })

  it.each(sound)('accept in %s an import of %s', (path, specifier) => {
    expect(brokenBy([path, specifier])).toEqual([])
  })

  it.each(forms)('see the import of %s', (form) => {
    expect(brokenBy([pathOfForm(form), '../../core/test/helper.ts'])).toEqual(['another package by its entries'])
  })

  it('refuse in a source the name of its own package', () => {
    expect(brokenBy(itself)).toContain('never its own name')
  })

  it('refuse a source that no other file knows of', () => {
    expect(found.orphans).toEqual(['packages/core/src/time/index.ts'])
  })
})
