// Behind a pooler in transaction mode, which does not keep the names of prepared statements.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { freshPool, freshStore } from './support/stores.ts'
import { transactionPooler } from './support/transaction-pooler.ts'

describeWith('a pooler in transaction mode', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const poolerOf = async () => transactionPooler(await Promise.all([pool.connect(), pool.connect(), pool.connect()]))
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })

  test('serves every call with unnamed statements, and a secret in one round trip', async () => {
    const { schema } = await freshStore(pool)
    const pooler = await poolerOf()
    const store = postgresStore({ pool: pooler.pool, schema, preparedStatements: 'unnamed' })
    await store.migrate()
    const vault = createVault({ keys, store, audit: { mode: 'dangerously-off' } })
    const secrets = vault.as({ id: 'alice' }).scope()
    for (const value of ['one', 'two', 'three', 'four']) {
      await secrets.set('token', value)
      expect((await secrets.get('token'))?.reveal()).toBe(value)
    }
    pooler.sent.length = 0
    await secrets.get('token')
    expect(pooler.sent).toHaveLength(1)
    expect(pooler.sent[0]?.name).toBeUndefined()
    const together = await Promise.all(Array.from({ length: 20 }, () => secrets.get('token')))
    expect(together.every((value) => value?.reveal() === 'four')).toBe(true)
    await vault.close()
    await pooler.end()
  })

  test('is named, with the option that helps, where named statements fail', async () => {
    const { schema } = await freshStore(pool)
    const pooler = await poolerOf()
    const { secrets } = postgresStore({ pool: pooler.pool, schema })
    const find = () => secrets.find({ owner: 'alice', server: 'default', name: 'token' }, 'current')
    await find()
    await expect(find()).rejects.toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'preparedStatements',
      retryable: false,
      message: expect.stringMatching(/preparedStatements must be 'unnamed'.*PgBouncer/),
      cause: { code: '26000' },
    })
    await pooler.end()
  })

  test.each([
    ['42P05', 'prepared statement "mcpvault_0_touch" already exists', 'VAULT_CONFIG_INVALID'],
    [
      '08P01',
      'bind message has 3 parameters, but prepared statement "mcpvault_0_touch" needs 4',
      'VAULT_CONFIG_INVALID',
    ],
    ['08P01', 'invalid message format', 'VAULT_STORE_FAILED'],
  ])('differs from another failure by %s: %s', async (code, message, expected) => {
    const failing = { connect: () => Promise.reject(Object.assign(new Error(message), { code })) }
    await expect(postgresStore({ pool: failing }).meta.read('vault-id')).rejects.toMatchObject({ code: expected })
  })

  test('excludes watch, since no connection through it keeps listening', () => {
    expect(() => postgresStore({ pool, watch: true, preparedStatements: 'unnamed' })).toThrow(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field: 'preparedStatements' }),
    )
  })
})
