// Broken connections, killed servers, fail-over: typed errors in time, nothing acknowledged lost or doubled.
import { createVault, generateKey, isVaultError, keyRing } from '@mcpvault/core'
import { manualClock, nextRevision, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, type FaultProxy, startProxy, startRedis } from '@mcpvault/testkit'
import { eventually, msUntilEnded } from '@mcpvault/testkit/eventually'
import { errorOf, expectKept, setThroughCuts, writeThroughKills } from '@mcpvault/testkit/suites'
import { operatorPrincipal as operator, testPolicy as policy } from '@mcpvault/testkit/vaults'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { redisStore } from '../src/index.ts'
import { clientOn, freshStore } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

describeWith('Redis in trouble', startRedis, (server) => {
  let direct: Redis
  let proxy: FaultProxy
  beforeAll(async () => {
    direct = clientOn(server())
    proxy = await startProxy(server())
  })
  afterAll(async () => {
    direct.disconnect()
    await proxy.stop()
  })

  test('a connection cut after any byte loses no acknowledged write and writes none twice', async () => {
    const { prefix, store: plain } = await freshStore(direct)
    const client = clientOn(proxy, { retryStrategy: () => 10 })
    const vault = createVault({
      keys,
      store: redisStore({ client, prefix }),
      limits: { storeMs: 2_000, versions: 100 },
    })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    const acknowledged = await setThroughCuts({ scope, proxies: [proxy], acknowledgedAbove: 20 })
    await vault.close()
    client.disconnect()
    await expectKept({ store: plain, keys, acknowledged })
  })

  test('a write that the client sends again is known again', async () => {
    const { store, prefix } = await freshStore(direct)
    const sent: unknown[][] = []
    const twice = {
      callBuffer: async (command: string, ...args: (string | Buffer | number)[]) => {
        const first = await direct.callBuffer(command, ...args)
        if (command !== 'EVALSHA') return first
        sent.push(args)
        return await direct.callBuffer(command, ...args)
      },
    }
    const again = redisStore({ client: twice, prefix })
    const record = sampleSecret()
    expect(await again.secrets.put(record, { ifRevision: 0 })).toBe(true)
    const next = nextRevision(record)
    expect(await again.secrets.put(next, { ifRevision: record.revision })).toBe(true)
    expect(await again.secrets.remove(record.ref, { ifRevision: next.revision })).toBe(true)
    expect(sent.length).toBeGreaterThan(2)
    expect(await store.secrets.find(record.ref, 'current')).toBeUndefined()
  })

  test('a silent network ends by the time limit of the vault, as a transient error', async () => {
    const { prefix } = await freshStore(direct)
    const client = clientOn(proxy, { retryStrategy: () => 10 })
    const clock = manualClock()
    const vault = createVault({ keys, store: redisStore({ client, prefix }), clock, limits: { storeMs: 300 } })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    proxy.stall()
    const answer = errorOf(() => scope.get('token'))
    expect(await msUntilEnded(answer, clock)).toBeLessThan(1_000)
    expect(await answer).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
    proxy.cut()
    proxy.pass()
    await eventually(async () => expect((await scope.get('token'))?.reveal()).toBe('first'))
    await vault.close()
    client.disconnect()
  })

  test('[T2] a client without TLS to another machine is warned about', async () => {
    const warn = vi.fn()
    const callBuffer = direct.callBuffer.bind(direct)
    const migrate = (options: object) =>
      redisStore({ client: { callBuffer, options }, prefix: 'warned', logger: { warn } }).migrate()
    await migrate({ host: 'db.example.com', tls: {} })
    await migrate({ host: '127.0.0.1' })
    await migrate({ path: 'redis.sock' })
    expect(warn).not.toHaveBeenCalled()
    await migrate({ host: 'db.example.com' })
    expect(warn).toHaveBeenCalledOnce()
  })

  test('scripts are sent again after the server forgot them', async () => {
    const { store } = await freshStore(direct)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    await server().call('SCRIPT', 'FLUSH')
    const next = nextRevision(sampleSecret())
    expect(await store.secrets.put(next, { ifRevision: sampleSecret().revision })).toBe(true)
  })

  test('no command scans all keys', async () => {
    await server().call('CONFIG', 'RESETSTAT')
    const { store } = await freshStore(direct)
    const vault = createVault({ keys, store, policy })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', 'one', { tags: ['ci'] })
    await alice.list({ tag: 'ci' })
    await vault.as({ id: 'alice' }).listAll()
    await vault.operator(operator).rewrap()
    await vault.operator(operator).sweep()
    await vault.operator(operator).verifyAudit()
    await vault.operator(operator).eraseOwner('alice')
    await vault.close()
    const used = String(await server().call('INFO', 'commandstats'))
    expect(used).toContain('cmdstat_evalsha')
    expect(used).not.toMatch(/cmdstat_(?:keys|scan|hscan|sscan|zscan|hgetall|smembers):/)
  })
})

