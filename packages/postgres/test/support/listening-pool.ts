// A pool that remembers what is sent through it.
import type { PostgresClient, PostgresPool } from '../../src/client.ts'

export interface ListeningPool {
  readonly pool: PostgresPool
  /** The names of the prepared statements. */
  readonly sent: string[]
  /** The texts of all statements. */
  readonly texts: string[]
}

/** With `facts`, its clients say this of themselves. */
export function listeningTo(
  pool: PostgresPool,
  facts: Partial<Pick<PostgresClient, 'host' | 'ssl'>> = {},
): ListeningPool {
  const sent: string[] = []
  const texts: string[] = []
  const known = new WeakMap<PostgresClient, PostgresClient>()
  /** A client stays one object for as long as its connection, as in a pool of `pg`. */
  const listening = (client: PostgresClient): PostgresClient => {
    const proxy = known.get(client) ?? proxyOf(client)
    known.set(client, proxy)
    return proxy
  }
  const proxyOf = (client: PostgresClient): PostgresClient =>
    new Proxy(client, {
      get(target, property) {
        if (property === 'query') {
          return (query: Parameters<PostgresClient['query']>[0]) => {
            texts.push(query.text)
            if (query.name !== undefined) sent.push(query.name.replace(/^mcpvault_[0-9a-f]+_/, ''))
            return target.query(query)
          }
        }
        const value: unknown = Reflect.get(property in facts ? facts : target, property)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { sent, texts, pool: { connect: async () => listening(await pool.connect()) } }
}
