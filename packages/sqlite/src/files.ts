// The database's files: found behind links, made for their owner alone, and refused when others can read them.
import { closeSync, lstatSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { VaultError } from '@mcpvault/core'

/** SQLite gives the files beside the database the mode of the database itself. */
const besides = ['', '-wal', '-shm', '-journal']

/** As many links as an operating system follows. */
const maxLinks = 40

/**
 * Creates the file with mode 0600 unless it exists, then looks at the modes. Returns its real path: behind a link SQLite
 * itself would make the files, with the mode that the umask gives. An existing file is never opened here: closing it
 * would drop the locks that SQLite holds on it elsewhere in this process.
 */
export function ensurePrivateFile(path: string): string {
  const real = realPathOf(path, 'path')
  try {
    createPrivateFile(real)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unusable('must be a place where a file can be created.', { cause: error })
  }
  requirePrivate(real)
  return real
}

/** Creates a file with mode 0600, whatever the umask allows. Throws when there is one. */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
}

/** The absolute path with every link followed, also where the last one leads to a file that is not there yet. */
export function realPathOf(path: string, field: string): string {
  const detail = oddityOf(path)
  if (detail !== undefined) throw unusable(detail, { field })
  // An absolute path is never taken for the URL of a remote database.
  return followLinks(resolve(path), field)
}

/** What another tool would take for something else than the name of a file. */

function oddityOf(path: string): string | undefined {
  if (path.trim() === '') return 'must not be empty.'
  if (path.includes('\0')) return 'must not contain a NUL character.'
  if (/^file:/i.test(path)) return 'must be a path, not a file: URL.'
  if (/^~(?:[/\\]|$)/.test(path)) return 'must not begin with ~, which only a shell replaces. Use os.homedir().'
  return undefined
}

function followLinks(path: string, field: string): string {
  let at = path
  try {
    for (let links = 0; links < maxLinks; links += 1) {
      const place = join(realpathSync(dirname(at)), basename(at))
      if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return place
      at = resolve(dirname(place), readlinkSync(place))
    }
  } catch (error) {
    throw unusable('must be a place where a file can be created.', { field, cause: error })
  }
  throw unusable('must not be a link that leads to itself.', { field })
}

/** Throws unless the database and the files beside it belong to their owner alone. */
export function requirePrivate(real: string, field = 'path'): void {
  for (const suffix of besides) {
    const stat = statSync(`${real}${suffix}`, { throwIfNoEntry: false })
    if (stat === undefined) continue
    if (!stat.isFile()) throw unusable('must be a regular file, also the files beside it.', { field })
    // Modes say nothing on Windows, where the folder's access list decides.
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      const detail = 'must be a file that its owner alone can reach: set mode 0600, also on the files beside it.'
      throw unusable(detail, { field })
    }
  }
}

export function unusable(
  detail: string,
  { field = 'path', cause }: { readonly field?: string; readonly cause?: unknown } = {},
): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { detail, field, cause })
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
