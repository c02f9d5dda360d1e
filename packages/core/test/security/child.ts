// A child process of a test, bundled into one file in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** Bundles a source file. The new folder, with nothing else in it, is removed when the test has finished. */
export async function bundledChild(source: URL): Promise<{ readonly folder: string; readonly child: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-child-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const child = join(folder, 'child.mjs')
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  return { folder, child }
}
