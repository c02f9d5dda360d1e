// Failing commands, broken connections, killed servers: typed errors in time, nothing acknowledged lost or doubled.
import { createVault, generateKey, isVaultError, keyRing } from '@mcpvault/core'
import { sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, type FaultProxy, startMongo, startProxy } from '@mcpvault/testkit'
import { errorOf, expectKept, setThroughCuts, writeThroughKills } from '@mcpvault/testkit/suites'
import { operatorPrincipal as operator, testPolicy as policy } from '@mcpvault/testkit/vaults'
import type { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { mongoStore } from '../src/index.ts'
import { clientOn, freshStore } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

describeWith('MongoDB in trouble', startMongo, (server) => {
  let client: MongoClient
  let proxy: FaultProxy
  beforeAll(async () => {
    client = await clientOn(server())
    proxy = await startProxy(server())
  })
  afterAll(async () => {
    await client.close()
    await proxy.stop()
  })
  afterEach(() => client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' }))

  const failNext = (data: object, times = 1) =>
    client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times }, data })

  test('[N4] has one unique index on owner, server and name, and one document for an upsert race', async () => {
    const { store, prefix } = await freshStore(client)
    const indexes = await client.db('vaults').collection(`${prefix}secrets`).indexes()
    expect(indexes).toContainEqual(expect.objectContaining({ key: { owner: 1, server: 1, name: 1 }, unique: true }))
    const vault = createVault({ keys, store })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await Promise.all(Array.from({ length: 12 }, (_, index) => scope.set('token', `value ${index}`)))
    expect(await client.db('vaults').collection(`${prefix}secrets`).countDocuments()).toBe(1)
    expect((await scope.describe('token'))?.version).toBe(12)
    await vault.close()
  })

  test.each([
    ['a primary that steps down', { failCommands: ['find'], errorCode: 10107 }],
    ['a server that shuts down', { failCommands: ['find'], errorCode: 91 }],
    ['a connection cut before a read', { failCommands: ['find'], closeConnection: true }],
  ])('%s, again and again, is a transient error', async (_, data) => {
    const { store } = await freshStore(client)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    await failNext(data, 10)
    expect(await errorOf(() => store.secrets.find(sampleRef(), 'current'))).toMatchObject({
      code: 'VAULT_STORE_FAILED',
      retryable: true,
    })
  })

  test.each([
    ['a connection cut before a write', { failCommands: ['insert'], closeConnection: true }],
    ['a connection cut before a commit', { failCommands: ['commitTransaction'], closeConnection: true }],
    ['a write conflict', { failCommands: ['update'], errorCode: 112, errorLabels: ['TransientTransactionError'] }],
    [
      'a primary that steps down at a write',
      { failCommands: ['update'], errorCode: 10107, errorLabels: ['TransientTransactionError'] },
    ],
  ])('%s costs a vault no write and gives no version twice', async (_, data) => {
    const { store } = await freshStore(client)
    const vault = createVault({ keys, store, policy })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    await failNext(data)
    const answer = await errorOf(() => scope.set('token', 'second'))
    if (answer instanceof Error) expect(answer).toMatchObject({ retryable: true })
    else expect((await scope.get('token'))?.reveal()).toBe('second')
    const { version } = await scope.set('token', 'third')
    const history = (await scope.history('token')) ?? []
    expect(history.map((each) => each.version)).toEqual(
      Array.from({ length: version }, (_each, index) => version - index),
    )
    expect((await vault.operator(operator).verifyAudit()).problems).toEqual([])
    await vault.close()
  })

  test('a deployment that has no transactions after all is a permanent error', async () => {
    const { store } = await freshStore(client)
    const vault = createVault({ keys, store })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    await failNext({ failCommands: ['insert', 'update', 'find'], errorCode: 20 }, 50)
    expect(await errorOf(() => scope.set('token', 'second'))).toMatchObject({
      code: 'VAULT_STORE_FAILED',
      retryable: false,
    })
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' })
    await vault.close()
  })

  test('a connection cut after any byte loses no acknowledged write and writes none twice', async () => {
    const { prefix, store: plain } = await freshStore(client)
    const url = `mongodb://${proxy.host}:${proxy.port}/?directConnection=true`
    const broken = await clientOn({ url }, { serverSelectionTimeoutMS: 2_000 })
    const store = await mongoStore({ client: broken, database: 'vaults', prefix })
    const vault = createVault({ keys, store, limits: { storeMs: 3_000, versions: 100 } })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    const acknowledged = await setThroughCuts({
      scope,
      proxies: [proxy],
      acknowledgedAbove: 5,
      everyBytes: 331,
      maxBytes: 2_000,
    })
    await vault.close()
    await broken.close()
    await expectKept({ store: plain, keys, acknowledged })
  })

  test('[T2] a client without TLS to another machine is warned about', async () => {
    const warn = vi.fn()
    const away = { db: client.db.bind(client), startSession: client.startSession.bind(client) }
    const hosts = [{ host: 'db.example.com' }]
    await mongoStore({ client: { ...away, options: { hosts, tls: false } }, logger: { warn } })
    expect(warn).toHaveBeenCalledOnce()
    await mongoStore({ client: { ...away, options: { hosts, tls: true } }, logger: { warn } })
    await mongoStore({ client, logger: { warn } })
    expect(warn).toHaveBeenCalledOnce()
  })

  test('is reported as not ready before migrate()', async () => {
    const store = await mongoStore({ client, database: 'vaults', prefix: 'nobody_' })
    expect(isVaultError(await errorOf(() => store.meta.read('key')), 'VAULT_STORE_NOT_READY')).toBe(true)
  })
})

describeWith('a MongoDB that is killed', startMongo, (server) => {
  test('has every acknowledged write of 8 writers when it is back', async () => {
    const client = await clientOn(server(), { serverSelectionTimeoutMS: 1_000 })
    const { store } = await freshStore(client)
    await writeThroughKills({ store, server: server(), isBack: () => client.db('admin').command({ ping: 1 }) })
    await client.close()
  })
})
