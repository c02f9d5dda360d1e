// Makes a small workspace in a temporary folder, whose files import what a test names.
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A file, and what it imports. */
export type Import = readonly [path: string, specifier: string, ...rest: readonly string[]]

/** What the imports lead to; these files import nothing. */
const targets = [
  ...[
    'errors',
    'bytes',
    'envelope',
    'keys',
    'access',
    'audit',
    'stores',
    'providers',
    'vault',
    'testing',
    'adapter',
  ].map((folder) => `packages/core/src/${folder}/index.ts`),
  'packages/core/src/index.ts',
  'packages/core/src/time/index.ts',
  'packages/core/src/stores/memory/index.ts',
  'packages/core/src/envelope/seal.ts',
  'packages/core/src/operator/b.ts',
  'packages/core/src/vault/b.ts',
  'packages/core/src/vault/names.ts',
  'packages/core/test/helper.ts',
  'packages/redis/src/index.ts',
  'packages/redis/src/client.ts',
  'packages/redis/test/helper.ts',
  'packages/redis/test/two-ways/d.ts',
  'packages/sqlite/src/index.ts',
  'packages/testkit/src/eventually.ts',
  'bench/src/paths.ts',
  'test/files.ts',
  'tsup.base.ts',
  'vitest.repo.config.ts',
] as const

const exportsOfCore = {
  '.': { 'mcpvault-source': './src/index.ts' },
  './adapter': { 'mcpvault-source': './src/adapter/index.ts' },
  './testing': { 'mcpvault-source': './src/testing/index.ts' },
}
const manifests = {
  core: { exports: exportsOfCore, devDependencies: { 'lru-cache': '1', zod: '1' } },
  redis: {
    exports: { '.': { 'mcpvault-source': './src/index.ts' } },
    dependencies: { libsql: '1' },
    peerDependencies: { '@mcpvault/core': '1', ioredis: '1' },
    devDependencies: { '@mcpvault/testkit': '1', ioredis: '1', pg: '1' },
  },
  sqlite: { exports: { '.': { 'mcpvault-source': './src/index.ts' } } },
  testkit: { exports: { './eventually': './src/eventually.ts' } },
}

/** A folder, and the paths of all sources in it. */
export interface Tree {
  readonly folder: string
  readonly paths: readonly string[]
}

/** A file that is named more than once has several imports. `texts` are files as they are written. */
export function makeTree(imports: readonly Import[], texts: ReadonlyMap<string, string>): Tree {
  // macOS has its temporary folder behind a link, and files are resolved to their real paths.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpvault-layers-')))
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const sources = new Map<string, string>([...targets.map((path) => [path, 'export const a = 1\n'] as const), ...texts])
  for (const [path, specifier] of imports) {
    sources.set(path, `${sources.get(path) ?? ''}export { a as a${sources.size} } from '${specifier}'\n`)
  }
  for (const [path, text] of sources) write(path, text)
  for (const [name, manifest] of Object.entries(manifests)) {
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@mcpvault/${name}`, ...manifest }))
    mkdirSync(join(folder, 'node_modules/@mcpvault'), { recursive: true })
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@mcpvault', name))
  }
  for (const name of ['ioredis', 'libsql', 'lru-cache', 'pg', 'zod']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    write(`node_modules/${name}/index.js`, 'exports.a = 1\n')
  }
  write('package.json', '{}')
  return { folder, paths: [...sources.keys()] }
}
