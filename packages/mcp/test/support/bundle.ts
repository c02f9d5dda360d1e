// Programs of the tests, bundled from their sources into one file that Node runs, and removed after the test file.
import { mkdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

/** Below this package's `node_modules`, so that what stays outside of the bundle is found. */
const folder = fileURLToPath(new URL(`../../node_modules/.cache/programs-${process.pid}/`, import.meta.url))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The path of the program that is made of a source. */
export async function bundleProgram(source: URL): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const outfile = `${folder}${basename(source.pathname, '.ts')}.mjs`
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['mcpvault-source'],
    external: ['@modelcontextprotocol/*', 'zod', 'cross-spawn'],
    logLevel: 'error',
  })
  return outfile
}
