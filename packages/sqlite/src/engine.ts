// How every operation reaches the database: the connection set up, the schema there, locks of others waited for.
import { type Awaitable, type CallOptions, VaultError } from '@mcpvault/core'
import type { MigrationReport } from '@mcpvault/core/adapter'
import { type BusyPolicy, busyRetry } from './busy-retry.ts'
import { type Client, type OwnDatabase, type SqliteDatabase, sqliteClient } from './client.ts'
import { migrateSchema, requireSchema } from './migrate.ts'
import { connectionPragmas } from './schema.ts'
import { sql } from './statements.ts'
import type { Work } from './transaction.ts'
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
  | { readonly kind: 'own'; readonly database: OwnDatabase; readonly isFile: boolean }
  | { readonly kind: 'given'; readonly database: SqliteDatabase }

export function sqliteEngine({ connection, busy }: EngineOptions): Engine {
  const client = sqliteClient(connection.database)
  let isSetUp = connection.kind === 'given'
  let isReady = false
  let isClosed = false

  function setUp(): Client {
    if (isClosed) throw new VaultError('VAULT_STORE_FAILED', { detail: 'The store is closed.', retryable: false })
    if (isSetUp || connection.kind === 'given') return client
    client.exec(connectionPragmas)
    client.exec(sql.useWal)
    if (connection.isFile && client.get(sql.journalMode)?.[0] !== 'wal') {
      throw new VaultError('VAULT_CONFIG_INVALID', {
        detail: 'must be on a file system that can hold a WAL.',
        field: 'path',
      })
    }
    isSetUp = true
    return client
  }

  function ready(): Client {
    if (isReady) return client
    requireSchema(setUp())
    isReady = true
    return client
  }

  const withoutSchema = busyRetry(setUp, busy)
  const { write, flush } = writeQueue({ ready, busy })

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
      if (isSetUp) emptyWal(client)
      connection.database.close()
    },
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
