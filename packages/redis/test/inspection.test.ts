// A server that is changed while the store uses it: noticed, logged and refused, until it is mended.
import { once } from 'node:events'
import { manualClock, nextRevision, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, type RedisServer, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { errorOf } from '@mcpvault/testkit/suites'
import { expect, test, vi } from 'vitest'
import { clientOfNodes, clientOn, freshStore } from './support/stores.ts'

const refused = { code: 'VAULT_CONFIG_INVALID', field: 'durability' }
const evicted = { code: 'VAULT_STORE_FAILED', field: 'durability', retryable: false }
const absent = { owner: 'nobody', server: 'github', name: 'token' }

/** A store with one secret, whose looks are as old as the test says. */
async function watchedStore(client: Parameters<typeof freshStore>[0]) {
  const [clock, warn] = [manualClock(), vi.fn()]
  const { store, prefix } = await freshStore(client, { clock, logger: { warn } })
  await store.secrets.put(sampleSecret(), { ifRevision: 0 })
  const find = () => store.secrets.find(sampleRef(), 'current')
  /** The first call begins a look that it does not wait for. */
  const isRefused = async (reason: object): Promise<void> => {
    clock.advance(5_001)
    await eventually(async () => expect(await errorOf(find)).toMatchObject(reason))
    expect(warn).toHaveBeenCalledOnce()
    const next = nextRevision(sampleSecret())
    const put = () => store.secrets.put(next, { ifRevision: sampleSecret().revision })
    expect(await errorOf(put)).toMatchObject(reason)
  }
  return { store, prefix, clock, warn, find, isRefused }
}

const changes: readonly (readonly [setting: string, changed: string, before: string])[] = [
  ['appendonly', 'no', 'yes'],
  ['appendfsync', 'everysec', 'always'],
  ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
  ['maxmemory-policy', 'volatile-lru', 'noeviction'],
]
const limited = { settings: { maxmemory: '64mb' } } as const

describeWith(
  'a Redis that is changed while it is used',
  () => startRedis(limited),
  (server) => {
    test.each(changes)('to %s %s is refused until it is changed back', async (setting, changed, before) => {
      const client = clientOn(server())
      const { find, isRefused } = await watchedStore(client)
      await server().call('CONFIG', 'SET', setting, changed)
      await isRefused(refused)
      await server().call('CONFIG', 'SET', setting, before)
      expect((await find())?.revision).toBe(sampleSecret().revision)
      client.disconnect()
    })

    test('says that a secret is absent only when it looked in the last second', async () => {
      const client = clientOn(server())
      const { store, clock } = await watchedStore(client)
      expect(await store.secrets.find(absent, 'current')).toBeUndefined()
      await server().call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
      clock.advance(1_001)
      expect(await errorOf(() => store.secrets.find(absent, 'current'))).toMatchObject(refused)
      await server().call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
      client.disconnect()
    })

    test.each<readonly [string, (store: Awaited<ReturnType<typeof watchedStore>>['store']) => Promise<unknown>]>([
      ['one secret', async (store) => await store.secrets.find(absent, 'current')],
      ['all versions of one', async (store) => await store.secrets.find(absent, 'all')],
      ['those of a scope', async (store) => await store.secrets.findAll(absent, { limit: 10 })],
      ['a list', async (store) => await store.secrets.list({ owner: absent.owner, limit: 10 })],
      [
        'a data key',
        async (store) => await store.dataKeys.find('none', { kind: 'values', owner: 'nobody', server: 'github' }),
      ],
      [
        'an active data key',
        async (store) => await store.dataKeys.active({ kind: 'values', owner: 'nobody', server: 'github' }),
      ],
      ['the id of the vault', async (store) => await store.meta.read('nothing')],
    ])('looks before it says of %s that there is none', async (_, ask) => {
      const client = clientOn(server())
      const { store, clock } = await watchedStore(client)
      await server().call('CONFIG', 'SET', 'appendfsync', 'no')
      clock.advance(1_001)
      expect(await errorOf(() => ask(store))).toMatchObject(refused)
      await server().call('CONFIG', 'SET', 'appendfsync', 'always')
      client.disconnect()
    })

    test('and emptied is an error, not a vault without secrets', async () => {
      const client = clientOn(server())
      const { store, clock } = await watchedStore(client)
      await server().call('FLUSHALL')
      clock.advance(1_001)
      const emptied = { code: 'VAULT_STORE_FAILED', retryable: false }
      expect(await errorOf(() => store.secrets.find(sampleRef(), 'current'))).toMatchObject(emptied)
      expect(await errorOf(() => store.meta.read('key'))).toMatchObject(emptied)
      client.disconnect()
    })
  },
)

describeWith(
  'a Redis that evicted keys',
  () => startRedis({ settings: { maxmemory: '64mb' } }),
  (server) => {
    test('while another policy was set says of no secret that it is absent, until an operator resets its counter', async () => {
      const client = clientOn(server())
      const { store, clock, isRefused } = await watchedStore(client)
      await evictEverything(server())
      clock.advance(1_001)
      expect(await errorOf(() => store.secrets.find(sampleRef(), 'current'))).toMatchObject(evicted)
      await isRefused(evicted)
      // The policy is as it was, and only the counter tells. A new process has to notice it too.
      const { store: another } = await freshStore(client, { durability: 'best-effort' })
      expect(await another.secrets.find(absent, 'current')).toBeUndefined()
      await expect(freshStore(client)).rejects.toMatchObject(evicted)
      await server().call('CONFIG', 'RESETSTAT')
      await freshStore(client)
      client.disconnect()
    })
  },
)

/** Fills the memory of the server while it may evict, and then sets everything back as it was. */
async function evictEverything(server: RedisServer): Promise<void> {
  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
  await server.call('CONFIG', 'SET', 'maxmemory', '1')
  await server.call('GET', 'anything')
  await eventually(async () => expect(await server.call('DBSIZE')).toBe(0))
  await server.call('CONFIG', 'SET', 'maxmemory', '64mb')
  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
}

describeWith('a Redis whose place another one takes', startRedis, (server) => {
  test('is looked at once it is connected to, before a call is answered', async () => {
    const replica = await startRedis({ replicaOf: server(), appendfsync: 'everysec' })
    const proxied = { host: server().host, port: server().port }
    const client = clientOn(proxied, { retryStrategy: () => 10 })
    try {
      const { find } = await watchedStore(client)
      await eventually(async () => expect(await client.wait(1, 1_000)).toBe(1))
      await replica.call('REPLICAOF', 'NO', 'ONE')
      // The client reads its settings again for each connection, as one that asks sentinels does.
      client.options.port = replica.port
      const isReady = once(client, 'ready')
      client.disconnect(true)
      await isReady
      expect(await errorOf(find)).toMatchObject(refused)
    } finally {
      client.disconnect()
      await replica.stop()
    }
  })
})

describeWith('a Redis cluster of which one node is changed', startRedisCluster, (cluster) => {
  test('is refused, whichever node has the secret', async () => {
    const client = clientOfNodes(cluster().nodes)
    for (const node of cluster().nodes) {
      const { isRefused, find } = await watchedStore(client)
      await node.call('CONFIG', 'SET', 'appendonly', 'no')
      await isRefused(refused)
      await node.call('CONFIG', 'SET', 'appendonly', 'yes')
      await eventually(async () => expect(await find()).toBeDefined())
    }
    client.disconnect()
  })
})
