// Whether the log beside a file that is about to be opened belongs to it. SQLite itself replays any log that is there.
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { VaultError } from '@mcpvault/core'
import { openDatabase, type SqliteDriver, sqliteClient } from './client.ts'
import { attached } from './statements.ts'

export interface FileToOpen {
  /** A real path. */
  readonly file: string
  readonly driver: SqliteDriver | undefined
  /** The option that names the file. */
  readonly field?: string
}

const logHeaderBytes = 32

/** A row of `mcpvault_file`. */
interface Mark {
  readonly copy: string
  readonly log: number
}

/**
 * Throws `VAULT_CONFIG_INVALID` when a log is beside the file that was not written on top of it: a backup was put back
 * over a file whose log was left. The log is read before the file, since other processes may be at work on both, and
 * then the file alone grows nearer to the log.
 */
export function refuseForeignLog({ file, driver, field = 'path' }: FileToOpen): void {
  // After every clean end, so that this costs one look.
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= logHeaderBytes) return
  const before = readFileAlone({ file, driver })
  const log = readLog(`${file}-wal`, before?.rootPage)
  if (log === undefined) return
  // What VACUUM INTO makes is in no WAL mode, and SQLite writes no log before the file is.
  if (writeVersionOf(file) === 1) throw foreignLogError(field)
  const mark = readFileAlone({ file, driver })?.mark
  if (log.mark === undefined || mark === undefined) return
  if (log.mark.copy !== mark.copy || log.mark.log > mark.log + 1) throw foreignLogError(field)
}

function foreignLogError(field: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', {
    detail:
      'must not have the log of another file beside it (-wal): a backup was put back without restoreSqliteFile(). ' +
      'Put it back again with that, while no process has the file open.',
    field,
  })
}

/** The file's mark without its log; undefined when it has none. */
function readFileAlone({ file, driver }: FileToOpen): { readonly mark: Mark; readonly rootPage: number } | undefined {
  const database = openDatabase(':memory:', driver)
  try {
    const client = sqliteClient(database)
    client.run(attached.attach, immutableUrl(file))
    const rootPage = client.get(attached.rootPage)?.[0]
    const [copy, log] = client.get(attached.mark) ?? []
    // A crash can leave pages of other tables here, which the log then has in full.
    if (rootPage === undefined || !isId(copy) || typeof log !== 'number') return undefined
    return { mark: { copy, log }, rootPage }
  } catch {
    // No database, or one without the table. SQLite reports what is wrong with it when it is opened.
    return undefined
  } finally {
    database.close()
  }
}

function isId(copy: unknown): copy is string {
  return typeof copy === 'string' && /^[0-9A-F]{32}$/.test(copy)
}

/** SQLite reads such a file without its log, and takes no lock. */
export function immutableUrl(file: string): string {
  return `${pathToFileURL(file).href}?immutable=1`
}

const frameHeaderBytes = 24
/** A mark is in one of the first transactions of a log. */
const maxFrames = 20_000

/** What a log begins with: undefined when there is none that SQLite would replay. */
function readLog(path: string, rootPage: number | undefined): { readonly mark: Mark | undefined } | undefined {
  const fd = openIfThere(path)
  if (fd === undefined) return undefined
  try {
    const header = readAt(fd, { offset: 0, bytes: logHeaderBytes })
    if (header === undefined || header.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1) return undefined
    const frameBytes = frameHeaderBytes + header.readUInt32BE(8)
    const salts = header.subarray(16, 24)
    for (let index = 0; index < maxFrames; index += 1) {
      const offset = logHeaderBytes + index * frameBytes
      const frame = readAt(fd, { offset, bytes: frameHeaderBytes })
      // What follows is of the log before, or the end.
      if (frame === undefined || !frame.subarray(8, 16).equals(salts)) {
        return index === 0 ? undefined : { mark: undefined }
      }
      if (frame.readUInt32BE(0) !== rootPage) continue
      const page = readAt(fd, { offset: offset + frameHeaderBytes, bytes: frameBytes - frameHeaderBytes })
      const mark = page && markOf(page)
      if (mark !== undefined) return { mark }
    }
    return { mark: undefined }
  } finally {
    closeSync(fd)
  }
}

/** SQLite's form of a table with one row, whose columns are of a fixed length: the lengths, a key of 1, 16 bytes, 6 bytes. */
const rowHead = Buffer.from('1a0104002c05', 'hex')

function markOf(page: Buffer): Mark | undefined {
  if (page[0] !== 0x0d || page.readUInt16BE(3) !== 1) return undefined
  const row = page.subarray(page.readUInt16BE(8))
  if (row.length < 28 || !row.subarray(0, 6).equals(rowHead)) return undefined
  return { copy: row.subarray(6, 22).toString('hex').toUpperCase(), log: row.readUIntBE(22, 6) }
}

/** By device and number of the file: open for as long as the process is. */
const keptOpen = new Map<string, number>()

/**
 * The byte that is 1 in a file with a rollback journal and 2 in one with a WAL. The file is then kept open, since closing
 * it would drop the locks that SQLite holds on it elsewhere in this process. Windows drops none, and moves no open file.
 */
function writeVersionOf(file: string): number | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const id = `${stat.dev}:${stat.ino}`
  const fd = keptOpen.get(id) ?? openSync(file, 'r')
  const version = readAt(fd, { offset: 18, bytes: 1 })?.[0]
  if (process.platform === 'win32') closeSync(fd)
  else keptOpen.set(id, fd)
  return version
}

function openIfThere(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : openSync(path, 'r')
}

function readAt(
  fd: number,
  { offset, bytes }: { readonly offset: number; readonly bytes: number },
): Buffer | undefined {
  const buffer = Buffer.alloc(bytes)
  return readSync(fd, buffer, 0, bytes, offset) === bytes ? buffer : undefined
}
