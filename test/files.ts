// Lists the files of the repository that git knows or would add, so that generated files are left out.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The root of the repository. */
export const root = join(import.meta.dirname, '..')

/** Paths from the root, sorted, with forward slashes; a file deleted but not yet committed is left out. */
export function repositoryFiles(): readonly string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  const paths = output.toString('utf8').split('\0')
  return [...new Set(paths)].filter((path) => path !== '' && existsSync(join(root, path))).sort()
}

/** The text of one file of the repository. */
export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
