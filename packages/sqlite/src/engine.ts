// How every operation reaches the database: the connection set up, the schema there, locks of others waited for.
import { type Awaitable, type CallOptions, VaultError } from '@mcpvault/core'
import type { MigrationReport } from '@mcpvault/core/adapter'
import { type BusyPolicy, busyRetry } from './busy-retry.ts'
import { type Client, type OwnDatabase, type SqliteDatabase, sqliteClient } from './client.ts'
import { isSchemaMissing } from './errors.ts'
import { watchFiles } from './file-watch.ts'
import { inspectConnection, type Settings } from './inspect.ts'
import { logMark } from './log-mark.ts'
import { migrateSchema, requireSchema } from './migrate.ts'
import { connectionPragmas } from './schema.ts'
import { sql } from './statements.ts'
import { transact, type Work } from './transaction.ts'
import { writeQueue } from './write-queue.ts'

/** Runs operations on one connection. Each attempt is synchronous; only waiting for a lock or for other writes is not. */
export interface Engine {
  /** Runs a read. */
  read<T>(attempt: (client: Client) => T, options?: CallOptions): Awaitable<T>
  /** Runs a write transaction, together with others that come in the same turn of the event loop. */
  write<T>(work: Work<T>, options?: CallOptions): Awaitable<T>
  migrate(options?: CallOptions): Awaitable<MigrationReport>
  integrity(options?: CallOptions): Awaitable<readonly string[]>
  close(): void
}

export interface EngineOptions {
  readonly connection: Connection
  readonly busy: BusyPolicy
}

/** A file that this store opened, or a database that its caller keeps. */
export type Connection =
  | { readonly kind: 'own'; readonly database: OwnDatabase; readonly file: string | undefined }
  | { readonly kind: 'given'; readonly database: SqliteDatabase }

export function sqliteEngine({ connection, busy }: EngineOptions): Engine {
  const { kind, database } = connection
  const field = kind === 'own' ? 'path' : 'database'
  const client = sqliteClient(database)
  // Begun here, so that it knows the file that was just opened.
  let watch = kind === 'own' && connection.file !== undefined ? watchFiles(connection.file) : undefined
  watch?.look([''])
  const mark = kind === 'own' && connection.file !== undefined ? logMark(connection.file) : undefined
  let settings: Settings | undefined
  let lookedAtMs = 0
  let isReady = false
  let isClosed = false

  function setUp(): Client {
    if (isClosed) throw new VaultError('VAULT_STORE_FAILED', { detail: 'The store is closed.', retryable: false })
    const nowMs = busy.clock.monotonicMs()
    if (settings !== undefined && nowMs - lookedAtMs < lookEveryMs) return client
    if (settings === undefined && kind === 'own') {
      watch?.look([''])
      configure(client, connection.file)
    }
    const found = inspectConnection(client, { field, before: settings })
    if (kind === 'given' && found.journalMode !== settings?.journalMode) {
      watch = found.file === '' ? undefined : watchFiles(found.file)
    }
    settings = found
    lookAt(walFiles)
    lookedAtMs = nowMs
    return client
  }

  function lookAt(suffixes: readonly string[]): void {
    watch?.look(settings?.journalMode === 'wal' ? suffixes : [''])
  }

  function ready(): Client {
    setUp()
    if (isReady) return client
    requireSchema(client)
    // By now SQLite has made the log and its index.
    lookAt(walFiles)
    isReady = true
    return client
  }

  /** Before each write transaction, since what goes into a file that was removed is lost. */
  function readyToWrite(): Client {
    ready()
    lookAt(writtenFiles)
    mark?.begin(client)
    return client
  }

  function commit<T>(on: Client, work: Work<T>): T {
    const result = transact(on, work)
    mark?.follow(on)
    return result
  }

  const withoutSchema = busyRetry(setUp, busy)
  const { write, flush } = writeQueue({ ready: readyToWrite, busy, transact: commit })

  return {
    read: busyRetry(ready, busy),
    write,
    migrate: (options) => withoutSchema(() => migrateSchema(client, busy.clock.now()), options),
    integrity: (options) => withoutSchema(problemsOf, options),
    close() {
      if (isClosed) return
      flush()
      isClosed = true
      isReady = false
      client.forget()
      if (connection.kind === 'given') return
      if (settings !== undefined) emptyWal(client)
      mark?.close()
      connection.database.close()
    },
  }
}

/** How often the connection and its files are looked at while they are in use. */
const lookEveryMs = 250
const walFiles = ['', '-wal', '-shm']
const writtenFiles = ['', '-wal']

function configure(client: Client, file: string | undefined): void {
  client.exec(connectionPragmas)
  // A file without a WAL may be a copy, which must not take the log of its original for its own.
  if (client.get(sql.journalMode)?.[0] !== 'wal') beCopy(client)
  client.exec(sql.useWal)
  if (file !== undefined && client.get(sql.journalMode)?.[0] !== 'wal') {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      detail: 'must be on a file system that can hold a WAL.',
      field: 'path',
    })
  }
}

/** Before there is a log, so that the file itself has the new id. */
function beCopy(client: Client): void {
  try {
    client.run(sql.newCopy)
  } catch (error) {
    if (!isSchemaMissing(error)) throw error
  }
}

function problemsOf(client: Client): readonly string[] {
  const found = client.all(sql.integrity).map(([problem]) => problem)
  return found.filter((problem) => problem !== 'ok')
}

/** Statements of libsql hold the file until they are collected, so the WAL is emptied while it still can be. */
function emptyWal(client: Client): void {
  try {
    client.exec(sql.emptyWal)
  } catch {
    // Another connection is using it. What is in the WAL is as safe there.
  }
}
