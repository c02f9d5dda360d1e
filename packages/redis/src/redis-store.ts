// The Redis store: its options, what it can do, and its five parts put together.
import { type CallOptions, type Clock, systemClock, VaultError, type VaultStore } from '@mcpvault/core'
import {
  changeMessages,
  inspectionOf,
  type LookBefore,
  ownOptions,
  refuseOtherClient,
  type StoreLogger,
} from '@mcpvault/core/adapter'
import { redisAudit } from './audit.ts'
import type { RedisClient, RedisSubscriber } from './client.ts'
import { warnOfConnections } from './connections.ts'
import { redisDataKeys } from './data-keys.ts'
import { refuseUndurable, refuseWrongClient } from './durability.ts'
import { guarded, layout, redisEngine, requireLayout, textOf } from './engine.ts'
import { connectionEvents } from './events.ts'
import { keysOf } from './keys.ts'
import { redisLocks, redisMeta } from './meta-locks.ts'
import { senderOf } from './replies.ts'
import { redisSecrets } from './secrets.ts'
import { refuseSettings } from './settings.ts'
import { watchChannel } from './watch.ts'

export interface RedisStoreOptions {
  /** The client of the caller, of one server or of a cluster, which the store never closes or configures. */
  readonly client: RedisClient
  /** What every key begins with: letters, digits, `.`, `_`, `-` and `:`. Default `mcpvault`. */
  readonly prefix?: string
  /**
   * `strict` refuses a server that does not write its append-only file to the disk before it answers, or that removes
   * keys when its memory is full. It looks at the server before its first use, after each connection, and every 5 seconds
   * while it is used, and throws `VAULT_STORE_FAILED` for a secret that was evicted. `best-effort` takes any: what it acknowledged can be gone. Default `strict`.
   */
  readonly durability?: 'strict' | 'best-effort'
  /**
   * A second client that listens for changes by other processes. Changes by this process are then published too. In a
   * cluster it is a client of any one node.
   */
  readonly subscriber?: RedisSubscriber
  /**
   * Gets a warning when connections to another machine are not encrypted or its certificate is not verified, when a
   * connection fails, and when the server was changed so that it is no longer used.
   */
  readonly logger?: StoreLogger
  /** The time of the checks of the server and of a `subscriber`. Default: the machine's clock. */
  readonly clock?: Clock
}

/** A store under a prefix of keys. */
export interface RedisStore extends VaultStore {
  /**
   * Makes the prefix ready for use, and is a no-op when it is. Throws `VAULT_CONFIG_INVALID` when the server is less
   * durable than `durability` says or the client is of the wrong kind, and `VAULT_STORE_NOT_READY` when another release
   * made the keys.
   */
  migrate(options?: CallOptions): Promise<void>
}

/** Redis runs one write after the other; more than these at once would only wait. */
const writers = 16
const wanted = 'a client of ioredis, as new Redis(...) or new Cluster(...) makes it'

/**
 * Makes a store on the caller's client. Call `migrate()` once before use; until then every operation throws
 * `VAULT_STORE_NOT_READY`. Throws `VAULT_CONFIG_INVALID` for a prefix with other characters, for a client of another
 * driver, for a client of a cluster as `subscriber`, and for settings of the client that read from replicas or change replies.
 *
 * @example
 * const store = redisStore({ client: new Redis(process.env.REDIS_URL) })
 * await store.migrate()
 * const vault = createVault({ keys: keyFromEnv(), store })
 */
export function redisStore(given: RedisStoreOptions): RedisStore {
  const options = ownOptions(given)
  const { client, prefix = 'mcpvault', durability = 'strict', subscriber, logger, clock = systemClock } = options
  if (!/^[\w.:-]{1,100}$/.test(prefix)) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'prefix',
      detail: 'must be 1 to 100 letters, digits, dots, colons, hyphens or underscores.',
    })
  }
  refuseOtherClient(client, { field: 'client', wanted, functions: ['callBuffer'] })
  if (subscriber !== undefined) {
    refuseOtherClient(subscriber, { field: 'subscriber', wanted, functions: ['subscribe', 'unsubscribe', 'on', 'off'] })
  }
  if (subscriber?.isCluster === true) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'subscriber',
      detail: 'must be a client of one node: a client of a cluster does not notify when it may have missed a message.',
    })
  }
  refuseSettings(client)
  const keys = keysOf(prefix)
  const send = senderOf(client)
  const events = connectionEvents(client, logger)
  if (subscriber !== undefined) connectionEvents(subscriber, logger)
  const messages = subscriber === undefined ? undefined : changeMessages()

  let isWarned = false
  async function refuseServer(): Promise<void> {
    await refuseWrongClient(client)
    if (durability === 'strict') await refuseUndurable(client)
    if (!isWarned) warnOfConnections({ client, subscriber }, logger)
    isWarned = true
  }

  // The first command connects a client that is not, and only then a client of a cluster knows its nodes.
  const storedLayout = async (): Promise<string | undefined> => textOf(await send('GET', keys.schema))

  async function look({ wasUsable }: LookBefore): Promise<void> {
    const stored = await storedLayout()
    if (stored === undefined && !wasUsable) throw new VaultError('VAULT_STORE_NOT_READY')
    // When everything was evicted, this is what tells.
    await refuseServer()
    if (stored === undefined) throw emptied()
    requireLayout(stored)
  }

  const inspection = inspectionOf({ look, events, clock, logger, fields: { store: 'redis' } })
  const engine = redisEngine({ client, keys, durability, inspection })
  const store: RedisStore = {
    id: 'redis',
    supports: { transactions: engine.transactions, watch: messages !== undefined, durability, writers },
    secrets: redisSecrets(engine),
    dataKeys: redisDataKeys(engine, messages),
    audit: redisAudit(engine),
    meta: redisMeta(engine),
    locks: redisLocks(engine),
    migrate: (call) =>
      guarded(call, async () => {
        await storedLayout()
        await refuseServer()
        await send('SET', keys.schema, layout, 'NX')
        requireLayout(await storedLayout())
      }),
  }
  if (subscriber === undefined || messages === undefined) return store
  return {
    ...store,
    watch: (listener) => watchChannel({ subscriber, channel: keys.channel, messages, clock }, listener),
  }
}

function emptied(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    detail: 'Redis no longer has the keys of the vault: it was emptied, or another server answers. Restore its backup.',
    retryable: false,
  })
}
