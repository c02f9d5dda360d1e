// Programs that tests run in processes of their own: each is bundled from its sources into one file that Node runs.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface ProgramOptions {
  /** The file of the program, within the `test` folder of its package. */
  readonly entry: URL
  /** Packages that are not bundled, such as drivers. */
  readonly external: readonly string[]
}

export interface BundledProgram {
  /** What Node runs. */
  readonly path: string
  remove(): void
}

let programs = 0

/** Bundles a program into the folder of packages beside its entry, so that it finds what stays outside there. */
export async function bundleProgram({ entry, external }: ProgramOptions): Promise<BundledProgram> {
  programs += 1
  const [folder] = fileURLToPath(entry).split(/[/\\]test[/\\]/)
  const path = `${folder}/node_modules/.cache/program-${process.pid}-${programs}.mjs`
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: [...external],
    conditions: ['mcpvault-source'],
    logLevel: 'error',
  })
  return { path, remove: () => rmSync(path, { force: true }) }
}
