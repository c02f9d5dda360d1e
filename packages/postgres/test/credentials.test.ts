// New credentials for the database without an outage: two users in turn, the old one dropped last.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { poolAsRole } from './support/roles.ts'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('credentials of the database that others know', startPostgres, (server) => {
  let owner: pg.Pool
  beforeAll(async () => {
    owner = await freshPool(server())
  })
  afterAll(() => owner.end())

  test('[T45] are replaced by those of a second user while reads go on, and the first user is dropped last', async () => {
    const { schema, open } = await freshStore(owner)
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }
    const process = async () => {
      const { pool, role } = await poolAsRole(owner, { schema })
      const vault = createVault({ keys, policy, store: open({ pool }) })
      return { pool, role, vault, scope: vault.as({ id: 'alice' }).scope({ server: 'github' }) }
    }
    const first = await process()
    await first.scope.set('token', 'kept')

    const second = await process()
    const operator = second.vault.operator({ id: 'olga', roles: ['operator'] })
    expect(await operator.health()).toMatchObject({ ok: true })
    // Both users work beside each other, until the last process has moved.
    for (const { scope } of [first, second, first, second]) expect((await scope.get('token'))?.reveal()).toBe('kept')
    await first.vault.close()

    await owner.query(`ALTER ROLE ${first.role} NOLOGIN`)
    await owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [first.role])
    await expect(first.pool.query('SELECT 1')).rejects.toThrow()
    await first.pool.end()
    expect((await second.scope.get('token'))?.reveal()).toBe('kept')
    // As where the vault has run migrate() as that user.
    const { rows } = await owner.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [schema])
    expect(rows.length).toBeGreaterThan(3)
    for (const { tablename } of rows) await owner.query(`ALTER TABLE ${schema}.${tablename} OWNER TO ${first.role}`)
    await owner.query(`REASSIGN OWNED BY ${first.role} TO CURRENT_USER`)
    await owner.query(`DROP OWNED BY ${first.role}`)
    await owner.query(`DROP ROLE ${first.role}`)

    expect(await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [first.role])).toMatchObject({ rowCount: 0 })
    expect((await second.scope.get('token'))?.reveal()).toBe('kept')
    expect(await operator.health()).toMatchObject({ ok: true })
    expect(await operator.verifyAudit()).toMatchObject({ ok: true })
    await second.vault.close()
    await second.pool.end()
  })
})
