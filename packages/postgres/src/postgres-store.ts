// The Postgres store: its options, what it can do, and its five parts put together.
import { type CallOptions, type Clock, systemClock, VaultError, type VaultStore } from '@mcpvault/core'
import {
  changeMessages,
  type MigrationReport,
  ownOptions,
  refuseOtherClient,
  type StoreLogger,
  safeLogger,
} from '@mcpvault/core/adapter'
import { postgresAudit } from './audit.ts'
import { inTransaction, type PostgresPool, withConnection } from './client.ts'
import { postgresDataKeys } from './data-keys.ts'
import { postgresEngine } from './engine.ts'
import { freshestReads } from './freshest-reads.ts'
import { inspectorOf, inspectServer } from './inspect.ts'
import { surviveLostConnections } from './lost-connections.ts'
import { postgresLocks, postgresMeta } from './meta-locks.ts'
import { migrateSchema } from './migrate.ts'
import { replicaChoice } from './replica.ts'
import { rowSecurity } from './row-security.ts'
import { anywhereReads, primaryReads } from './secret-reads.ts'
import { postgresSecrets } from './secrets.ts'
import { statementsOf } from './statements.ts'
import { postgresWatch } from './watch.ts'

export interface PostgresStoreOptions {
  /** The pool of the caller, on a database of the encoding UTF8. The store never closes or configures it. */
  readonly pool: PostgresPool
  /** Where the tables are. Default `public`. */
  readonly schema?: string
  /**
   * Shows each principal only its own and its shared rows, by policies of the database. Takes `operatorPool`, and a
   * role for `pool` that neither owns the tables nor has BYPASSRLS. Default false.
   */
  readonly rls?: boolean
  /** With `rls`: for what serves no principal, such as the audit trail; its role owns the tables or has BYPASSRLS. */
  readonly operatorPool?: PostgresPool
  /** One streaming replica, read when it is there and has all that this process wrote. */
  readonly replica?: PostgresPool
  /** Notifies other processes of changed data keys, and listens for theirs on one connection of the pool. Default false. */
  readonly watch?: boolean
  /**
   * `named` statements are parsed once on each connection. `unnamed` ones are parsed at each call, in the same round
   * trip: for a pooler in transaction mode that does not keep prepared statements, such as PgBouncer before 1.21. Such a
   * pooler does not notify, so `unnamed` excludes `watch`. Default `named`.
   */
  readonly preparedStatements?: 'named' | 'unnamed'
  /**
   * `strict` refuses a server that acknowledges a commit before it is on the disk, with `VAULT_CONFIG_INVALID` at the
   * first use. `best-effort` takes any. Default `strict`.
   */
  readonly durability?: 'strict' | 'best-effort'
  /**
   * Gets warnings of idle connections that broke, of a server that is no longer what the store needs, and of connections to other
   * machines without TLS. Default: the console.
   */
  readonly logger?: StoreLogger
  /** For the waits of `watch`, and for when a connection is inspected again. Default: the machine's clock. */
  readonly clock?: Clock
}

/** A store in a schema of a Postgres database. */
export interface PostgresStore extends VaultStore {
  /**
   * Makes or updates the schema, by a role that may, and mends one that was renamed. Safe when several processes do it at
   * once, and a no-op when it is there already. Throws `VAULT_CONFIG_INVALID` when a step that the database had is not
   * the one of this release, when its encoding is not UTF8, or when the server is a standby or less durable than
   * `durability` says; `VAULT_STORE_NOT_READY` when a newer release made the schema.
   */
  migrate(options?: CallOptions): Promise<MigrationReport>
}

/** The size of a pool of `pg` that says nothing of it. */
const defaultConnections = 10
const wantedPool = { wanted: 'a Pool of pg, as new Pool(...) makes it', functions: ['connect'] } as const
/** Batched writes need no connection each; this many fill the batches under way. */
const batchedWrites = 32

/**
 * Makes a store on the caller's pool. Call `migrate()` once before use; until then every operation throws
 * `VAULT_STORE_NOT_READY`. Throws `VAULT_CONFIG_INVALID` for `rls` without `operatorPool`, for `watch` with
 * `preparedStatements: 'unnamed'`, and for what is no `Pool` of `pg`.
 *
 * @example
 * const store = postgresStore({ pool: new Pool(postgresUrl(process.env.DATABASE_URL)) })
 * await store.migrate()
 * const vault = createVault({ keys: keyFromEnv(), store })
 */
export function postgresStore(given: PostgresStoreOptions): PostgresStore {
  const options = ownOptions(given)
  const { pool, schema = 'public', rls = false, replica, watch = false, durability = 'strict' } = options
  const { operatorPool, clock = systemClock, preparedStatements = 'named' } = options
  const logger = safeLogger(options.logger ?? console)
  for (const [field, each] of Object.entries({ pool, operatorPool, replica })) {
    if (field === 'pool' || each !== undefined) refuseOtherClient(each, { field, ...wantedPool })
  }
  if (rls && operatorPool === undefined) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'operatorPool',
      detail: 'must be given with rls: it is the pool for what serves no principal.',
    })
  }
  if (preparedStatements !== 'named' && preparedStatements !== 'unnamed') throw invalid(namedOrUnnamed)
  if (watch && preparedStatements === 'unnamed') throw invalid(withoutWatch)
  const sql = statementsOf({ schema, notifies: watch, preparedStatements })
  const inspection = { sql, schema, durability, logger, clock }
  for (const each of [pool, operatorPool, replica]) if (each !== undefined) surviveLostConnections(each, logger)
  const engine = postgresEngine({
    pool,
    operatorPool: rls ? operatorPool : undefined,
    replica: replica === undefined ? undefined : replicaChoice({ primary: pool, replica, sql }),
    sql,
    inspectorOf: (use) => inspectorOf(use, inspection),
  })
  const messages = changeMessages()
  const connections = Math.max(1, pool.options?.max ?? defaultConnections)
  const primary = primaryReads(engine)
  const secretReads = replica === undefined ? primary : freshestReads({ anywhere: anywhereReads(engine), primary })
  const store: PostgresStore = {
    id: 'postgres',
    supports: {
      transactions: true,
      watch,
      durability,
      writers: rls ? connections : Math.max(connections, batchedWrites),
    },
    secrets: postgresSecrets(engine, secretReads),
    dataKeys: postgresDataKeys(engine, messages),
    audit: postgresAudit(engine),
    meta: postgresMeta(engine),
    locks: postgresLocks(engine),
    migrate: (call) =>
      withConnection(operatorPool ?? pool, call, async (connection) => {
        await inspectServer(connection, inspection)
        return await inTransaction(connection, async () => {
          const report = await migrateSchema(connection, { sql, schema })
          if (rls) for (const text of rowSecurity(schema)) await connection.rows({ text })
          return report
        })
      }),
  }
  return watch ? { ...store, watch: postgresWatch({ pool, sql, clock, messages }) } : store
}

const namedOrUnnamed = "must be 'named' or 'unnamed'."
const withoutWatch =
  "must be 'named' with watch: where statements need no names, a connection is shared and does not listen."

function invalid(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'preparedStatements', detail })
}
