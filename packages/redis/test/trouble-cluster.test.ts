// A cluster whose connections break after any byte and whose slots move: nothing acknowledged is lost or doubled.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { nextRevision, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, type FaultProxy, startProxy, startRedisCluster } from '@mcpvault/testkit'
import { errorOf, expectKept, setThroughCuts } from '@mcpvault/testkit/suites'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { clusterClientOn, freshStore } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

describeWith('a Redis cluster behind a bad network', startRedisCluster, (cluster) => {
  let direct: Cluster
  let proxies: readonly FaultProxy[]
  beforeAll(async () => {
    direct = clusterClientOn(cluster())
    proxies = await Promise.all(cluster().nodes.map((node) => startProxy(node)))
  })
  afterAll(async () => {
    direct.disconnect()
    for (const proxy of proxies) await proxy.stop()
  })

  /** A client that reaches every node through its proxy, also the ones that the cluster tells it of. */
  function clientThroughProxies(): Cluster {
    const nodes = cluster().nodes.map((node, index) => ({ node, proxy: proxies[index] }))
    const natMap = Object.fromEntries(
      nodes.flatMap(({ node, proxy }) =>
        proxy === undefined ? [] : [[`${node.host}:${node.port}`, { host: proxy.host, port: proxy.port }]],
      ),
    )
    const client = new Cluster(
      proxies.map(({ host, port }) => ({ host, port })),
      { natMap, clusterRetryStrategy: () => 10, retryDelayOnFailover: 10, retryDelayOnClusterDown: 10 },
    )
    client.on('error', () => {})
    return client
  }

  /** How many connections the nodes have seen, which shows that some were cut and opened again. */
  async function connectionsMade(): Promise<number> {
    const infos = await Promise.all(cluster().nodes.map(({ call }) => call('INFO', 'stats')))
    const counts = infos.map((info) => Number(/total_connections_received:(\d+)/.exec(String(info))?.[1]))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  test('loses no acknowledged write and writes none twice', async () => {
    const { prefix, store: plain } = await freshStore(direct)
    const client = clientThroughProxies()
    const vault = createVault({
      keys,
      store: redisStore({ client, prefix }),
      limits: { storeMs: 2_000, versions: 100 },
    })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    expect(proxies.every((proxy) => proxy.connections() > 0)).toBe(true)
    const before = await connectionsMade()
    const acknowledged = await setThroughCuts({ scope, proxies, acknowledgedAbove: 20 })
    expect(await connectionsMade()).toBeGreaterThan(before + 20)
    await vault.close()
    client.disconnect()
    await expectKept({ store: plain, keys, acknowledged })
  })
})

describeWith('a Redis cluster that moves slots', startRedisCluster, (cluster) => {
  test('is followed through MOVED and ASK', async () => {
    const client = clusterClientOn(cluster())
    const { store, prefix } = await freshStore(client)
    let record = sampleSecret()
    await store.secrets.put(record, { ifRevision: 0 })
    const tag = `${Buffer.from(record.ref.owner).toString('base64url')}.${Buffer.from(record.ref.server).toString('base64url')}`
    const slot = Number(await cluster().nodes[0]?.call('CLUSTER', 'KEYSLOT', `${prefix}:secrets:{${tag}}`))
    const from = Math.min(2, Math.floor((slot * 3) / 16_384))
    const put = async () => {
      const next = nextRevision(record)
      expect(await store.secrets.put(next, { ifRevision: record.revision })).toBe(true)
      record = next
      expect((await store.secrets.find(record.ref, 'current'))?.revision).toBe(record.revision)
    }
    await cluster().moveSlot({
      slot,
      from,
      to: (from + 1) % 3,
      async underway() {
        expect((await store.secrets.find(record.ref, 'current'))?.revision).toBe(record.revision)
        // A script meets a key that is in neither place yet, and the server asks for it again later.
        const next = nextRevision(record)
        const answer = await errorOf(() => store.secrets.put(next, { ifRevision: record.revision }))
        if (answer instanceof Error) expect(answer).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
        else record = next
      },
    })
    await put()
    client.disconnect()
  })
})
