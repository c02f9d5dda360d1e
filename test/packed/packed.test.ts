// The packages as a user gets them: packed, installed in a fresh project, and started in the ways that Node knows.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { build, type Format } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readText, root } from '../files.ts'
import {
  type Ended,
  freshFolder,
  freshProject,
  type Project,
  packAll,
  projectLike,
  publishedNames,
  type Tarball,
} from './project.ts'

const compiler = join(root, 'node_modules/typescript/bin/tsc')
const snippet = /```ts\n([\s\S]*?)```/.exec(readText('README.md'))?.[1] ?? ''
const printed = '[secret]\na token of alice\nundefined\n'
const hasBuiltIn = process.getBuiltinModule('node:sqlite') !== undefined

let packs = ''
let tarballs: readonly Tarball[] = []
/** With the native driver and the types of Node, as most projects have them. */
let project: Project
/** With nothing but core and the store. */
let bare: Project

beforeAll(async () => {
  packs = freshFolder()
  tarballs = await packAll(packs)
  const both = tarballs.filter(({ name }) => /\/(core|sqlite)$/.test(name)).map(({ path }) => path)
  bare = await freshProject(both)
  project = projectLike(bare, ['libsql', '@types/node'])
}, 120_000)

afterAll(() => {
  project.remove()
  bare.remove()
  rmSync(packs, { recursive: true })
})

/** Each program gets a database of its own. */
const program = (database: string): string => snippet.replace('vault.db', `${database}.db`)

async function expectSnippet(run: Promise<Ended>): Promise<void> {
  const { code, stdout, stderr } = await run
  expect({ code, stdout, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stdout: printed, stderr: '' })
}

describe('a tarball', () => {
  it.each(publishedNames())('has the license, the guide and what it exports: %s', (name) => {
    const found = tarballs.find((each) => each.name === `@mcpvault/${name}`)
    const folder = join(root, 'packages', name)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const targets = Object.values<Record<string, string>>(manifest.exports).flatMap((target) => Object.values(target))
    expect(found?.files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', ...targets.map((target) => target.replace('./', ''))]),
    )
    expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toBe(readText('LICENSE'))
    // There is no file of changes before the first release; the manifest takes it along from then on.
    expect(manifest.files).toContain('CHANGELOG.md')
    const unwanted = /^(?!(dist|src|policies)\/|(LICENSE|README\.md|CHANGELOG\.md|package\.json)$)/
    expect(found?.files.filter((path) => unwanted.test(path))).toEqual([])
  })
})

it('[S21] the tarball of core names no dependency at run time', () => {
  const manifest = JSON.parse(readFileSync(join(bare.folder, 'node_modules/@mcpvault/core/package.json'), 'utf8'))
  expect([manifest.dependencies, manifest.optionalDependencies]).toEqual([undefined, undefined])
  expect(Object.keys(manifest.peerDependencies)).toEqual(['@types/node'])
})

describe('an installed package', () => {
  it('is imported', async () => {
    project.write('esm.mjs', program('esm'))
    await expectSnippet(project.node('esm.mjs'))
  })

  it('is required', async () => {
    project.write('required.cjs', asCommonJs(program('required')))
    await expectSnippet(project.node('required.cjs'))
  })

  it.each(['esm', 'cjs'] satisfies Format[])('is bundled by esbuild to %s', async (format) => {
    const source = format === 'cjs' ? wrapped(program('bundle-cjs')) : program('bundle-esm')
    project.write(`bundle-${format}.mjs`, source)
    const out = `bundled-${format}.${format === 'cjs' ? 'cjs' : 'mjs'}`
    await build({
      absWorkingDir: project.folder,
      entryPoints: [`bundle-${format}.mjs`],
      bundle: true,
      platform: 'node',
      format,
      external: ['libsql'],
      outfile: out,
      logLevel: 'silent',
    })
    await expectSnippet(project.node(out))
  })

  it('needs the native driver only where Node has none, and then names it', async () => {
    bare.write('bare.mjs', program('bare'))
    const run = bare.node('bare.mjs')
    if (hasBuiltIn) return await expectSnippet(run)
    const { code, stderr } = await run
    expect(code).toBe(1)
    expect(stderr).toContain('npm install libsql')
    expect(stderr).toContain('VAULT_CONFIG_INVALID')
  })
})

