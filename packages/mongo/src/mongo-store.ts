// The MongoDB store: its options, what the deployment can do, and its five parts put together.
import { isIP } from 'node:net'
import { type CallOptions, type Clock, systemClock, VaultError, type VaultStore } from '@mcpvault/core'
import { mongoAudit } from './audit.ts'
import { changesOf, silence } from './changes.ts'
import type { MongoClient, MongoSettings } from './client.ts'
import { type Collections, collectionsOf, indexes } from './collections.ts'
import { mongoDataKeys } from './data-keys.ts'
import { fieldsOf, guarded, layout, mongoEngine } from './engine.ts'
import { mongoLocks, mongoMeta } from './meta-locks.ts'
import { mongoSecrets } from './secrets.ts'

export interface MongoStoreOptions {
  /** The client of the caller, which the store never closes or configures. */
  readonly client: MongoClient
  /** The database of the collections. Default: the one that the client's address names. */
  readonly database?: string
  /** What the names of the collections begin with. Default `mcpvault_`. */
  readonly prefix?: string
  /**
   * Hears of what other processes change: by a change stream on a replica set, else by looking for notes every
   * `pollMs` milliseconds (default 2,000; more than 3,000 takes longer than the 5 seconds of the contract), which
   * every process then has to leave. Default: not at all.
   */
  readonly watch?: boolean | { readonly pollMs: number }
  /** Told when the client's connections can be read on their way. */
  readonly logger?: { warn(fields: Readonly<Record<string, unknown>>, message: string): void }
  /** For the waits of `watch`. Default: the machine's clock. */
  readonly clock?: Clock
}

/** A store in a MongoDB database. */
export interface MongoStore extends VaultStore {
  /** Makes the indexes, and is a no-op when they are there. Throws `VAULT_STORE_NOT_READY` for those of a newer release. */
  migrate(options?: CallOptions): Promise<void>
}

const usualPoolSize = 100
/** Each writer has a stream of the audit trail; more of them help no more. */
const mostWriters = 32
const usualPollMs = 2_000

/**
 * Makes a store on the caller's client, and asks the deployment what it can do: a replica set or a sharded cluster has
 * transactions, so that a write and its audit rows land together. Call `migrate()` once before use; until then every
 * operation throws `VAULT_STORE_NOT_READY`. Rejects with `VAULT_STORE_FAILED` when the deployment does not answer.
 *
 * @example
 * const store = await mongoStore({ client: new MongoClient(process.env.MONGODB_URL), database: 'app' })
 * await store.migrate()
 * const vault = createVault({ keys: keyFromEnv(), store })
 */
export async function mongoStore(options: MongoStoreOptions, call?: CallOptions): Promise<MongoStore> {
  const { client, prefix = 'mcpvault_', watch = false, clock = systemClock, logger } = options
  if (!/^[\w.-]{1,60}$/.test(prefix)) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'prefix',
      detail: 'It takes 1 to 60 letters, digits and signs of ._-',
    })
  }
  warnOfPlainConnections(client.options, logger)
  const database = client.db(options.database)
  const hello = await guarded(call, () => database.command({ hello: 1 }))
  const isReplicated = typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid'
  const at = collectionsOf(database, prefix)
  const engine = mongoEngine({ client, at, transactions: isReplicated })
  const pollMs = typeof watch === 'object' ? watch.pollMs : usualPollMs
  const changes =
    watch === false ? undefined : changesOf({ engine, database, prefix, clock, pollMs, streams: isReplicated })
  const writers = Math.min(client.options.maxPoolSize ?? usualPoolSize, mostWriters)
  const store: MongoStore = {
    id: 'mongo',
    supports: { transactions: isReplicated, watch: changes !== undefined, durability: 'strict', writers },
    secrets: mongoSecrets(engine),
    dataKeys: mongoDataKeys(engine, changes ?? silence),
    audit: mongoAudit(engine),
    meta: mongoMeta(engine),
    locks: mongoLocks(engine, async () => dateOf((await database.command({ hello: 1 }))['localTime'])),
    migrate: (migrateCall) => guarded(migrateCall, () => migrate(at)),
  }
  return changes === undefined ? store : { ...store, watch: changes.watch }
}

async function migrate(at: Collections): Promise<void> {
  const stored = fieldsOf(await at.meta.findOne({ _id: 'schema' }))?.['layout']
  if (stored !== undefined && stored !== layout) {
    throw new VaultError('VAULT_STORE_NOT_READY', {
      detail: 'Another release made these collections. Update the package.',
    })
  }
  for (const [name, wanted] of Object.entries(indexes)) {
    // The names of `indexes` are those of the collections.
    await at[name as keyof Collections].createIndexes(wanted.map((index) => ({ ...index })))
  }
  await at.meta.updateOne({ _id: 'schema' }, { $set: { layout } }, { upsert: true })
}

function dateOf(value: unknown): Date {
  if (value instanceof Date) return value
  throw new VaultError('VAULT_STORE_FAILED', { detail: 'The server did not tell its time.' })
}

function warnOfPlainConnections({ tls, hosts = [] }: MongoSettings, logger: MongoStoreOptions['logger']): void {
  const isLocal = hosts.every(({ host, socketPath }) => socketPath !== undefined || isLoopback(host ?? ''))
  if (tls !== true && !isLocal) logger?.warn({ store: 'mongo' }, 'The connections to the database are not encrypted.')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
