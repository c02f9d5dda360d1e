// The database's files: made for their owner alone, and refused when others can read them.
import { closeSync, openSync, statSync } from 'node:fs'
import { VaultError } from '@mcpvault/core'

/** SQLite gives the files beside the database the mode of the database itself. */
const besides = ['', '-wal', '-shm', '-journal']

/**
 * Creates the file with mode 0600 unless it exists, then looks at the modes. An existing file is never opened here:
 * closing it would drop the locks that SQLite holds on it elsewhere in this process.
 */
export function ensurePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unusable('must be a place where a file can be created.', error)
  }
  // Modes say nothing on Windows, where the folder's access list decides.
  if (process.platform === 'win32') return
  for (const suffix of besides) {
    const mode = statSync(`${path}${suffix}`, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) !== 0)
      throw unusable('must be a file that its owner alone can reach: set mode 0600, also on the files beside it.')
  }
}

function unusable(detail: string, cause?: unknown): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { detail, field: 'path', cause })
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
