// Broken connections, killed backends, stopped servers: typed errors in time, nothing acknowledged lost, nothing twice.
import { createVault, generateKey, isVaultError, keyRing } from '@mcpvault/core'
import { manualClock, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, type FaultProxy, startPostgres, startProxy } from '@mcpvault/testkit'
import { eventually, msUntilEnded } from '@mcpvault/testkit/eventually'
import { errorOf, expectKept, setThroughCuts, writeThroughKills } from '@mcpvault/testkit/suites'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { freshPool, freshStore, poolOn, quiet } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

describeWith('Postgres in trouble', startPostgres, (server) => {
  let direct: pg.Pool
  let proxy: FaultProxy
  beforeAll(async () => {
    direct = await freshPool(server())
    proxy = await startProxy(server())
  })
  afterAll(async () => {
    await direct.end()
    await proxy.stop()
  })

  async function throughProxy() {
    const { schema } = await freshStore(direct)
    const address = new URL(String(direct.options.connectionString))
    address.port = String(proxy.port)
    const pool = poolOn(address.href, { connectionTimeoutMillis: 3_000 })
    const store = postgresStore({ pool, schema, logger: quiet })
    const plain = postgresStore({ pool: direct, schema })
    return { store, plain, pool }
  }

  test('a connection cut after any byte loses no acknowledged write and writes none twice', async () => {
    const { store, plain, pool } = await throughProxy()
    const vault = createVault({ keys, store, limits: { versions: 100 } })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'first')
    const acknowledged = await setThroughCuts({ scope, proxies: [proxy], acknowledgedAbove: 10 })
    await vault.close()
    await pool.end()
    await expectKept({ store: plain, keys, acknowledged })
  })

  test('a silent network ends by the time limit of the vault, as a transient error', async () => {
    const { store, pool } = await throughProxy()
    const clock = manualClock()
    const vault = createVault({ keys, store, clock, limits: { storeMs: 300 } })
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
    await pool.end()
  })

  test('a refused connection, and one that the server ends, may pass', async () => {
    const { store, pool } = await throughProxy()
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    proxy.refuse()
    expect(await errorOf(() => store.secrets.find(sampleRef(), 'current'))).toMatchObject({ retryable: true })
    proxy.pass()
    const slow = errorOf(() => store.locks.acquire('a', 'b', 1_000))
    await direct.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
    const answer = await slow
    expect(answer === true || (isVaultError(answer, 'VAULT_STORE_FAILED') && answer.retryable)).toBe(true)
    await eventually(async () => expect(await store.secrets.find(sampleRef(), 'current')).toBeDefined())
    await pool.end()
  })

  test('an exhausted pool may pass', async () => {
    const { schema } = await freshStore(direct)
    const pool = poolOn(String(direct.options.connectionString), { max: 1 })
    const store = postgresStore({ pool, schema })
    const held = await pool.connect()
    // From here on alone: a connection that is made may take longer.
    pool.options.connectionTimeoutMillis = 200
    expect(await errorOf(() => store.meta.read('key'))).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
    held.release()
    expect(await store.meta.read('key')).toBeUndefined()
    await pool.end()
  })

  test('a write with a serialization failure is retried', async () => {
    const { schema } = await freshStore(direct)
    const pool = poolOn(String(direct.options.connectionString), {
      options: '-c default_transaction_isolation=serializable',
    })
    const store = postgresStore({ pool, schema })
    const uses = { ref: sampleRef(), id: sampleSecret().id, lastUsedAt: new Date(1_000), uses: 1 }
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    await Promise.all(Array.from({ length: 8 }, () => store.secrets.touch([uses])))
    expect((await store.secrets.find(sampleRef(), 'current'))?.useCount).toBe(sampleSecret().useCount + 8)
    await pool.end()
  })

  test('an aborted wait ends at once, and its connection is not used again', async () => {
    const { store, pool } = await throughProxy()
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    proxy.stall()
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiting = errorOf(() => store.secrets.find(sampleRef(), 'current', { signal: controller.signal }))
    await eventually(() => expect(pool.totalCount - pool.idleCount).toBe(1))
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    proxy.pass()
    expect(pool.idleCount).toBe(0)
    expect(await store.secrets.find(sampleRef(), 'current')).toBeDefined()
    await pool.end()
  })
})

describeWith('a Postgres that is killed', startPostgres, (server) => {
  test('has every acknowledged write of 8 writers when it is back', async () => {
    const pool = await freshPool(server())
    const { store } = await freshStore(pool)
    await writeThroughKills({ store, server: server(), isBack: () => pool.query('SELECT 1') })
    await pool.end()
  })
})