describeWith('a Redis that is killed', startRedis, (server) => {
  test('has every acknowledged write of 8 writers when it is back', async () => {
    const client = clientOn(server(), { retryStrategy: () => 20, maxRetriesPerRequest: 0 })
    const { store } = await freshStore(client)
    await writeThroughKills({ store, server: server(), isBack: () => client.ping() })
    client.disconnect()
  })
})

describeWith(
  'a Redis whose memory has a limit',
  () => startRedis({ settings: { maxmemory: '64mb' } }),
  (server) => {
    test.each([
      ['allkeys-lru', true],
      ['volatile-ttl', true],
      ['noeviction', false],
    ])('and whose policy is %s is refused: %s', async (policy, isRefused) => {
      const client = clientOn(server())
      await server().call('CONFIG', 'SET', 'maxmemory-policy', policy)
      const answer = await errorOf(() => redisStore({ client, prefix: policy }).migrate())
      if (isRefused) expect(answer).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'durability' })
      else expect(answer).toBeUndefined()
      client.disconnect()
    })

    test('refuses a write that it has no room for, as a transient error, and loses nothing', async () => {
      const client = clientOn(server())
      await server().call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
      const { store } = await freshStore(client)
      await store.secrets.put(sampleSecret(), { ifRevision: 0 })
      await server().call('CONFIG', 'SET', 'maxmemory', '1mb')
      const next = nextRevision(sampleSecret())
      const put = () => store.secrets.put(next, { ifRevision: sampleSecret().revision })
      expect(await errorOf(put)).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
      expect((await store.secrets.find(sampleRef(), 'current'))?.revision).toBe(sampleSecret().revision)
      await server().call('CONFIG', 'SET', 'maxmemory', '64mb')
      expect(await put()).toBe(true)
      client.disconnect()
    })
  },
)

describeWith('a Redis with a replica', startRedis, (server) => {
  test('[S43] answers READONLY as a transient error, and goes on after the fail-over', async () => {
    const replica = await startRedis({ replicaOf: server() })
    const client = clientOn(replica)
    try {
      const primary = clientOn(server())
      const { store: written, prefix } = await freshStore(primary)
      await written.secrets.put(sampleSecret(), { ifRevision: 0 })
      await eventually(async () => expect(await primary.wait(1, 1_000)).toBe(1))
      const store = redisStore({ client, prefix })
      await eventually(async () => expect(await store.secrets.find(sampleRef(), 'current')).toBeDefined())
      const next = nextRevision(sampleSecret())
      const put = () => store.secrets.put(next, { ifRevision: sampleSecret().revision })
      expect(await errorOf(put)).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
      await server().kill()
      await replica.call('REPLICAOF', 'NO', 'ONE')
      expect(await put()).toBe(true)
      primary.disconnect()
    } finally {
      client.disconnect()
      await replica.stop()
    }
  })
})

describeWith(
  'a Redis that may forget',
  () => startRedis({ appendfsync: 'everysec' }),
  (server) => {
    test('is refused, unless that is accepted', async () => {
      const client = clientOn(server())
      const refused = redisStore({ client, prefix: 'strict' })
      expect(await errorOf(() => refused.migrate())).toMatchObject({
        code: 'VAULT_CONFIG_INVALID',
        field: 'durability',
      })
      const { store } = await freshStore(client, { durability: 'best-effort' })
      expect(store.supports.durability).toBe('best-effort')
      expect(await store.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
      client.disconnect()
    })

    test('is reported as not ready before migrate()', async () => {
      const client = clientOn(server())
      const answer = await errorOf(() => redisStore({ client, prefix: 'nobody' }).meta.read('key'))
      expect(isVaultError(answer, 'VAULT_STORE_NOT_READY')).toBe(true)
      expect(() => redisStore({ client, prefix: 'a{b}' })).toThrow(
        expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }),
      )
      client.disconnect()
    })
  },
)
