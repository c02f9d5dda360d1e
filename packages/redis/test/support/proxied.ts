// Stores that reach their servers through proxies, and the way around them.
import { type RedisCluster, type RedisServer, startProxy } from '@mcpvault/testkit'
import { type ClientWork, type ProxiedStore, untilIdle } from '@mcpvault/testkit/campaign'
import { Cluster, type Redis } from 'ioredis'
import { type RedisStoreOptions, redisStore } from '../../src/index.ts'
import { clientOn, freshStore } from './stores.ts'

type RedisClient = RedisStoreOptions['client']

const soon = () => 5

/** One server behind one proxy. */
export async function proxiedStore(server: RedisServer, direct: Redis): Promise<ProxiedStore> {
  const { prefix, store: plain } = await freshStore(direct)
  const proxy = await startProxy(server)
  const client = clientOn(proxy, { retryStrategy: soon })
  const { watched, work } = watchedClient(client)
  return {
    proxied: redisStore({ client: watched, prefix }),
    plain,
    proxies: [proxy],
    decided: () => untilIdle(work, () => direct.ping()),
    async close() {
      client.disconnect()
      await proxy.stop()
    },
  }
}

/** A proxy before each node; the client connects to them instead of the nodes. */
export async function proxiedClusterStore({ nodes }: RedisCluster, direct: Cluster): Promise<ProxiedStore> {
  const { prefix, store: plain } = await freshStore(direct)
  const pairs = await Promise.all(nodes.map(async (node) => ({ node, proxy: await startProxy(node) })))
  const proxies = pairs.map(({ proxy }) => proxy)
  const client = new Cluster(
    proxies.map(({ host, port }) => ({ host, port })),
    {
      natMap: Object.fromEntries(
        pairs.map(({ node, proxy: { host, port } }) => [`${node.host}:${node.port}`, { host, port }]),
      ),
      clusterRetryStrategy: soon,
      retryDelayOnFailover: soon(),
    },
  )
  client.on('error', () => {})
  const { watched, work } = watchedClient(client)
  return {
    proxied: redisStore({ client: watched, prefix }),
    plain,
    proxies,
    decided: () => untilIdle(work, () => Promise.all(nodes.map((node) => node.call('PING')))),
    async close() {
      client.disconnect()
      for (const proxy of proxies) await proxy.stop()
    },
  }
}

/** The same client, whose commands are counted: it goes on with those that nobody waits for any more. */
function watchedClient(client: Redis | Cluster): { readonly watched: RedisClient; readonly work: ClientWork } {
  const work = { begun: 0, underWay: 0 }
  const callBuffer: RedisClient['callBuffer'] = async (command, ...args) => {
    work.begun += 1
    work.underWay += 1
    try {
      return await client.callBuffer(command, ...args)
    } finally {
      work.underWay -= 1
    }
  }
  const watched =
    client instanceof Cluster
      ? { isCluster: true, nodes: (role: 'master') => client.nodes(role), callBuffer }
      : { options: client.options, callBuffer }
  return { watched, work }
}
