// The Redis store: its options, what it can do, and its five parts put together.
import { type CallOptions, type Clock, systemClock, VaultError, type VaultStore } from '@mcpvault/core'
import { redisAudit } from './audit.ts'
import type { RedisClient, RedisSubscriber } from './client.ts'
import { redisDataKeys } from './data-keys.ts'
import { refuseUndurable, refuseWrongClient } from './durability.ts'
import { guarded, layout, redisEngine, textOf } from './engine.ts'
import { keysOf } from './keys.ts'
import { redisLocks, redisMeta } from './meta-locks.ts'
import { type StoreLogger, warnOfPlainConnections } from './plain-connections.ts'
import { redisSecrets } from './secrets.ts'
import { listen } from './watch.ts'

export interface RedisStoreOptions {
  /** The client of the caller, of one server or of a cluster, which the store never closes or configures. */
  readonly client: RedisClient
  /** What every key begins with: letters, digits, `.`, `_`, `-` and `:`. Default `mcpvault`. */
  readonly prefix?: string
  /**
   * `strict` refuses a server that does not write its append-only file to the disk before it answers, or that removes
   * keys when its memory is full. `best-effort` takes any: what it acknowledged can be gone. Default `strict`.
   */
  readonly durability?: 'strict' | 'best-effort'
  /**
   * A second client, for hearing of what other processes change. Writes then tell of themselves. It is one server's; in
   * a cluster that may be any node.
   */
  readonly subscriber?: RedisSubscriber
  /** Told when connections to another machine are not encrypted. */
  readonly logger?: StoreLogger
  /** For the waits of a `subscriber`. Default: the machine's clock. */
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

/** Redis takes one write after the other; so many are under way on one connection. */
const writers = 16

/**
 * Makes a store on the caller's client. Call `migrate()` once before use; until then every operation throws
 * `VAULT_STORE_NOT_READY`. Throws `VAULT_CONFIG_INVALID` for a prefix with other signs, and for a cluster's client
 * as `subscriber`.
 *
 * @example
 * const store = redisStore({ client: new Redis(process.env.REDIS_URL) })
 * await store.migrate()
 * const vault = createVault({ keys: keyFromEnv(), store })
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, prefix = 'mcpvault', durability = 'strict', subscriber, logger, clock = systemClock } = options
  if (!/^[\w.:-]{1,100}$/.test(prefix)) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'prefix',
      detail: 'It takes 1 to 100 letters, digits and signs of .:_-',
    })
  }
  if (subscriber?.isCluster === true) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'subscriber',
      detail: "A cluster's client does not tell when it missed something. Give a client of one of the nodes.",
    })
  }
  const keys = keysOf(prefix)

  async function inspect(): Promise<void> {
    warnOfPlainConnections(client, logger)
    await refuseWrongClient(client)
    if (durability === 'strict') await refuseUndurable(client)
  }

  const engine = redisEngine({ client, keys, tells: subscriber !== undefined, inspect })
  const watch = subscriber !== undefined
  const store: RedisStore = {
    id: 'redis',
    supports: { transactions: engine.transactions, watch, durability, writers },
    secrets: redisSecrets(engine),
    dataKeys: redisDataKeys(engine),
    audit: redisAudit(engine),
    meta: redisMeta(engine),
    locks: redisLocks(engine),
    migrate: (call) =>
      guarded(call, async () => {
        await inspect()
        await client.callBuffer('SET', keys.schema, layout, 'NX')
        const stored = textOf(await client.callBuffer('GET', keys.schema))
        if (stored === layout) return
        throw new VaultError('VAULT_STORE_NOT_READY', {
          detail: 'Another release made these keys. Update the package.',
        })
      }),
  }
  if (subscriber === undefined) return store
  return {
    ...store,
    watch: (listener) => listen({ subscriber, channel: keys.channel, origin: engine.origin, clock }, listener),
  }
}
