// The least-privilege role runs a vault, and can neither change nor remove what the audit trail says.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { poolAsRole } from './support/roles.ts'
import { freshPool, freshStore } from './support/stores.ts'

const operator = { id: 'root', roles: ['operator'] }
const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }
const insufficient = { code: '42501' }

describeWith('the least-privilege role', startPostgres, (server) => {
  let owner: pg.Pool
  let app: pg.Pool
  let schema: string
  beforeAll(async () => {
    owner = await freshPool(server())
    schema = (await freshStore(owner)).schema
    app = (await poolAsRole(owner, { schema })).pool
  })
  afterAll(async () => {
    await app.end()
    await owner.end()
  })

  test('[A5] reads and writes secrets, shares, lists and verifies', async () => {
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store: postgresStore({ pool: app, schema }), policy })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', 'of alice', { tags: ['ci'] })
    await alice.share('token', { with: 'bob', permission: 'read' })
    expect((await vault.as({ id: 'bob' }).listAll()).items).toHaveLength(1)
    expect((await alice.get('token'))?.reveal()).toBe('of alice')
    await alice.delete('token')
    await alice.destroy('token')
    await vault.operator(operator).rewrap()
    expect((await vault.operator(operator).verifyAudit()).problems).toEqual([])
    await vault.close()
  })

  test.each([
    'UPDATE mcpvault_audit SET principal = principal',
    'DELETE FROM mcpvault_audit',
    'TRUNCATE mcpvault_audit',
    'DELETE FROM mcpvault_checkpoints',
    'UPDATE mcpvault_checkpoints SET note = note',
    'DELETE FROM mcpvault_streams',
    'DROP TABLE mcpvault_audit',
    'ALTER TABLE mcpvault_audit DISABLE TRIGGER ALL',
    "INSERT INTO mcpvault_migrations VALUES (2, 'own', 'own')",
    'CREATE TABLE own (id integer)',
  ])('[A5] may not %s', async (text) => {
    const client = await app.connect()
    try {
      await client.query(`SET search_path = "${schema}"`)
      await expect(client.query(text)).rejects.toMatchObject(insufficient)
    } finally {
      client.release(true)
    }
  })

  test('[T46] may pseudonymise a user only as the operator', async () => {
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const { schema: own } = await freshStore(owner)
    const asApp = await poolAsRole(owner, { schema: own })
    const asOperator = await poolAsRole(owner, { schema: own, kind: 'operator' })
    const vaultOf = (pool: pg.Pool) => createVault({ keys, store: postgresStore({ pool, schema: own }), policy })
    const vaults = [vaultOf(asApp.pool), vaultOf(asOperator.pool)] as const
    await vaults[0].as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'of alice')
    const erase = { trail: 'pseudonymise' } as const
    await expect(vaults[0].operator(operator).eraseOwner('alice', erase)).rejects.toMatchObject({
      code: 'VAULT_STORE_FAILED',
      retryable: false,
    })
    await vaults[1].operator(operator).eraseOwner('alice', erase)
    expect((await vaults[1].as(operator).auditLog({ owner: 'alice' })).items).toEqual([])
    for (const vault of vaults) await vault.close()
    await asApp.pool.end()
    await asOperator.pool.end()
  })
})
