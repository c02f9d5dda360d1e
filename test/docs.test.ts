// The pages say what is so: their code compiles and runs, their links lead somewhere, their symbols exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examplesOf } from './docs/examples.ts'
import { readPage } from './docs/markdown.ts'
import { clearSnippets, runSnippet, snippetsOf, typeErrors } from './docs/snippets.ts'
import { declaredNames, documentedNames } from './docs/symbols.ts'
import { readText, repositoryFiles, root } from './files.ts'

const pages = repositoryFiles()
  .filter((path) =>
    /^(?:README\.md|[A-Z]+\.md|docs\/.+\.md|(?:packages\/[^/]+|bench)\/README\.md|examples\/[^/]+\/README\.md)$/.test(
      path,
    ),
  )
  .map((path) => ({ path, page: readPage(readText(path)) }))
/** Where a page of a package, which is also read on npm, finds the others. */
const pagesOnline = 'https://github.com/mcpvault/mcpvault/blob/main/'
const snippets = pages.flatMap(({ path, page }) => snippetsOf(path, page.fences))

const documented = ['create-vault', 'vault/credential-verbs', 'vault/scope', 'vault/session'].map(
  (name) => `packages/core/src/${name}.ts`,
)
const examples = documented.flatMap((path) => examplesOf(path, readText(path)))

beforeAll(clearSnippets)
afterAll(clearSnippets)

