// Row security bites: a plain role sees what its principal may see, whatever it asks for.
import { createVault, generateKey, isVaultError, keyRing, type Vault } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { poolAsRole } from './support/roles.ts'
import { freshPool, freshStore } from './support/stores.ts'

const operator = { id: 'root', roles: ['operator'] }
const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }

describeWith('row security', startPostgres, (server) => {
  let owner: pg.Pool
  let app: pg.Pool
  let schema: string
  let vault: Vault

  beforeAll(async () => {
    owner = await freshPool(server())
    schema = (await freshStore(owner, { rls: true, operatorPool: owner })).schema
    app = (await poolAsRole(owner, { schema, rls: true })).pool
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    vault = createVault({ keys, store: postgresStore({ pool: app, schema, rls: true, operatorPool: owner }), policy })
    for (const id of ['alice', 'bob']) {
      for (const name of ['one', 'two'])
        await vault.as({ id }).scope({ server: 'github' }).set(name, `${name} of ${id}`)
    }
    await vault.as({ id: 'alice' }).scope({ server: 'github' }).share('one', { with: 'bob', permission: 'read' })
  })
  afterAll(async () => {
    await vault.close()
    await app.end()
    await owner.end()
  })

  /** What a statement gives to a role that says whom it serves. */
  async function seenBy(principal: string | undefined, text: string): Promise<readonly Record<string, unknown>[]> {
    const client = await app.connect()
    try {
      await client.query(`BEGIN; SET LOCAL search_path = "${schema}"`)
      if (principal !== undefined) await client.query("SELECT set_config('mcpvault.principal', $1, true)", [principal])
      const { rows } = await client.query(text)
      await client.query('COMMIT')
      return rows
    } finally {
      client.release(true)
    }
  }

  test('[S20] shows own and shared secrets, own permissions and own logs', async () => {
    const named = 'SELECT owner, name FROM mcpvault_secrets ORDER BY owner, name'
    expect(await seenBy('bob', named)).toEqual([
      { owner: 'alice', name: 'one' },
      { owner: 'bob', name: 'one' },
      { owner: 'bob', name: 'two' },
    ])
    expect(await seenBy('bob', "SELECT count(*)::int FROM mcpvault_versions WHERE owner = 'alice'")).toEqual([
      { count: 1 },
    ])
    expect(await seenBy('bob', 'SELECT principal FROM mcpvault_grants')).toEqual([{ principal: 'bob' }])
    expect(await seenBy('carol', 'SELECT * FROM mcpvault_grants')).toEqual([])
    const logs = await seenBy('bob', 'SELECT DISTINCT principal, owner FROM mcpvault_audit')
    expect(logs).toContainEqual({ principal: 'bob', owner: 'bob' })
    expect(logs.filter(({ principal, owner: whose }) => principal !== 'bob' && whose !== 'bob')).toEqual([])
  })

  test.each(['mcpvault_secrets', 'mcpvault_versions', 'mcpvault_grants', 'mcpvault_tags', 'mcpvault_audit'])(
    '[S20] shows nothing of %s to nobody, and nothing to a stranger',
    async (table) => {
      expect(await seenBy(undefined, `SELECT * FROM ${table}`)).toEqual([])
      expect(await seenBy('stranger', `SELECT * FROM ${table}`)).toEqual([])
    },
  )

  test('[S20] lets nobody write what is not theirs', async () => {
    expect(
      await seenBy('bob', "UPDATE mcpvault_secrets SET state = 'deleted' WHERE owner = 'alice' RETURNING 1"),
    ).toEqual([])
    expect(await seenBy('bob', "DELETE FROM mcpvault_secrets WHERE owner = 'alice' RETURNING 1")).toEqual([])
    await expect(
      seenBy(
        'bob',
        "INSERT INTO mcpvault_grants SELECT key, owner, 'bob', 'admin', 'bob', 0, 0, id FROM mcpvault_secrets WHERE name = 'one' AND owner = 'alice'",
      ),
    ).rejects.toMatchObject({ code: '42501' })
  })

  test('[S20] leaves a vault as it is: own, shared, written and destroyed by a grantee, erased by an operator', async () => {
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    const bob = vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' })
    expect((await bob.get('one'))?.reveal()).toBe('one of alice')
    expect(await bob.get('two')).toBeUndefined()
    await alice.share('one', { with: 'bob', permission: 'write' })
    await bob.set('one', 'by bob')
    expect((await alice.get('one'))?.reveal()).toBe('by bob')
    await alice.share('one', { with: 'bob', permission: 'admin' })
    await bob.share('one', { with: 'carol', permission: 'read' })
    await alice.set('three', 'three of alice')
    for (const [permission, outcome] of [
      ['write', 'VAULT_ACCESS_DENIED'],
      ['admin', true],
    ] as const) {
      await alice.share('three', { with: 'bob', permission })
      const destroyed = await bob.destroy('three').catch((error: unknown) => isVaultError(error) && error.code)
      expect(destroyed).toBe(outcome)
    }
    expect(await alice.get('three')).toBeUndefined()
    expect((await vault.as({ id: 'carol' }).listAll()).items.map(({ name }) => name)).toEqual(['one'])
    expect((await vault.as({ id: 'alice' }).auditLog()).items.length).toBeGreaterThan(0)
    await vault.operator(operator).eraseOwner('bob')
    expect((await vault.as({ id: 'bob' }).listAll()).items).toEqual([])
    expect((await vault.operator(operator).verifyAudit()).problems).toEqual([])
  })

  test('takes a pool for what serves no principal', () => {
    expect(() => postgresStore({ pool: app, rls: true })).toThrow(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }),
    )
  })
})
