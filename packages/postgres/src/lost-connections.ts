// Keeps the process alive when a connection breaks that nobody uses.
import type { StoreLogger } from '@mcpvault/core/adapter'
import type { PostgresPool } from './client.ts'

/** Several stores may share a pool, and each loss is logged once. */
const listenedTo = new WeakSet<PostgresPool>()

/**
 * Listens for the `error` event of a pool. A pool emits it for each idle connection that a restart of the server breaks,
 * and without a listener that ends the process. The pool has dropped the connection by then and opens another.
 */
export function surviveLostConnections(pool: PostgresPool, logger: StoreLogger): void {
  if (pool.on === undefined || listenedTo.has(pool)) return
  listenedTo.add(pool)
  pool.on('error', (error) => {
    // The code alone: a message of the server may repeat what a client sent.
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
    logger.warn({ store: 'postgres', code }, 'An idle connection to the database was lost.')
  })
}
