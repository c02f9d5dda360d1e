// Where the kit keeps what it installs: a folder of the checkout that git ignores.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The root of the workspace, found from where the program runs; the kit may be bundled, so its own place says nothing. */
export function workspaceRoot(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder
    if (dirname(folder) === folder) throw new Error('The test kit works inside of its workspace only.')
  }
}

/** Servers that packages carry are installed here, once. */
export function servicesCache(): string {
  return process.env['MCPVAULT_TEST_CACHE'] ?? join(workspaceRoot(), '.cache', 'services')
}
