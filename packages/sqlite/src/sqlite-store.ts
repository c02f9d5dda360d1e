// The SQLite store: where its database is, what it can do, and its five parts put together.
import { type Awaitable, type CallOptions, type Clock, systemClock, VaultError, type VaultStore } from '@mcpvault/core'
import { type MigrationReport, ownOptions, refuseOtherClient } from '@mcpvault/core/adapter'
import { sqliteAudit } from './audit.ts'
import { openDatabase, type SqliteDatabase, type SqliteDriver, sqliteClient } from './client.ts'
import { sqliteDataKeys } from './data-keys.ts'
import { type Connection, sqliteEngine } from './engine.ts'
import { storeError } from './errors.ts'
import { ensurePrivateFile } from './files.ts'
import { settingsOf } from './inspect.ts'
import { refuseForeignLog } from './leftover-log.ts'
import { sqliteLocks, sqliteMeta } from './meta-locks.ts'
import { sqliteSecrets } from './secrets.ts'

/**
 * Where the database is: a file that the store opens and closes, or a database that the caller opened (better-sqlite3,
 * libsql or `node:sqlite`), which the store never closes or configures.
 */
export type SqliteSource = { readonly path: string } | { readonly database: SqliteDatabase }

export interface SqliteStoreOptions {
  /** Opens `path` with this driver. Default: `node:sqlite` where Node has it, else `libsql`. One process, one driver. */
  readonly driver?: SqliteDriver
  /**
   * How long one call waits for the locks of other connections, in milliseconds. Default: 10,000. A vault ends the wait
   * after `limits.storeMs`, if that is shorter, and sends a write once more, since it cannot tell then what became of it.
   */
  readonly busyLimitMs?: number
  /** Decides when locks expire and how long a wait has been. Default: the machine's clock. */
  readonly clock?: Clock
}

/** A store in one SQLite database. */
export interface SqliteStore extends VaultStore {
  /**
   * Makes or updates the schema. Safe when several processes do it at once, and a no-op when it is there already.
   * Throws `VAULT_CONFIG_INVALID` when a step that the database had is not the one of this release, and
   * `VAULT_STORE_NOT_READY` when a newer release made the schema.
   */
  migrate(options?: CallOptions): Awaitable<MigrationReport>
  /** What SQLite finds wrong with the file; nothing when it is sound. Reads the whole database. */
  integrity(options?: CallOptions): Awaitable<readonly string[]>
  /** Closes a database opened by `path`. Calls after it throw `VAULT_STORE_FAILED`. */
  close(): void
  /** `using store = sqliteStore(...)` closes it at the end of the block. */
  [Symbol.dispose](): void
}

/**
 * Makes a store in one SQLite database. A file is created with mode 0600; `:memory:` is a database for tests. Reads and
 * a write that comes alone answer with plain values. Writes that come together answer with promises, since they share
 * one transaction, and so does every call while another connection holds the lock that it needs.
 *
 * Throws `VAULT_CONFIG_INVALID` for another `source`, when the file cannot be made, when other users can read it, and when no driver can be
 * loaded. Call `migrate()` once before use; until then every operation throws `VAULT_STORE_NOT_READY`.
 *
 * @example
 * const store = sqliteStore({ path: 'vault.db' })
 * await store.migrate()
 * const vault = createVault({ keys: keyFromEnv(), store })
 */
export function sqliteStore(source: SqliteSource, given: SqliteStoreOptions = {}): SqliteStore {
  const options = ownOptions(given)
  const { clock = systemClock, busyLimitMs = 10_000 } = options
  const connection = connect(source, options.driver)
  const engine = sqliteEngine({ connection, busy: { clock, random: Math.random, limitMs: busyLimitMs } })
  return {
    id: 'sqlite',
    supports: { transactions: true, watch: false, durability: durabilityOf(connection), writers },
    secrets: sqliteSecrets(engine),
    dataKeys: sqliteDataKeys(engine),
    audit: sqliteAudit(engine),
    meta: sqliteMeta(engine),
    locks: sqliteLocks(engine, clock),
    migrate: engine.migrate,
    integrity: engine.integrity,
    close: engine.close,
    [Symbol.dispose]: engine.close,
  }
}

/** More at a time gain little: by then most of the time is spent on each write, and little on the commit they share. */
const writers = 32

function connect(source: SqliteSource, driver: SqliteDriver | undefined): Connection {
  if (typeof source !== 'object' || source === null) throw invalid('source', `must be an object, as ${paths}.`)
  if ('database' in source) {
    refuseOtherClient(source.database, wantedDatabase)
    return { kind: 'given', database: source.database }
  }
  const { path } = source
  if (typeof path !== 'string' || path === '') throw invalid('path', `must be the path of a file, as ${paths}.`)
  if (path === ':memory:') return { kind: 'own', database: openDatabase(path, driver), file: undefined }
  const real = ensurePrivateFile(path)
  refuseForeignLog({ file: real, driver })
  return { kind: 'own', database: openDatabase(real, driver), file: real }
}

const paths = "sqliteStore({ path: 'vault.db' }) has it"
const wantedDatabase = {
  field: 'database',
  wanted: 'a database of better-sqlite3, libsql or node:sqlite',
  functions: ['prepare', 'exec'],
} as const

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}

/** A caller's connection is as durable as the caller has set it. */
function durabilityOf(connection: Connection): 'strict' | 'best-effort' {
  if (connection.kind === 'own') return connection.file === undefined ? 'best-effort' : 'strict'
  try {
    const { file, isSynchronous } = settingsOf(sqliteClient(connection.database))
    return file !== '' && isSynchronous ? 'strict' : 'best-effort'
  } catch (error) {
    throw storeError(error)
  }
}
