// Listening that begins late, fails at first, or loses its connection: changes meanwhile are notified as everything.
import { once } from 'node:events'
import type { StoreChange } from '@mcpvault/core'
import { sampleDataKey, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startProxy, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { expect, test } from 'vitest'
import { clientOfNodes, clientOn, freshStore } from './support/stores.ts'

describeWith('listening to Redis', startRedis, (server) => {
  test('[A27] that had to wait for its answer notifies that changes may have been missed', async () => {
    const proxy = await startProxy(server())
    const [client, subscriber] = [clientOn(server()), clientOn(proxy)]
    const { store, open } = await freshStore(client, { subscriber })
    if (subscriber.status !== 'ready') await once(subscriber, 'ready')
    proxy.stall()
    const notified: StoreChange[] = []
    const end = open().watch?.((change) => notified.push(change))
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    proxy.pass()
    await eventually(() => expect(notified).toContainEqual({ kind: 'everything' }))
    end?.()
    client.disconnect()
    subscriber.disconnect()
    await proxy.stop()
  })

  test('[A27] that failed at first is tried again', async () => {
    // Such a client refuses commands while it connects.
    const [client, subscriber] = [clientOn(server()), clientOn(server(), { enableOfflineQueue: false })]
    const notified: StoreChange[] = []
    const { store, open } = await freshStore(client, { subscriber })
    const end = open().watch?.((change) => notified.push(change))
    await eventually(() => expect(notified).toContainEqual({ kind: 'everything' }))
    const { scope } = await store.dataKeys.insert(sampleDataKey())
    await store.dataKeys.replace(sampleDataKey({ revision: 2 }), { ifRevision: 1 })
    await eventually(() => expect(notified).toContainEqual({ kind: 'dataKey', scope }))
    end?.()
    client.disconnect()
    subscriber.disconnect()
  })
})

describeWith('listening to a Redis cluster', startRedisCluster, (cluster) => {
  test('[A27] by a client of one node is notified by all nodes, and of a time when it was away', async () => {
    const { nodes } = cluster()
    const [node] = nodes
    if (node === undefined) throw new Error('The cluster has no node.')
    const [client, subscriber] = [clientOfNodes(nodes), clientOn(node)]
    const { store, open } = await freshStore(client, { subscriber })
    const notified: StoreChange[] = []
    const end = open().watch?.((change) => notified.push(change))
    await eventually(() => expect(notified).toContainEqual({ kind: 'everything' }))
    const rows = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map((owner) =>
      sampleDataKey({ label: owner, scope: { kind: 'values', owner, server: 'github' } }),
    )
    const replaceAll = async (revision: number): Promise<void> => {
      for (const row of rows) await store.dataKeys.replace({ ...row, revision }, { ifRevision: revision - 1 })
    }
    for (const row of rows) await store.dataKeys.insert(row)
    await replaceAll(2)
    for (const { scope } of rows) {
      await eventually(() => expect(notified).toContainEqual({ kind: 'dataKey', scope }))
    }
    notified.length = 0
    for (const each of nodes) await each.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await replaceAll(3)
    await eventually(() => expect(notified).toContainEqual({ kind: 'everything' }))
    end?.()
    client.disconnect()
    subscriber.disconnect()
  })

  test('[A27] by a client of the cluster is refused, since that does not notify when it was away', async () => {
    const client = clientOfNodes(cluster().nodes)
    const options = { client, subscriber: client, prefix: 'refused' }
    await expect(freshStore(client, options)).rejects.toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'subscriber',
    })
    client.disconnect()
  })
})