describe('the pages', () => {
  it('show code before line 25 of the README', () => {
    const readme = pages.find(({ path }) => path === 'README.md')
    expect(readme?.page.fences[0]?.line).toBeLessThan(25)
  })

  it('keep the README short', () => {
    expect(readText('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120)
  })

  it('have commands to paste in any shell: zsh, at its prompt, takes a comment for arguments', () => {
    const commands = pages.flatMap(({ path, page }) =>
      page.fences.filter(({ info }) => info === 'sh').map(({ line, code }) => ({ place: `${path}:${line}`, code })),
    )
    expect(commands.length).toBeGreaterThan(10)
    expect(commands.filter(({ code }) => /(?:^|\s)#/m.test(code)).map(({ place }) => place)).toEqual([])
  })

  it('[A42] document only symbols that the built declarations have', () => {
    const names = builtNames()
    expect(names).toContain('createVault')
    const unknown = pages.flatMap(({ path, page }) =>
      page.spans.flatMap(({ line, text }) =>
        documentedNames(text)
          .filter((name) => !names.has(name) && !(name in globalThis))
          .map((name) => `${path}:${line}: ${name}`),
      ),
    )
    expect(unknown).toEqual([])
  })

  it('link to files and headings that exist', () => {
    const broken = pages.flatMap(({ path, page }) =>
      page.links
        .filter(({ target }) => !resolves(path, target))
        .map(({ line, target }) => `${path}:${line}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('of a package that is published link to nothing beside them, which npm does not have', () => {
    const guides = pages.filter(({ path }) => /^packages\/(?!testkit)[^/]+\/README\.md$/.test(path))
    expect(guides.length).toBeGreaterThan(7)
    const targets = guides.flatMap(({ page }) => page.links.map(({ target }) => target))
    expect(targets.filter((target) => !/^(?:[a-z]+:|#)/.test(target))).toEqual([])
  })

  it('show code that compiles against the built packages', () => {
    expect(typeErrors(snippets)).toEqual([])
  })

  it.each(snippets.filter((each) => each.runs))('show code that runs: $name', async (snippet) => {
    const { code, output } = await runSnippet(snippet)
    expect(code, output).toBe(0)
  })
})

describe('the doc comments of the vault', () => {
  it('have an example for each verb', () => {
    const verbs = documented.flatMap((path) => [...readText(path).matchAll(/^ {2}\w+(?:<T>)?\(/gm)])
    expect(verbs.length).toBeGreaterThan(20)
    expect(examples).toHaveLength(verbs.length + 1)
  })

  it('show code that compiles against the built packages', () => {
    expect(typeErrors(examples)).toEqual([])
  })

  it.each(examples)('show code that runs: $name', async (example) => {
    const { code, output } = await runSnippet(example)
    expect(code, output).toBe(0)
  })
})

describe('the reader of examples', () => {
  it('takes what stands between @example and the next tag or the end, with or without a fence', () => {
    const text =
      '/**\n * Does.\n *\n * @example\n * ```ts\n * a()\n * ```\n * @returns x\n */\n\n/**\n * @example\n *  b()\n */\nc()\n'
    const found = examplesOf('a.ts', text)
    expect(found.map(({ name }) => name)).toEqual(['a.ts:4', 'a.ts:12'])
    expect(found[0]?.code).toContain('{\na()\n}')
    expect(found[1]?.code).toContain('{\n b()\n}')
  })
})

describe('the reader of pages', () => {
  it('finds fences, links, spans and anchors, and none of them inside of a fence', () => {
    const page = readPage(
      '# The `get` call!\n\n```ts no-run\n[a](b) `c`\n```\nSee [x](docs/x.md#top) and `createVault()`.\n',
    )
    expect(page.fences).toEqual([{ line: 3, info: 'ts no-run', code: '[a](b) `c`\n' }])
    expect(page.links).toEqual([{ line: 6, target: 'docs/x.md#top' }])
    expect(page.spans.map((each) => each.text)).toEqual(['get', 'createVault()'])
    expect(page.anchors).toEqual(['the-get-call'])
  })

  it('refuses a fence that is never closed', () => {
    expect(() => readPage('text\n```ts\nconst a = 1\n')).toThrow('line 2')
  })

  it('takes TypeScript and JavaScript for snippets, and runs what does not say no-run', () => {
    const { fences } = readPage('```ts\na\n```\n```ts no-run\nb\n```\n```js\nc\n```\n```sh\nd\n```\n')
    expect(snippetsOf('a.md', fences)).toEqual([
      { name: 'a.md:1', code: 'a\n', typed: true, runs: true },
      { name: 'a.md:4', code: 'b\n', typed: true, runs: false },
      { name: 'a.md:7', code: 'c\n', typed: false, runs: true },
    ])
  })
})

describe('the check of snippets', () => {
  it('reports a wrong type with its place', () => {
    const wrong = { name: 'a.md:7', code: `const a: number = 'b'\nexport { a }\n`, typed: true, runs: false }
    expect(typeErrors([wrong])).toEqual([expect.stringMatching(/^a\.md:7, its line 1: /)])
  })

  it('reports an import that the packages do not have', () => {
    const wrong = { name: 'a.md:9', code: `import { noSuchThing } from '@mcpvault/core'\n`, typed: true, runs: false }
    expect(typeErrors([wrong]).join()).toContain('noSuchThing')
  })

  it('sees that a snippet throws', async () => {
    const { code, output } = await runSnippet({
      name: 'a.md:11',
      code: `throw new Error('no')`,
      typed: true,
      runs: true,
    })
    expect(code).toBe(1)
    expect(output).toContain('no')
  })
})

describe('the check of symbols', () => {
  it.each([
    ['createVault()', ['createVault']],
    ['await github.get(name, { version })', ['get']],
    ['vault.rewrap', ['rewrap']],
    ['VAULT_CLOSED', ['VAULT_CLOSED']],
    ['SecretValue', ['SecretValue']],
    ['npm test', []],
    ['MCPVAULT_KEY', []],
    ['main#3', []],
  ])('takes from %s the names %j', (span, names) => {
    expect(documentedNames(span)).toEqual(names)
  })

  it('reads functions, members, types, codes and re-exports from a declaration file', () => {
    const text = `declare function a(b: string): void; interface C { d(): void; readonly e: 'F' } declare class G {} export { a as h }`
    expect([...declaredNames(text)].sort()).toEqual(['C', 'F', 'G', 'a', 'b', 'd', 'e', 'h'])
  })
})

function builtNames(): ReadonlySet<string> {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'dist'))
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.d.ts'))
  return new Set(files.flatMap((path) => [...declaredNames(readFileSync(path, 'utf8'))]))
}

function resolves(path: string, target: string): boolean {
  const isOnline = target.startsWith(pagesOnline)
  if (/^[a-z]+:/.test(target) && !isOnline) return true
  const [file = '', anchor] = target.replace(pagesOnline, '').split('#')
  const found = file === '' ? path : isOnline ? file : posix.join(posix.dirname(path), file)
  if (!existsSync(join(root, found))) return false
  return anchor === undefined || readPage(readText(found)).anchors.includes(anchor)
}
