// The settings of the caller's client for commands and replies change nothing of the store, or are refused by name.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { sampleDataKey } from '@mcpvault/core/testing'
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { errorOf } from '@mcpvault/testkit/suites'
import { operatorPrincipal as operator, testPolicy as policy } from '@mcpvault/testkit/vaults'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis-6'
import { describe, expect, test } from 'vitest'
import type { RedisClient } from '../src/client.ts'
import { type RedisStore, redisStore } from '../src/index.ts'
import { freshStore } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

/** Every kind of call, in an order in which each finds what the others left. */
async function useEverything(store: RedisStore): Promise<void> {
  const vault = createVault({ keys, store, policy })
  const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
  expect((await scope.set('token', 'one', { tags: ['ci'] })).version).toBe(1)
  expect((await scope.set('token', 'two')).version).toBe(2)
  const others = Array.from({ length: 3 }, (_, index) => vault.as({ id: `user ${index}` }).scope({ server: 'github' }))
  await Promise.all(others.map((other) => other.set('token', 'theirs')))
  expect((await scope.get('token'))?.reveal()).toBe('two')
  expect((await scope.get('token', { version: 1 }))?.reveal()).toBe('one')
  expect([...(await scope.getAll()).values.keys()]).toEqual(['token'])
  expect((await scope.list({ tag: 'ci' })).items).toHaveLength(1)
  expect(await scope.history('token')).toHaveLength(2)
  await scope.delete('token')
  expect(await scope.get('token')).toBeUndefined()
  await scope.undelete('token')
  await scope.destroy('token')
  expect((await scope.set('token', 'three')).version).toBeGreaterThan(0)
  expect(await store.locks.acquire('lock', 'holder', 60_000)).toBe(true)
  expect(await store.locks.renew('lock', 'holder', 60_000)).toBe(true)
  expect(await store.locks.acquire('lock', 'other', 60_000)).toBe(false)
  const row = sampleDataKey({ scope: { kind: 'values', owner: 'zoe', server: 'github' } })
  await store.dataKeys.insert(row)
  expect(await store.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: 1 })).toBe(true)
  await store.dataKeys.remove(row.id, row.scope)
  const report = await vault.operator(operator).verifyAudit()
  expect(report.problems).toEqual([])
  await vault.close()
}

type Settings = Pick<
  RedisOptions,
  | 'enableAutoPipelining'
  | 'autoPipeliningIgnoredCommands'
  | 'stringNumbers'
  | 'keyPrefix'
  | 'showFriendlyErrorStack'
  | 'lazyConnect'
  | 'enableOfflineQueue'
  | 'commandTimeout'
  | 'maxRetriesPerRequest'
  | 'autoResendUnfulfilledCommands'
  | 'db'
>

const harmless: readonly (readonly [name: string, Settings])[] = [
  ['enableAutoPipelining', { enableAutoPipelining: true }],
  ['autoPipeliningIgnoredCommands', { enableAutoPipelining: true, autoPipeliningIgnoredCommands: ['EVALSHA'] }],
  ['stringNumbers', { stringNumbers: true }],
  ['keyPrefix', { keyPrefix: 'app:' }],
  ['showFriendlyErrorStack', { showFriendlyErrorStack: true }],
  ['lazyConnect', { lazyConnect: true }],
  ['commandTimeout', { commandTimeout: 10_000 }],
  ['maxRetriesPerRequest', { maxRetriesPerRequest: null }],
  ['autoResendUnfulfilledCommands', { autoResendUnfulfilledCommands: false }],
  ['db', { db: 3 }],
  ['all of them', { enableAutoPipelining: true, stringNumbers: true, keyPrefix: '{app}:', lazyConnect: true }],
]

