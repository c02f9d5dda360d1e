// Fresh stores in temporary folders, once for each driver that this Node has.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type OwnDatabase, openDatabase } from '../../src/client.ts'
import { type SqliteDriver, type SqliteStore, sqliteStore } from '../../src/index.ts'

/** Tests run once for each of these. */
export const drivers: readonly SqliteDriver[] =
  process.getBuiltinModule?.('node:sqlite') === undefined ? ['libsql'] : ['libsql', 'node:sqlite']

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A migrated store in a file of its own. */
export async function freshStore(
  driver: SqliteDriver,
): Promise<{ readonly store: SqliteStore; readonly path: string }> {
  const path = join(temporaryFolder(), 'vault.db')
  const store = openStore({ path, driver })
  await store.migrate()
  return { store, path }
}

/** A store that is closed after the test. */
export function openStore({ path, driver }: { path: string; driver: SqliteDriver }): SqliteStore {
  const store = sqliteStore({ path }, { driver })
  onTestFinished(() => store.close())
  return store
}

/**
 * A connection as a caller has it, without any of the store's settings. It must be of the store's own driver: two
 * SQLite libraries in one process do not see each other's locks.
 */
export function plainDatabase(path: string, driver: SqliteDriver): OwnDatabase {
  const database = openDatabase(path, driver)
  onTestFinished(() => {
    try {
      database.close()
    } catch {
      // The test has closed it.
    }
  })
  return database
}
