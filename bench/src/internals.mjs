// Bundles parts of core that its public entry does not show, so that the bench can measure each alone.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { benchCache, root } from './paths.mjs'

const folder = join(benchCache, 'internals')
const parts = ['envelope', 'access']

/** Bundles afresh; it takes a second. */
export async function buildInternals() {
  const entries = parts.flatMap((part) => [`--entry.${part}`, `packages/core/src/${part}/index.ts`])
  const output = ['--format', 'esm', '--target', 'node20', '--out-dir', folder, '--clean', '--no-config', '--silent']
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
