// A restart of the server breaks idle connections, and does not end a process that has no listener of its own.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('a restart of Postgres', startPostgres, (server) => {
  let direct: pg.Pool
  beforeAll(async () => {
    direct = await freshPool(server())
  })
  afterAll(() => direct.end())

  /** A pool as the caller has it: nobody listens for its errors. */
  const barePool = (): pg.Pool => new pg.Pool({ connectionString: String(direct.options.connectionString) })

  async function endConnections(): Promise<void> {
    await direct.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    )
  }

  test.each([{ watch: false }, { watch: true }])('leaves a vault that goes on (watch: $watch)', async ({ watch }) => {
    const { schema } = await freshStore(direct)
    const pool = barePool()
    const warn = vi.fn()
    const store = postgresStore({ pool, schema, watch, logger: { warn } })
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store })
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'of alice')
    await eventually(() => expect(pool.idleCount).toBeGreaterThan(0))
    await endConnections()
    const lost = [{ store: 'postgres', code: '57P01' }, 'An idle connection to the database was lost.']
    await eventually(() => expect(warn.mock.calls).toContainEqual(lost))
    await eventually(async () => expect((await scope.get('token'))?.reveal()).toBe('of alice'))
    await vault.close()
    await pool.end()
  })

  test('is survived by every pool that a store is given', async () => {
    const { schema } = await freshStore(direct, { rls: true, operatorPool: direct })
    const pools = { pool: barePool(), operatorPool: barePool(), replica: barePool() }
    const warn = vi.fn()
    postgresStore({ ...pools, schema, rls: true, logger: { warn } })
    for (const pool of Object.values(pools)) await pool.query('SELECT 1')
    await endConnections()
    await eventually(() => expect(warn).toHaveBeenCalledTimes(3))
    for (const pool of Object.values(pools)) await pool.end()
  })

  test('is logged once of a pool that several stores share', async () => {
    const pool = barePool()
    const warn = vi.fn()
    for (let index = 0; index < 20; index += 1) postgresStore({ pool, schema: `s${index}`, logger: { warn } })
    expect(pool.listenerCount('error')).toBe(1)
    await pool.query('SELECT 1')
    await endConnections()
    await eventually(() => expect(warn).toHaveBeenCalledOnce())
    await pool.end()
  })

  test('is logged on the console without a logger', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const pool = barePool()
    postgresStore({ pool })
    await pool.query('SELECT 1')
    await endConnections()
    await eventually(() => expect(warn).toHaveBeenCalledOnce())
    warn.mockRestore()
    await pool.end()
  })
})
