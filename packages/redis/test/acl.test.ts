// A user with the rights that the README names runs a vault, needs every one of them, and reaches nothing else.
import { readFileSync } from 'node:fs'
import { createVault, generateKey, keyRing, type StoreChange } from '@mcpvault/core'
import { sampleRef, sampleSecret, storeConformance } from '@mcpvault/core/testing'
import { describeWith, type RedisServer, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { callEverything, endEverything, testPolicy } from '@mcpvault/testkit/vaults'
import { Cluster, type Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { clientOn } from './support/stores.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const rights = /^ACL SETUSER vault (.*?)^```$/ms.exec(readme)?.[1]?.trim().split(/\s+/) ?? []
const clusterRights = readme.match(/\+cluster\|\w+/g) ?? []
const username = 'vault'
const password = 'a-password'
const prefix = 'mcpvault'

const makeUser = (server: RedisServer, ...more: readonly string[]) =>
  server.call('ACL', 'SETUSER', username, ...rights, ...more)

describeWith('a Redis user with the rights of the README', startRedis, (server) => {
  let client: Redis
  let subscriber: Redis
  beforeAll(async () => {
    expect(await makeUser(server())).toBe('OK')
    client = clientOn(server(), { username, password })
    subscriber = clientOn(server(), { username, password })
  })
  afterAll(() => {
    client.disconnect()
    subscriber.disconnect()
  })
  beforeEach(() => server().call('FLUSHALL'))

  describe('keeps every promise of the store', () => {
    beforeAll(() => server().call('CONFIG', 'RESETSTAT'))

    for (const conformanceCase of storeConformance) {
      test(conformanceCase.name, async () => {
        let stores = 0
        await conformanceCase.run(async () => {
          stores += 1
          // A second store beside the first is below its prefix, where the user reaches keys but no channel.
          const options = stores === 1 ? { client, prefix, subscriber } : { client, prefix: `${prefix}:${stores}` }
          const open = () => redisStore(options)
          const store = open()
          await store.migrate()
          return { store, reopen: async () => open(), cleanup: async () => {} }
        })
      })
    }

    test('and uses each of its rights for that', async () => {
      const used = String(await server().call('INFO', 'commandstats'))
      const needed = rights.filter((right) => right.startsWith('+')).map((right) => right.slice(1))
      expect(needed.length).toBeGreaterThan(10)
      expect(needed.filter((command) => !used.includes(`cmdstat_${command}:`))).toEqual([])
    })
  })

  test('[A5] calls everything that a vault has, and is notified of what another one changes', async () => {
    const store = redisStore({ client, prefix, subscriber })
    await store.migrate()
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store, policy: testPolicy })
    const notified: StoreChange[] = []
    const end = redisStore({ client, prefix, subscriber }).watch?.((change) => notified.push(change))
    const seen = await callEverything(vault, { text: 'a text of alice', bytes: Buffer.alloc(16, 7), field: 'a field' })
    const codes = seen.map((each) => (each instanceof Error && 'code' in each ? each.code : 'answered'))
    expect(codes.filter((code) => code === 'answered').length).toBeGreaterThan(40)
    expect(codes).not.toContain('VAULT_STORE_FAILED')
    await vault.operator({ id: 'root', roles: ['operator'] }).eraseOwner('alice')
    await eventually(() => expect(notified).toContainEqual(expect.objectContaining({ kind: 'dataKey' })))
    end?.()
    await endEverything(vault)
  })

  test('[S38] reaches no other prefix, by no command and no script', async () => {
    const other = clientOn(server())
    const strangers = redisStore({ client: other, prefix: 'mcpvault2' })
    await strangers.migrate()
    await strangers.secrets.put(sampleSecret(), { ifRevision: 0 })
    other.disconnect()
    const store = redisStore({ client, prefix: 'mcpvault2' })
    const denied = { code: 'VAULT_STORE_FAILED', retryable: false }
    await expect(store.secrets.find(sampleRef(), 'current')).rejects.toMatchObject(denied)
    await expect(store.migrate()).rejects.toMatchObject(denied)
    for (const [command, ...args] of [
      ['GET', 'mcpvault2:schema'],
      ['EVAL', "return redis.call('GET', KEYS[1])", '1', 'mcpvault2:schema'],
      ['EVAL', "return redis.call('GET', 'mcpvault2:schema')", '0'],
      ['SUBSCRIBE', 'mcpvault2:changes'],
      ['PUBLISH', 'mcpvault2:changes', 'anything'],
      ['KEYS', '*'],
      ['SCAN', '0'],
      ['FLUSHALL'],
      ['CONFIG', 'SET', 'appendonly', 'no'],
      ['ACL', 'LIST'],
    ] as const) {
      await expect(client.callBuffer(command, ...args), `${command} ${args.join(' ')}`).rejects.toThrow(
        /NOPERM|can't access|ACL failure/,
      )
    }
  })
})

describeWith('a user of a Redis cluster with the rights of the README', startRedisCluster, (cluster) => {
  test('[A5] runs a vault', async () => {
    for (const node of cluster().nodes) await makeUser(node, ...clusterRights)
    const nodes = cluster().nodes.map(({ host, port }) => ({ host, port }))
    const client = new Cluster(nodes, { redisOptions: { username, password } })
    const store = redisStore({ client, prefix })
    await store.migrate()
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store, policy: testPolicy })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', 'of alice')
    expect((await alice.get('token'))?.reveal()).toBe('of alice')
    expect((await alice.list()).items).toHaveLength(1)
    await alice.delete('token')
    expect((await vault.operator({ id: 'root', roles: ['operator'] }).verifyAudit()).problems).toEqual([])
    await vault.close()
    client.disconnect()
  })
})
