// What a process asks of a database before its first call: little, and whatever the store needs.
import { planMigrations } from '@mcpvault/core/adapter'
import { sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { createMigrations, migrations } from '../src/schema.ts'
import { listeningTo } from './support/listening-pool.ts'
import { poolAsRole } from './support/roles.ts'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

describeWith('the first use', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  test('takes two round trips for a secret: one look at the database, and the secret', async () => {
    const { store, schema } = await freshStore(pool)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    const { texts, pool: listening } = listeningTo(pool)
    const { secrets } = postgresStore({ pool: listening, schema })
    expect(await secrets.find(sampleRef(), 'current')).toBeDefined()
    expect(texts).toHaveLength(2)
    expect(await secrets.find(sampleRef(), 'current')).toBeDefined()
    expect(texts).toHaveLength(3)
  })

  test('takes three more with row security, for the transaction of the principal', async () => {
    const { store, schema } = await freshStore(pool, { rls: true, operatorPool: pool })
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    const { pool: app } = await poolAsRole(pool, { schema })
    const { texts, pool: listening } = listeningTo(app)
    const { secrets } = postgresStore({ pool: listening, schema, rls: true, operatorPool: pool })
    expect(await secrets.find(sampleRef(), 'current', { principal: sampleRef().owner })).toBeDefined()
    expect(texts).toHaveLength(5)
    await app.end()
  })

  test('refuses a database whose encoding cannot hold every name, when it is made and when it is used', async () => {
    await pool.query(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
    const address = new URL(String(pool.options.connectionString))
    address.pathname = '/latin'
    const latin = poolOn(address.href)
    const store = postgresStore({ pool: latin, durability: 'best-effort' })
    const refused = { code: 'VAULT_CONFIG_INVALID', field: 'pool', message: expect.stringContaining('UTF8') }
    await expect(store.migrate()).rejects.toMatchObject(refused)
    await latin.query(createMigrations)
    for (const { version, name, checksum } of planMigrations(migrations, new Map()).missing) {
      await latin.query('INSERT INTO mcpvault_migrations VALUES ($1, $2, $3)', [version, name, checksum])
    }
    await expect(store.meta.read('vault-id')).rejects.toMatchObject(refused)
    await latin.end()
  })
})
