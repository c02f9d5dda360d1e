// How statements reach the database: which pool, whose rows, one statement or a transaction, once the schema is there.
import { setTimeout as wait } from 'node:timers/promises'
import { type CallOptions, isVaultError } from '@mcpvault/core'
import { backOffMs } from '@mcpvault/core/adapter'
import { type Connection, type PostgresPool, withConnection } from './client.ts'
import { isConflict, storeError } from './errors.ts'
import type { ReplicaReads } from './replica.ts'
import type { Statements } from './statements.ts'

export interface EngineOptions {
  readonly pool: PostgresPool
  /** For calls that serve no principal; present with row security. */
  readonly operatorPool: PostgresPool | undefined
  readonly replica: ReplicaReads | undefined
  readonly sql: Statements
  /** Throws unless the schema is this release's, and the server what the store is for. */
  inspect(connection: Connection): Promise<void>
}

export type Work<T> = (connection: Connection) => Promise<T>

export interface Engine {
  readonly sql: Statements
  /** Reads on the primary server. */
  read<T>(options: CallOptions | undefined, work: Work<T>): Promise<T>
  /** Reads on the replica when it is there and has all that this process wrote, else on the primary server. */
  readAnywhere<T>(options: CallOptions | undefined, work: Work<T>): Promise<T>
  /** Work of one statement, which is a transaction by itself. */
  write<T>(options: CallOptions | undefined, work: Work<T>): Promise<T>
  /** Work of several statements, all or none. */
  transact<T>(options: CallOptions | undefined, work: Work<T>): Promise<T>
  /** Whether a call is held to what its principal may see, and cannot share a statement with others. */
  isNarrowed(options: CallOptions | undefined): boolean
  /** Looks past the row security: what the caller's own rows cannot tell. */
  readAll<T>(options: CallOptions | undefined, work: Work<T>): Promise<T>
}

/** A transaction that gave way to another one is tried again so often; nothing of it was written. */
const mostTries = 10

export function postgresEngine({ pool, operatorPool, replica, sql, inspect }: EngineOptions): Engine {
  let isReady = false

  async function ready(connection: Connection): Promise<void> {
    if (isReady) return
    await inspect(connection)
    isReady = true
  }

  const poolFor = (options: CallOptions | undefined): PostgresPool =>
    operatorPool !== undefined && options?.principal === undefined ? operatorPool : pool

  const isNarrowed = (options: CallOptions | undefined): boolean =>
    operatorPool !== undefined && options?.principal !== undefined

  function on<T>(chosen: PostgresPool, options: CallOptions | undefined, work: Work<T>): Promise<T> {
    return translated(options, () =>
      withConnection(chosen, options, async (connection) => {
        await ready(connection)
        return await work(connection)
      }),
    )
  }

  function inTransaction<T>(chosen: PostgresPool, options: CallOptions | undefined, work: Work<T>): Promise<T> {
    return on(chosen, options, async (connection) => {
      for (let tries = 1; ; tries += 1) {
        try {
          await connection.rows(sql.begin)
          if (isNarrowed(options)) await connection.rows(sql.setPrincipal, [options?.principal])
          const result = await work(connection)
          await connection.rows(sql.commit)
          return result
        } catch (error) {
          // After a failed commit there is nothing to roll back, and the server only warns of it.
          await connection.rows(sql.rollback)
          if (!isConflict(error) || tries >= mostTries || options?.signal?.aborted) throw error
          await wait(backOffMs(tries))
        }
      }
    })
  }

  const run = <T>(options: CallOptions | undefined, work: Work<T>): Promise<T> =>
    isNarrowed(options) ? inTransaction(pool, options, work) : on(poolFor(options), options, work)

  async function written<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      // Also after a failure, whose outcome is not known, and after a lost race, which shows that there is news.
      replica?.wrote()
    }
  }

  return {
    sql,
    read: run,
    async readAnywhere(options, work) {
      if (replica === undefined || isNarrowed(options)) return run(options, work)
      try {
        const chosen = await translated(options, () => replica.choose(options))
        if (chosen !== undefined) return await on(chosen, options, work)
      } catch (error) {
        // A replica that is away, or ends a query for the sake of its replay, is no reason to fail.
        if (!isVaultError(error) || !error.retryable) throw error
      }
      return run(options, work)
    },
    write: (options, work) => written(() => retried(options, () => run(options, work))),
    transact: (options, work) => written(() => inTransaction(poolFor(options), options, work)),
    isNarrowed,
    readAll: (options, work) => on(operatorPool ?? pool, options, work),
  }
}

/** One statement that gave way to another transaction did nothing, and may try again. */
async function retried<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const gaveWay = error instanceof Error && isConflict(error.cause)
      if (!gaveWay || tries >= mostTries || options?.signal?.aborted) throw error
      await wait(backOffMs(tries))
    }
  }
}

async function translated<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (options?.signal?.aborted) throw options.signal.reason
    throw storeError(error)
  }
}
