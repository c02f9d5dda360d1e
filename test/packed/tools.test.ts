// The packages in the tools that a project has beside Node: a bundler, and two test runners.
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import webpack from 'webpack'
import { readText, root } from '../files.ts'
import { freshFolder, freshProject, type Project, packAll, projectLike } from './project.ts'

const require = createRequire(import.meta.url)
const tool = (path: string): string => join(root, 'node_modules', path)
const snippet = /```ts\n([\s\S]*?)```/.exec(readText('README.md'))?.[1] ?? ''
const printed = '[secret]\na token of alice\nundefined\n'
const page = readText('docs/with/jest.md')

let packs = ''
let bare: Project
let project: Project

beforeAll(async () => {
  packs = freshFolder()
  const tarballs = await packAll(packs)
  bare = await freshProject(tarballs.filter(({ name }) => /\/(core|sqlite)$/.test(name)).map(({ path }) => path))
  project = projectLike(bare, ['libsql', '@types/node'])
}, 120_000)

afterAll(() => {
  project.remove()
  bare.remove()
  rmSync(packs, { recursive: true })
})

/** A test that keeps a secret and reads it, in the words of both runners. */
const test = (load: string): string => `
test('reads what it kept', async () => {
  ${load}
  const vault = createVault({ keys: keyFromEnv(), store: memoryStore() })
  const github = vault.as({ id: 'alice' }).scope({ server: 'github' })
  await github.set('token', 'a token of alice')
  expect((await github.get('token'))?.reveal()).toBe('a token of alice')
  await vault.close()
})
`
const named = '{ createVault, keyFromEnv, memoryStore }'

describe('a project', () => {
  it.each(['esm', 'commonjs'] as const)('is bundled by webpack to %s', async (kind) => {
    const isModule = kind === 'esm'
    project.write(`webpack-${kind}.mjs`, snippet.replace('vault.db', `webpack-${kind}.db`))
    const stats = await bundled({
      mode: 'production',
      target: 'node20',
      context: project.folder,
      entry: `./webpack-${kind}.mjs`,
      optimization: { minimize: false },
      experiments: { outputModule: isModule, topLevelAwait: true },
      // The native driver is loaded, not bundled.
      externals: { libsql: isModule ? 'module libsql' : 'commonjs libsql' },
      output: {
        path: project.folder,
        filename: `webpacked-${kind}.${isModule ? 'mjs' : 'cjs'}`,
        library: { type: isModule ? 'module' : 'commonjs2' },
      },
    })
    expect(stats).toEqual([])
    const { code, stdout, stderr } = await project.node(`webpacked-${kind}.${isModule ? 'mjs' : 'cjs'}`)
    expect({ code, stdout, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stdout: printed, stderr: '' })
  })

  it('is tested by Vitest without any setting', async () => {
    project.write('v/vault.test.mjs', `import ${named} from '@mcpvault/core'\n${test('')}`)
    const { code, stdout, stderr } = await project.node(tool('vitest/vitest.mjs'), 'run', '--globals', '--root', 'v')
    expect(code, stdout + stderr).toBe(0)
  })

  it('is tested by Jest in ES modules, as the docs say', async () => {
    project.write('j/package.json', '{ "type": "module", "jest": { "testMatch": ["**/*.spec.js"] } }')
    project.write('j/vault.spec.js', `import ${named} from '@mcpvault/core'\n${test('')}`)
    expect(page).toContain('--experimental-vm-modules')
    const args = [
      '--experimental-vm-modules',
      tool('jest/bin/jest.js'),
      '--testTimeout=60000',
      '--rootDir',
      'j',
      '--config',
      'j/package.json',
    ]
    const { code, stdout, stderr } = await project.node(...startOf(args))
    expect(code, stdout + stderr).toBe(0)
  })

  it('is tested by Jest in CommonJS through ts-jest, with the two settings of the docs', async () => {
    const settings = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
    // The workspace has ts-jest, where a project has its own.
    const [[pattern = '', [, options] = []] = []] = Object.entries<readonly [string, object]>(settings.transform)
    const transform = { [pattern]: [require.resolve('ts-jest'), options] }
    const config = { ...settings, transform, testMatch: ['**/*.spec.ts'], testEnvironment: 'node' }
    project.write('t/jest.config.json', JSON.stringify(config))
    project.write('t/package.json', '{ "type": "commonjs" }')
    project.write(
      't/tsconfig.json',
      '{ "compilerOptions": { "module": "commonjs", "target": "es2022", "allowJs": true } }',
    )
    project.write('t/vault.spec.ts', test(`const ${named} = require('@mcpvault/core')`))
    const { code, stdout, stderr } = await project.node(
      tool('jest/bin/jest.js'),
      '--testTimeout=60000',
      '--config',
      't/jest.config.json',
    )
    expect(code, stdout + stderr).toBe(0)
  })
})

function startOf([first = '', ...rest]: readonly string[]): [string, ...string[]] {
  return [first, ...rest]
}

/** What webpack found wrong. */
function bundled(options: webpack.Configuration): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    webpack(options, (error, stats) => {
      if (error !== null || stats === undefined) return reject(error ?? new Error('webpack gave no result'))
      const { errors = [], warnings = [] } = stats.toJson({ all: false, errors: true, warnings: true })
      resolve([...errors, ...warnings].map(({ message }) => message))
    })
  })
}
