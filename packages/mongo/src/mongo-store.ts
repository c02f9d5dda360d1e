// The MongoDB store: its options, what the deployment can do, and its five parts put together.
import { type CallOptions, type Clock, systemClock, VaultError, type VaultStore } from '@mcpvault/core'
import { inspectionOf, ownOptions, refuseOtherClient, type StoreLogger } from '@mcpvault/core/adapter'
import { mongoAudit } from './audit.ts'
import type { MongoClient } from './client.ts'
import { collectionsOf, collectionsUnder, settings } from './collections.ts'
import { warnOfConnections } from './connections.ts'
import { mongoDataKeys } from './data-keys.ts'
import { guarded, mongoEngine, signalOnly } from './engine.ts'
import { connectionEvents } from './events.ts'
import { mongoLocks, mongoMeta } from './meta-locks.ts'
import { lookAt, migrate } from './schema.ts'
import { mongoSecrets } from './secrets.ts'
import { notedChanges, notifyNobody, streamedChanges } from './watch.ts'

export interface MongoStoreOptions {
  /** The client of the caller, which the store never closes or configures. */
  readonly client: MongoClient
  /** The database of the collections. Default: the one that the client's address names. */
  readonly database?: string
  /** What the names of the collections begin with. Default `mcpvault_`. */
  readonly prefix?: string
  /**
   * Listens for changes by other processes: by a change stream on a replica set. A standalone server is polled every
   * `pollMs` milliseconds (default 2,000; with more than 3,000 it may take longer than 5 seconds) for notes, and then
   * every process needs this option, since the one that makes a change leaves the note. Default: does not listen.
   */
  readonly watch?: boolean | { readonly pollMs: number }
  /**
   * Gets a warning when connections to another machine are not encrypted or its certificate is not verified, and when
   * the database was changed so that it is no longer used.
   */
  readonly logger?: StoreLogger
  /** The time of `watch` and of the checks of the database. Default: the machine's clock. */
  readonly clock?: Clock
}

/** A store in a MongoDB database. */
export interface MongoStore extends VaultStore {
  /** Creates the indexes, and is a no-op when they are there. Throws `VAULT_STORE_NOT_READY` for those of another release. */
  migrate(options?: CallOptions): Promise<void>
}

/** That of the driver. */
const defaultPoolSize = 100
const wantedClient = 'a MongoClient of mongodb, as new MongoClient(...) makes it'
/** Each writer has a stream of the audit trail; more of them are no faster. */
const maxWriters = 32
const defaultPollMs = 2_000

/**
 * Makes a store on the caller's client, and asks the deployment what it can do: a replica set or a sharded cluster has
 * transactions, so that a write and its audit rows land together. Call `migrate()` once before use; until then every
 * operation throws `VAULT_STORE_NOT_READY`. Rejects with `VAULT_CONFIG_INVALID` for what is no `MongoClient`, and with
 * `VAULT_STORE_FAILED` when the deployment does not answer.
 *
 * @example
 * const store = await mongoStore({ client: new MongoClient(process.env.MONGODB_URL), database: 'app' })
 * await store.migrate()
 * const vault = createVault({ keys: keyFromEnv(), store })
 */
export async function mongoStore(given: MongoStoreOptions, call?: CallOptions): Promise<MongoStore> {
  const options = ownOptions(given)
  const { client, prefix = 'mcpvault_', watch = false, clock = systemClock, logger } = options
  if (!/^[\w.-]{1,60}$/.test(prefix)) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'prefix',
      detail: 'must be 1 to 60 letters, digits, dots, hyphens or underscores.',
    })
  }
  refuseOtherClient(client, { field: 'client', wanted: wantedClient, functions: ['db', 'startSession'] })
  const database = client.db(options.database, { ...settings })
  const hello = await guarded(call, () => database.command({ hello: 1 }, signalOnly(call?.signal)))
  warnOfConnections(client.options, { hello, logger })
  const isReplicated = typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid'
  const at = collectionsOf(database, prefix)
  const inspection = inspectionOf({
    look: (before) => lookAt({ at, database }, before),
    events: connectionEvents(client),
    clock,
    logger,
    fields: { store: 'mongo' },
  })
  const engine = mongoEngine({ client, at, transactions: isReplicated, inspection })
  const pollMs = typeof watch === 'object' ? watch.pollMs : defaultPollMs
  const makeChanges = isReplicated ? streamedChanges : notedChanges
  const changes = watch === false ? undefined : makeChanges({ engine, database, prefix, clock, pollMs })
  const writers = Math.min(client.options.maxPoolSize ?? defaultPoolSize, maxWriters)
  const store: MongoStore = {
    id: 'mongo',
    supports: { transactions: isReplicated, watch: changes !== undefined, durability: 'strict', writers },
    secrets: mongoSecrets(engine),
    dataKeys: mongoDataKeys(engine, changes?.notify ?? notifyNobody),
    audit: mongoAudit(engine),
    meta: mongoMeta(engine),
    locks: mongoLocks(engine, async (options) =>
      dateOf((await database.command({ hello: 1 }, signalOnly(options?.signal)))['localTime']),
    ),
    migrate: (migrateCall) => guarded(migrateCall, () => migrate(collectionsUnder(at, migrateCall?.signal))),
  }
  return changes === undefined ? store : { ...store, watch: changes.watch }
}

function dateOf(value: unknown): Date {
  if (value instanceof Date) return value
  throw new VaultError('VAULT_STORE_FAILED', { detail: 'The server did not send its time.' })
}
