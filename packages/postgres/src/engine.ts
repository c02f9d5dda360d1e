// How work reaches the database, in four steps: a connection, a principal, a transaction, and retries of conflicts.
import { setTimeout as wait } from 'node:timers/promises'
import { type CallOptions, isVaultError } from '@mcpvault/core'
import { backOffMs } from '@mcpvault/core/adapter'
import { type Connection, inTransaction, type PostgresPool, withConnection } from './client.ts'
import { isConflict } from './errors.ts'
import type { Inspector, PoolUse } from './inspect.ts'
import type { ReplicaChoice } from './replica.ts'
import type { Statements } from './statements.ts'

export interface EngineOptions {
  readonly pool: PostgresPool
  /** For calls that serve no principal; present with row security. */
  readonly operatorPool: PostgresPool | undefined
  readonly replica: ReplicaChoice | undefined
  readonly sql: Statements
  /** Looks whether a pool leads to a server and a schema that are what the store is for. */
  inspectorOf(use: PoolUse): Inspector
}

interface Target {
  readonly pool: PostgresPool
  readonly inspector: Inspector
}

export type Work<T> = (connection: Connection) => Promise<T>

/** Runs work of one statement, which is a transaction by itself. */
export type Run = <T>(options: CallOptions | undefined, work: Work<T>) => Promise<T>

export interface Engine {
  readonly sql: Statements
  /** Reads on the primary server. */
  readonly read: Run
  /** Reads on the replica when it is there and has all that this process wrote, else on the primary server. */
  readonly readAnywhere: Run
  readonly write: Run
  /** Reads past the row security: what the caller's own rows cannot tell. */
  readonly readAll: Run
  /** Whether a call is held to what its principal may see, and cannot share a statement with others. */
  isNarrowed(options: CallOptions | undefined): boolean
}

const maxAttempts = 10

export function postgresEngine({ pool, operatorPool, replica, sql, inspectorOf }: EngineOptions): Engine {
  const trusted: Target = { pool: operatorPool ?? pool, inspector: inspectorOf('all') }
  const ofPrincipals: Target = { pool, inspector: inspectorOf('principals') }
  const copies = inspectorOf('replica')
  const isNarrowed: Engine['isNarrowed'] = (options) => operatorPool !== undefined && options?.principal !== undefined
  const readAll: Run = (options, work) => connected(trusted, { options, work })

  return {
    sql,
    read: retried,
    readAll,
    isNarrowed,
    async readAnywhere(options, work) {
      if (replica === undefined || isNarrowed(options)) return retried(options, work)
      try {
        const chosen = await replica.choose(options)
        if (chosen !== undefined) return await connected({ pool: chosen, inspector: copies }, { options, work })
      } catch (error) {
        // A replica that is unavailable, or that cancels a query to go on with its replay, must not fail the read.
        if (!isVaultError(error) || !error.retryable) throw error
      }
      return retried(options, work)
    },
    write(options, work) {
      const written = retried(options, work)
      // Also after a failure, whose outcome is unknown, and after a lost race: the record has changed.
      return replica === undefined ? written : written.finally(replica.wrote)
    },
  }

  /** Retry: a serialization failure or deadlock changed nothing, and the same work can succeed the next time. */
  async function retried<T>(options: CallOptions | undefined, work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (isNarrowed(options) ? narrowed(options, work) : readAll(options, work))
      } catch (error) {
        const hasConflict = error instanceof Error && isConflict(error.cause)
        if (!hasConflict || attempt >= maxAttempts || options?.signal?.aborted) throw error
        await wait(backOffMs(attempt))
      }
    }
  }

  /** Principal and transaction: whose rows may be seen is a setting that ends with its transaction. */
  function narrowed<T>(options: CallOptions | undefined, work: Work<T>): Promise<T> {
    return connected(ofPrincipals, {
      options,
      work: (connection) =>
        inTransaction(connection, async () => {
          await connection.rows(sql.setPrincipal, [options?.principal])
          return await work(connection)
        }),
    })
  }

  /** Connection: to a server that was inspected on it. */
  function connected<T>(to: Target, call: { options: CallOptions | undefined; work: Work<T> }): Promise<T> {
    const { options, work } = call
    const atStart = to.inspector.isStarting()
    return withConnection(to.pool, options, (connection) =>
      to.inspector.isDue(connection, { atStart }) ? inspected(to.inspector, { connection, work }) : work(connection),
    )
  }
}

async function inspected<T>(
  inspector: Inspector,
  { connection, work }: { readonly connection: Connection; readonly work: Work<T> },
): Promise<T> {
  await inspector.inspect(connection)
  return await work(connection)
}
