// Copies of a vault's file: a backup while it is in use, and the way back in place of a file and its log.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { VaultError } from '@mcpvault/core'
import { type Client, openDatabase, type SqliteDriver, sqliteClient } from './client.ts'
import { isBusy, isSchemaMissing, storeError } from './errors.ts'
import { createPrivateFile, realPathOf, unusable } from './files.ts'
import { immutableUrl, refuseForeignLog } from './leftover-log.ts'
import { sql } from './statements.ts'

/** Which file is copied, and to where. */
export interface SqliteFileCopy {
  readonly from: string
  readonly to: string
  /** As for `sqliteStore`; the one that this process opens the vault with. */
  readonly driver?: SqliteDriver
}

/**
 * Writes a backup of the vault at `from` into the new file `to`, with mode 0600, while processes may use the vault. The
 * copy is as the vault was at one moment; it is checked, and on disk, when this returns. It takes about as long as
 * reading and writing the file twice, and blocks the event loop meanwhile.
 *
 * Throws `VAULT_CONFIG_INVALID` when `from` is not a vault or `to` exists or cannot be made, and `VAULT_STORE_FAILED`
 * when the copy fails; then there is no file at `to`.
 *
 * @example
 * backupSqliteFile({ from: 'vault.db', to: 'backup.db' })
 */
export function backupSqliteFile({ from, to, driver }: SqliteFileCopy): void {
  const source = existingFile(from)
  const target = realPathOf(to, 'to')
  if (statSync(target, { throwIfNoEntry: false }) !== undefined) throw unusable('must not exist yet.', { field: 'to' })
  refuseForeignLog({ file: source, driver, field: 'from' })
  const copyInto = (path: string): void =>
    withDatabase({ path: source, driver }, (client) => client.exec(`VACUUM main INTO ${textOf(path)}`))
  putInPlace({ target, driver, copyInto })
}

/**
 * Puts the backup at `from` in place of the vault at `to`, which need not exist: at once, with mode 0600, and without
 * the log that is beside the old file, which SQLite would replay over the backup. The backup is checked before, and stays
 * as it is. Blocks the event loop for about as long as reading and writing the file twice.
 *
 * Throws `VAULT_CONFIG_INVALID` when `from` is not a whole, sound backup of a vault or a process has `to` open, and
 * `VAULT_STORE_FAILED` when the disk fails; then the file at `to` is as it was.
 *
 * @example
 * restoreSqliteFile({ from: 'backup.db', to: 'vault.db' })
 */
export function restoreSqliteFile({ from, to, driver }: SqliteFileCopy): void {
  const source = existingFile(from)
  const target = realPathOf(to, 'to')
  if (source === target) throw unusable('must be another file than from.', { field: 'to' })
  for (const suffix of ['-wal', '-journal']) {
    if ((statSync(`${source}${suffix}`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw unusable('must be a whole file, without a log beside it: use backupSqliteFile(), or close the store.', {
        field: 'from',
      })
    }
  }
  const copyInto = (path: string): void =>
    withDatabase({ path: ':memory:', driver }, (client) => {
      client.exec(`ATTACH ${textOf(immutableUrl(source))} AS attached`)
      client.exec(`VACUUM attached INTO ${textOf(path)}`)
    })
  putInPlace({ target, driver, copyInto })
}

/** A literal: libsql keeps a file open for as long as a prepared statement is not collected. */
function textOf(path: string): string {
  return `'${path.replaceAll("'", "''")}'`
}

function existingFile(path: string): string {
  const real = realPathOf(path, 'from')
  if (statSync(real, { throwIfNoEntry: false })?.isFile()) return real
  throw unusable('must be an existing file.', { field: 'from' })
}

interface Placing {
  readonly target: string
  readonly driver: SqliteDriver | undefined
  /** Writes the copy into an empty file. */
  copyInto(path: string): void
}

/** The old file stays until the copy is checked and on disk, and nobody ever sees half of it. */
function putInPlace({ target, driver, copyInto }: Placing): void {
  const path = `${target}.copy-${randomBytes(8).toString('hex')}`
  try {
    createPrivateFile(path)
    makeCopy({ path, driver, copyInto })
    sync(path, 'r+')
    refuseInUse({ path: target, driver })
    renameSync(path, target)
    // Only now: until then they belong to the file that was there.
    for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${target}${suffix}`, { force: true })
    // Windows does not open folders.
    if (process.platform !== 'win32') sync(dirname(target), 'r')
  } catch (error) {
    throw storeError(error)
  } finally {
    for (const suffix of ['', '-journal']) rmSync(`${path}${suffix}`, { force: true })
  }
}

function makeCopy({ path, driver, copyInto }: Omit<Placing, 'target'> & { readonly path: string }): void {
  try {
    copyInto(path)
    withDatabase({ path, driver }, (client) => {
      if (client.all(sql.migrations).length === 0) throw unusable('must be a vault.', { field: 'from' })
      if (client.all(sql.integrity).some(([problem]) => problem !== 'ok')) throw unsound()
      // So that a log of the original is never taken for its own.
      client.run(sql.newCopy)
    })
  } catch (error) {
    if (isSchemaMissing(error)) throw unusable('must be a vault.', { field: 'from', cause: error })
    if (isDamaged(error)) throw unsound(error)
    throw error
  }
}

function unsound(cause?: unknown): VaultError {
  return unusable('must be a sound SQLite database.', { field: 'from', cause })
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
function isDamaged(error: unknown): boolean {
  return error instanceof Error && /malformed|not a database/.test(error.message)
}

/** Every process that uses the file holds a lock on it that this one waits for in vain. */
function refuseInUse({ path, driver }: { readonly path: string; readonly driver: SqliteDriver | undefined }): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return
  try {
    withDatabase({ path, driver }, (client) => client.exec(sql.lockAlone))
  } catch (error) {
    // A damaged file may be replaced; the stores that have it open refuse to write when they find it exchanged.
    if (!isBusy(error)) return
    throw unusable('must be a file that no process has open: stop them first.', { field: 'to', cause: error })
  }
}

interface Opened {
  readonly path: string
  readonly driver: SqliteDriver | undefined
}

function withDatabase({ path, driver }: Opened, use: (client: Client) => void): void {
  const database = openDatabase(path, driver)
  const client = sqliteClient(database)
  try {
    use(client)
  } finally {
    client.forget()
    database.close()
  }
}

function sync(path: string, flags: string): void {
  const fd = openSync(path, flags)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