describeWith('a client of Redis', startRedis, (server) => {
  describe.each([
    ['ioredis 5', (options: Settings = {}) => new Redis(server().port, server().host, options)],
    ['ioredis 6', (options: Settings = {}) => new Redis6(server().port, server().host, options)],
  ])('of %s', (_, connect) => {
    test.each(harmless)('may have %s', async (_name, options) => {
      const client = connect(options)
      const { store } = await freshStore(client)
      await useEverything(store)
      client.disconnect()
    })

    test('that has no queue answers with a transient error until it is connected', async () => {
      const { prefix } = await freshStore(connect())
      const client = connect({ enableOfflineQueue: false })
      const store = redisStore({ client, prefix })
      const answer = await errorOf(() => store.meta.read('nothing'))
      expect(answer).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
      await eventually(async () => expect(await store.meta.read('nothing')).toBeUndefined())
      await useEverything(store)
      client.disconnect()
    })

    test('may have a prefix and a subscriber with one', async () => {
      const options = { keyPrefix: 'app:', enableAutoPipelining: true }
      const [client, subscriber] = [connect(options), connect(options)]
      const { store, open } = await freshStore(client, { subscriber })
      const notified: unknown[] = []
      const end = open().watch?.((change) => notified.push(change))
      const { scope } = await store.dataKeys.insert(sampleDataKey())
      await eventually(() => expect(notified).toContainEqual({ kind: 'everything' }))
      await store.dataKeys.replace(sampleDataKey({ revision: 2 }), { ifRevision: 1 })
      await eventually(() => expect(notified).toContainEqual({ kind: 'dataKey', scope }))
      end?.()
      client.disconnect()
      subscriber.disconnect()
    })
  })

  test('may speak the older protocol', async () => {
    const client = new Redis6(server().port, server().host, { protocol: 2, stringNumbers: true })
    const { store } = await freshStore(client)
    await useEverything(store)
    client.disconnect()
  })

  test('whose replies are transformed for all of the program gives the store its own', async () => {
    const names = ['hmget', 'evalsha', 'get', 'zscore', 'zrangebyscore']
    const client = new Redis(server().port, server().host)
    const { Command } = await import('ioredis')
    for (const name of names) Command.setReplyTransformer(name, () => 'another value')
    const { store } = await freshStore(client)
    await useEverything(store)
    for (const name of names) Command.setReplyTransformer(name, (reply) => reply)
    client.disconnect()
  })

  test.each<readonly [string, (reply: unknown) => unknown]>([
    ['texts as strings', (reply) => (Buffer.isBuffer(reply) ? reply.toString('utf8') : reply)],
    ['numbers as objects', (reply) => (typeof reply === 'number' ? { value: reply } : reply)],
  ])('that gives %s is an error, and nothing looks absent or like a conflict', async (_, change) => {
    const direct = new Redis(server().port, server().host)
    const { prefix } = await freshStore(direct)
    const changed = (reply: unknown): unknown => (Array.isArray(reply) ? reply.map(changed) : change(reply))
    const client: RedisClient = {
      callBuffer: async (command, ...args) =>
        command === 'EVALSHA' || command === 'HMGET' || command === 'EVAL'
          ? changed(await direct.callBuffer(command, ...args))
          : await direct.callBuffer(command, ...args),
    }
    const vault = createVault({ keys, store: redisStore({ client, prefix }) })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await expect(scope.set('token', 'one')).rejects.toMatchObject({ code: expect.stringMatching(/STORE|AUDIT/) })
    await vault.close().catch(() => undefined)
    direct.disconnect()
  })
})

describeWith('a client of a Redis cluster', startRedisCluster, (cluster) => {
  test.each([
    ['enableAutoPipelining', Cluster, { enableAutoPipelining: true }],
    ['enableAutoPipelining of ioredis 6', Cluster6, { enableAutoPipelining: true }],
    ['lazyConnect', Cluster, { lazyConnect: true }],
    ['settings of its nodes', Cluster, { redisOptions: { stringNumbers: true, keyPrefix: 'app:' } }],
    ['all of them', Cluster6, { lazyConnect: true, enableAutoPipelining: true, redisOptions: { stringNumbers: true } }],
  ])('may have %s', async (_, Client, options) => {
    const client = new Client(
      cluster().nodes.map(({ host, port }) => ({ host, port })),
      options,
    )
    const { store } = await freshStore(client)
    await useEverything(store)
    client.disconnect()
  })

  test('that does not connect by itself is looked at like any other', async () => {
    const [node] = cluster().nodes
    await node?.call('CONFIG', 'SET', 'appendfsync', 'everysec')
    const client = new Cluster(
      cluster().nodes.map(({ host, port }) => ({ host, port })),
      { lazyConnect: true },
    )
    const migrated = redisStore({ client, prefix: 'lazy' }).migrate()
    await expect(migrated).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'durability' })
    await node?.call('CONFIG', 'SET', 'appendfsync', 'always')
    client.disconnect()
  })
})

describe('a client that has', () => {
  const lazy = { lazyConnect: true } as const
  const node = [{ host: '127.0.0.1', port: 1 }]
  const callBuffer = async (): Promise<null> => null

  test.each<readonly [field: string, RedisClient]>([
    ['client.scaleReads', new Cluster(node, { ...lazy, scaleReads: 'slave' })],
    ['client.scaleReads', new Cluster(node, { ...lazy, scaleReads: 'all' })],
    ['client.scaleReads', new Cluster(node, { ...lazy, scaleReads: () => [] })],
    ['client.role', new Redis({ ...lazy, sentinels: node, name: 'main', role: 'slave' })],
    ['client.replyMapping', new Redis6({ ...lazy, replyMapping: 'resp3' })],
    ['client.replyMapping', new Cluster6(node, { ...lazy, redisOptions: { replyMapping: 'resp3' } })],
    ['client.db', new Redis('redis://user:12/word@db.example.com', lazy)],
    ['client.db', new Redis('redis://user:12?word@db.example.com', lazy)],
    ['client.enableAutoPipelining', { callBuffer, options: { enableAutoPipelining: true } }],
  ])('%s is refused by this name', (field, client) => {
    expect(() => redisStore({ client })).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field }))
  })
})