describe('the types of an installed package', () => {
  const strict = { strict: true, exactOptionalPropertyTypes: true, target: 'es2022', lib: ['es2023'], types: [] }
  const nodenext = ['nodenext', ['mts', 'cts'], { module: 'nodenext' }] as const
  const others = [
    ['node16', ['mts'], { module: 'node16' }],
    ['bundler', ['ts'], { module: 'esnext', moduleResolution: 'bundler' }],
  ] as const

  it.each([nodenext, ...others])('compile under %s, and what is made runs', async (name, extensions, options) => {
    for (const extension of extensions) {
      const code = program(`${name}-${extension}`)
      project.write(`${name}/main.${extension}`, extension === 'cts' ? wrapped(code) : code)
    }
    // The declarations themselves, with those of Node, are most of the work: once is enough, but for a long campaign.
    const skipLibCheck = name !== 'nodenext' && process.env['MCPVAULT_LONG'] !== '1'
    const compilerOptions = { ...strict, ...options, skipLibCheck }
    project.write(`${name}/tsconfig.json`, JSON.stringify({ compilerOptions }))
    expect(await project.node(compiler, '-p', name)).toMatchObject({ code: 0, stdout: '' })
    for (const extension of extensions) {
      await expectSnippet(project.node(`${name}/main.${extension.replace('ts', 'js')}`))
    }
  })

  it('compile without the types of Node where declarations are not checked', async () => {
    bare.write('main.mts', program('main').replaceAll(/^console\.log\((.*?)\)( \/\/.*)?$/gm, 'String($1)'))
    const compilerOptions = { ...strict, module: 'nodenext', skipLibCheck: true, noEmit: true }
    bare.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['main.mts'] }))
    expect(await bare.node(compiler, '-p', '.')).toMatchObject({ code: 0, stdout: '' })
  })

  it('lead an editor from each declaration to a shipped source', () => {
    const folder = join(project.folder, 'node_modules/@mcpvault')
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const files = names.filter((name) => name.includes('/dist/') && name.endsWith('.d.ts'))
    expect(files).toContain('core/dist/vault/secret-value.d.ts')
    for (const name of files) {
      const { sources } = mapOf(join(folder, name))
      expect(sources.map((source) => basename(source, '.ts'))).toEqual([basename(name, '.d.ts')])
      for (const source of sources) expect(existsSync(join(folder, dirname(name), source))).toBe(true)
    }
  })

  it.each(['create-vault', 'vault/secret-value'])('lead to the right line: %s', (name) => {
    const dist = join(project.folder, 'node_modules/@mcpvault/core/dist')
    const path = join(dist, `${name}.d.ts`)
    const lines = readFileSync(path, 'utf8').split('\n')
    const line = lines.findIndex((text) => text.startsWith('export declare function'))
    const declared = /function (\w+)/.exec(lines[line] ?? '')?.[1] ?? ''
    const entry = new SourceMap(mapOf(path)).findEntry(line, lines[line]?.indexOf(declared) ?? 0)
    if (!('originalLine' in entry)) throw new Error('The map has no entry there.')
    const source = readFileSync(join(dirname(path), entry.originalSource), 'utf8').split('\n')
    expect(source[entry.originalLine]?.slice(entry.originalColumn)).toMatch(new RegExp(`^${declared}\\b`))
  })
})

/** As the compiler writes it. */
function mapOf(path: string): SourceMapPayload {
  return JSON.parse(readFileSync(`${path}.map`, 'utf8'))
}

/** CommonJS has no await outside a function. */
function wrapped(code: string): string {
  const lines = code.split('\n')
  const imports = lines.filter((line) => line.startsWith('import '))
  const rest = lines.filter((line) => !line.startsWith('import '))
  return `${imports.join('\n')}\nvoid (async () => {\n${rest.join('\n')}\n})()\n`
}

function asCommonJs(code: string): string {
  return wrapped(code).replaceAll(/^import (\{.*\}) from (.*)$/gm, 'const $1 = require($2)')
}
