// The schema is made once, also by several at once, and what is not this release's is refused.
import { VaultError } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { migrations } from '../src/schema.ts'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

describeWith('the schema', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const steps = migrations.map(({ version }) => version)

  const codeOf = async (work: () => PromiseLike<unknown>): Promise<unknown> => {
    try {
      return await work()
    } catch (error) {
      return error instanceof VaultError ? error.code : error
    }
  }

  test('[A10] is made by one of several pools that migrate at once, and all go on', async () => {
    const pools = Array.from({ length: 4 }, () => poolOn(String(pool.options.connectionString)))
    const stores = pools.map((each) => postgresStore({ pool: each, schema: 'at_once' }))
    const reports = await Promise.all(stores.map((store) => store.migrate()))
    expect(reports.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, steps.length])
    for (const store of stores) expect(await store.meta.read('vault-id')).toBeUndefined()
    for (const each of pools) await each.end()
  })

  test('[A10] is left alone by a second run', async () => {
    const { store } = await freshStore(pool)
    expect(await store.migrate()).toEqual({ version: steps.at(-1), applied: [] })
  })

  test('is missed by name before it is there', async () => {
    const store = postgresStore({ pool, schema: 'not_there' })
    expect(await codeOf(async () => store.meta.read('vault-id'))).toBe('VAULT_STORE_NOT_READY')
  })

  test('with another step than this release has is refused', async () => {
    const { schema, open } = await freshStore(pool)
    await pool.query(`UPDATE "${schema}".mcpvault_migrations SET checksum = 'other'`)
    expect(await codeOf(() => open().migrate())).toBe('VAULT_CONFIG_INVALID')
    expect(await codeOf(async () => open().meta.read('vault-id'))).toBe('VAULT_STORE_NOT_READY')
  })

  test('of a newer release is not touched', async () => {
    const { schema, open } = await freshStore(pool)
    await pool.query(`INSERT INTO "${schema}".mcpvault_migrations VALUES ($1, 'newer', 'newer')`, [steps.length + 1])
    expect(await codeOf(() => open().migrate())).toBe('VAULT_STORE_NOT_READY')
    expect(await codeOf(async () => open().meta.read('vault-id'))).toBe('VAULT_STORE_NOT_READY')
  })

  test('is not made on a server that acknowledges before it writes, unless that is accepted', async () => {
    const hasty = poolOn(String(pool.options.connectionString), { options: '-c synchronous_commit=off' })
    expect(await codeOf(() => postgresStore({ pool: hasty, schema: 'hasty' }).migrate())).toBe('VAULT_CONFIG_INVALID')
    const accepted = postgresStore({ pool: hasty, schema: 'hasty', durability: 'best-effort' })
    expect((await accepted.migrate()).applied).toEqual(steps)
    expect(accepted.supports.durability).toBe('best-effort')
    // Made by somebody whose settings were sound, it is refused to one whose are not.
    const strict = postgresStore({ pool: hasty, schema: 'hasty' })
    expect(await codeOf(async () => strict.meta.read('vault-id'))).toBe('VAULT_CONFIG_INVALID')
    expect(await accepted.meta.read('vault-id')).toBeUndefined()
    await hasty.end()
  })

  test('may have any name', async () => {
    const { store } = await freshStore(pool, { schema: 'a "quoted" name; --' })
    await store.meta.insertOnce('key', new Uint8Array([7]))
    expect(await store.meta.read('key')).toEqual(Buffer.from([7]))
  })
})
