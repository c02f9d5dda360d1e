// SQLite as the store opens it, for floors on the same driver: a plain connection and its settings.
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'

// The driver is a dependency of the store's package, and found from there.
const requireAsStore = createRequire(import.meta.resolve('@mcpvault/sqlite'))

/**
 * Opens a database with the driver that the store takes on this Node.
 *
 * @param {string} path
 * @param {'FULL' | 'OFF'} synchronous OFF for filling test data quickly
 */
export function openSqlite(path, synchronous) {
  // The store takes no file that others may read, and SQLite gives the files beside it the same mode.
  closeSync(openSync(path, 'a', 0o600))
  const builtIn = process.getBuiltinModule('node:sqlite')
  const Database = builtIn?.DatabaseSync ?? requireAsStore('libsql')
  const database = new Database(path)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA busy_timeout = 1000;`)
  return database
}

/** The driver's name, for notes. */
export const sqliteDriver = process.getBuiltinModule('node:sqlite') === undefined ? 'libsql' : 'node:sqlite'
