// A pool as a pooler in transaction mode makes it: what the driver takes for one connection is another at each transaction.
import type pg from 'pg'
import type { PostgresClient, PostgresPool, PostgresQuery } from '../../src/client.ts'

export interface TransactionPooler {
  readonly pool: PostgresPool
  /** What was sent, and whether it was prepared under a name. */
  readonly sent: PostgresQuery[]
  end(): Promise<void>
}

/**
 * Gives the driver clients that each keep one set of prepared names, while every transaction runs on the next of
 * `servers` connections, which was never told of them.
 */
export function transactionPooler(servers: readonly pg.PoolClient[]): TransactionPooler {
  const sent: PostgresQuery[] = []
  /** The names that the driver of the one client believes the server to have. */
  const believed = new Map<string, string>()
  let next = 0
  let inTransaction: pg.PoolClient | undefined

  async function query(statement: PostgresQuery): Promise<{ readonly rows: unknown[] }> {
    sent.push(statement)
    const server = inTransaction ?? servers[next++ % servers.length]
    if (server === undefined) throw new Error('A pooler needs a server.')
    inTransaction = statement.text === 'BEGIN' ? server : inTransaction
    if (/^(?:COMMIT|ROLLBACK)$/.test(statement.text)) inTransaction = undefined
    // The driver's own record of what is prepared, which lies with the connection that it takes for the server's.
    const { parsedStatements } = (server as unknown as ParsedBy).connection // Not in the types of pg.
    if (statement.name !== undefined) {
      if (believed.has(statement.name)) parsedStatements[statement.name] = statement.text
      else delete parsedStatements[statement.name]
    }
    const answer = await server.query(statement)
    if (statement.name !== undefined) believed.set(statement.name, statement.text)
    return answer
  }

  const [first] = servers
  const client = new Proxy(first as unknown as PostgresClient, {
    get(target, property) {
      if (property === 'query') return query
      if (property === 'release') return () => undefined
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    sent,
    pool: { connect: async () => client, options: { max: 1 } },
    async end() {
      for (const server of servers) server.release(true)
    },
  }
}

interface ParsedBy {
  readonly connection: { readonly parsedStatements: Record<string, string> }
}
