// Stores on a real Redis, one server or a cluster: a prefix for each store.
import type { RedisServer } from '@mcpvault/testkit'
import { Cluster, Redis } from 'ioredis'
import { type RedisStoreOptions, redisStore } from '../../src/index.ts'
import { tamperWith } from './tamper.ts'

/** Where a server is. */
export type Node = Pick<RedisServer, 'host' | 'port'>

let prefixes = 0

export function clientOn(server: Node, options = {}): Redis {
  const client = new Redis({ host: server.host, port: server.port, ...options })
  // The tests look at what calls throw; the client emits events for broken connections besides.
  client.on('error', () => {})
  return client
}

/** A client of one server, or of the cluster of several. */
export function clientOfNodes(nodes: readonly Node[]): Redis | Cluster {
  const [node] = nodes
  return node !== undefined && nodes.length === 1 ? clientOn(node) : clusterClientOn({ nodes })
}

export function clusterClientOn({ nodes }: { readonly nodes: readonly Node[] }): Cluster {
  const client = new Cluster(nodes.map(({ host, port }) => ({ host, port })))
  client.on('error', () => {})
  return client
}

/** A migrated store under a prefix of its own. */
export async function freshStore(client: RedisStoreOptions['client'], options: Partial<RedisStoreOptions> = {}) {
  prefixes += 1
  const prefix = options.prefix ?? `vault:${process.pid}:${prefixes}`
  const open = (more: Partial<RedisStoreOptions> = {}) => redisStore({ client, prefix, ...options, ...more })
  const store = open()
  await store.migrate()
  return { store, prefix, open, tamper: tamperWith(client, prefix) }
}
