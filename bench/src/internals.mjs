// Bundles what the bench needs and no built package has: parts of core, to measure each alone, and the test kit.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { root } from './paths.mjs'

// Below the bench, so that what a bundle leaves out is found among its packages.
const folder = join(root, 'bench', '.cache', 'internals')
const parts = {
  envelope: 'packages/core/src/envelope/index.ts',
  access: 'packages/core/src/access/index.ts',
  redact: 'packages/mcp/src/redact/index.ts',
  servers: 'packages/testkit/src/install/find-servers.ts',
  testkit: 'packages/testkit/src/services/index.ts',
}

/** Bundles afresh; it takes a second. */
export async function buildInternals() {
  const entries = Object.entries(parts).flatMap(([part, path]) => [`--entry.${part}`, path])
  const output = [
    '--format',
    'esm',
    '--target',
    'node20',
    '--out-dir',
    folder,
    '--clean',
    '--no-config',
    '--silent',
    '--external',
    'pg',
    '--external',
    'ioredis',
  ]
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js')
  await promisify(execFile)(process.execPath, [tsup, ...entries, ...output], { cwd: root })
}

/** @returns {Promise<typeof import('../../packages/core/src/envelope/index.ts')>} */
export async function loadEnvelope() {
  return await import(pathToFileURL(join(folder, 'envelope.js')).href)
}

/** @returns {Promise<typeof import('../../packages/core/src/access/index.ts')>} */
export async function loadAccess() {
  return await import(pathToFileURL(join(folder, 'access.js')).href)
}

/** @returns {Promise<typeof import('../../packages/mcp/src/redact/index.ts')>} */
export async function loadRedact() {
  return await import(pathToFileURL(join(folder, 'redact.js')).href)
}

/** @returns {Promise<typeof import('../../packages/testkit/src/services/index.ts')>} */
export async function loadTestkit() {
  return await import(pathToFileURL(join(folder, 'testkit.js')).href)
}

/** @returns {Promise<typeof import('../../packages/testkit/src/install/find-servers.ts')>} */
export async function loadServerFinders() {
  return await import(pathToFileURL(join(folder, 'servers.js')).href)
}
