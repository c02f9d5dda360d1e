// What a role of `grants` can do by statements of its own: every table, every command, as a principal and without one.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { poolAsRole } from './support/roles.ts'
import { freshPool, freshStore, quiet } from './support/stores.ts'

/** How many rows a statement finds or changes, or that the server refuses it. */
type Outcome = number | 'refused'

const commands = ['select', 'insert', 'update', 'delete'] as const

/** A row of somebody else's for each table, and a column to change. */
const rows = {
  mcpvault_meta: ['(key, value)', "('other', '')", 'value'],
  mcpvault_locks: ['(name, holder, ends_at)', "('other', 'mallory', now())", 'holder'],
  mcpvault_secrets: [
    '(owner, server, name, id, revision, current_version, state, type, tier, dek_id, created_at, use_count, record, lists)',
    "('alice', 'github', 'other', 'id', 1, 1, 'active', 'generic', 1, 'dek', 0, 0, '', '')",
    'state',
  ],
  mcpvault_versions: ['(secret, owner, version, envelope)', "(1, 'alice', 9, '')", 'envelope'],
  mcpvault_grants: [
    '(secret, owner, principal, permission, granted_by, granted_at, created_at, id)',
    "(1, 'alice', 'mallory', 'admin', 'alice', 0, 0, 'id')",
    'permission',
  ],
  mcpvault_tags: ['(secret, owner, tag, created_at, id)', "(1, 'alice', 'other', 0, 'id')", 'id'],
  mcpvault_data_keys: [
    '(id, kind, owner, server, state, revision, created_at, wraps)',
    "('id', 'values', 'mallory', 'github', 'active', 1, 0, '')",
    'state',
  ],
  mcpvault_audit: [
    '(stream, sequence, at, action, outcome, principal, mac, body)',
    "('s', 0, 0, 'secret.accessed', 'allowed', 'alice', '', '')",
    'principal',
  ],
  mcpvault_streams: ['(stream, first_at, last_at, last_day, last_sequence)', "('s', 0, 0, 0, 0)", 'last_sequence'],
  mcpvault_checkpoints: ['(id, created_at, note)', "('id', 0, 'note')", 'note'],
  mcpvault_migrations: ['(version, name, checksum)', "(99, 'other', 'other')", 'checksum'],
} as const
type Table = keyof typeof rows

function statement(table: Table, command: (typeof commands)[number]): string {
  const [columns, values, column] = rows[table]
  return {
    select: `SELECT 1 FROM ${table}`,
    insert: `INSERT INTO ${table} ${columns} VALUES ${values}`,
    update: `UPDATE ${table} SET ${column} = ${column}`,
    delete: `DELETE FROM ${table}`,
  }[command]
}

const nothing = ['refused', 'refused', 'refused', 'refused'] as const

/** With row security, a principal that owns nothing: select, insert, update, delete. */
const asPrincipal: Readonly<Record<Table, readonly [Outcome, Outcome, Outcome, Outcome]>> = {
  mcpvault_meta: nothing,
  mcpvault_locks: nothing,
  mcpvault_secrets: [0, 'refused', 0, 0],
  mcpvault_versions: [0, 'refused', 0, 0],
  mcpvault_grants: [0, 'refused', 0, 0],
  mcpvault_tags: [0, 'refused', 0, 0],
  mcpvault_data_keys: nothing,
  mcpvault_audit: [0, 'refused', 'refused', 'refused'],
  mcpvault_streams: nothing,
  mcpvault_checkpoints: nothing,
  mcpvault_migrations: [2, 'refused', 'refused', 'refused'],
}

/** The same when the role was given the rights of a store without row security: no row is shown or taken either. */
const asPrincipalOfApp: typeof asPrincipal = {
  ...asPrincipal,
  mcpvault_meta: [0, 'refused', 'refused', 'refused'],
  mcpvault_locks: [0, 'refused', 0, 0],
  mcpvault_data_keys: [0, 'refused', 0, 0],
  mcpvault_streams: [0, 'refused', 'refused', 'refused'],
  mcpvault_checkpoints: [0, 'refused', 'refused', 'refused'],
}

/** Without row security: the commands that a role has a right to, and the columns that it may not change. */
const rights: Readonly<Record<Table, { app: string; operator?: string; fixed: readonly string[] }>> = {
  mcpvault_meta: { app: 'select insert', fixed: ['key', 'value'] },
  mcpvault_locks: { app: 'select insert update delete', fixed: ['name'] },
  mcpvault_secrets: { app: 'select insert update delete', fixed: ['key', 'name', 'owner', 'server'] },
  mcpvault_versions: { app: 'select insert update delete', fixed: ['owner', 'secret', 'version'] },
  mcpvault_grants: { app: 'select insert update delete', fixed: ['owner', 'principal', 'secret'] },
  mcpvault_tags: { app: 'select insert update delete', fixed: ['owner', 'secret', 'tag'] },
  mcpvault_data_keys: { app: 'select insert update delete', fixed: ['id', 'kind', 'owner', 'server'] },
  mcpvault_audit: { app: 'select insert', operator: 'select insert update', fixed: ['mac', 'sequence', 'stream'] },
  mcpvault_streams: {
    app: 'select',
    fixed: ['first_at', 'last_at', 'last_day', 'last_sequence', 'stream'],
  },
  mcpvault_checkpoints: { app: 'select insert', fixed: ['created_at', 'id', 'note'] },
  mcpvault_migrations: { app: 'select', fixed: ['applied_at', 'checksum', 'name', 'version'] },
}

const tables = Object.keys(rows) as Table[] // Object.keys is typed string[]; the keys are exactly the tables.

describeWith('the rights of a role', startPostgres, (server) => {
  let owner: pg.Pool
  let secured: { readonly schema: string; readonly principals: pg.Pool; readonly app: pg.Pool }
  let plain: { readonly schema: string; readonly app: string; readonly operator: string }

  beforeAll(async () => {
    owner = await freshPool(server())
    const security = { rls: true, operatorPool: owner }
    const { schema } = await freshStore(owner, security)
    const { pool: principals } = await poolAsRole(owner, { schema, rls: true })
    const { pool: app } = await poolAsRole(owner, { schema })
    secured = { schema, principals, app }
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store: postgresStore({ pool: principals, schema, ...security, logger: quiet }) })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('one', 'of alice', { tags: ['ci'] })
    await alice.set('two', 'of alice', { tags: ['ci'] })
    await alice.share('one', { with: 'bob', permission: 'write' })
    await vault.as({ id: 'bob' }).scope({ server: 'github' }).set('own', 'of bob')
    await vault.close()

    const { schema: other } = await freshStore(owner)
    const roles = [
      await poolAsRole(owner, { schema: other }),
      await poolAsRole(owner, { schema: other, kind: 'operator' }),
    ]
    for (const { pool } of roles) await pool.end()
    plain = { schema: other, app: roles[0]?.role ?? '', operator: roles[1]?.role ?? '' }
  })
  afterAll(async () => {
    for (const pool of [secured.principals, secured.app, owner]) await pool.end()
  })

  /** Runs a statement as the store runs those of a principal, and undoes it. */
  async function outcomeOf(pool: pg.Pool, { principal, text }: { principal: string | undefined; text: string }) {
    const client = await pool.connect()
    try {
      await client.query(`BEGIN; SET LOCAL search_path = "${secured.schema}"`)
      if (principal !== undefined) await client.query("SELECT set_config('mcpvault.principal', $1, true)", [principal])
      return (await client.query(text)).rowCount
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === '42501' ? 'refused' : error
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  }

  const cells = tables.flatMap((table) =>
    commands.map((command, index) => ({ table, command, index, text: statement(table, command) })),
  )

  test.each(cells)('[S20] with row security hold a stranger to its own: $command on $table', async (cell) => {
    const { table, index, text } = cell
    for (const principal of ['mallory', undefined, '']) {
      expect(await outcomeOf(secured.principals, { principal, text })).toBe(asPrincipal[table][index])
      expect(await outcomeOf(secured.app, { principal, text })).toBe(asPrincipalOfApp[table][index])
    }
  })

  test.each<readonly [string, Outcome]>([
    // Of the three secrets bob sees his own and the one that alice shared; of data keys not even his own.
    ['SELECT 1 FROM mcpvault_secrets', 2],
    ['SELECT 1 FROM mcpvault_data_keys', 'refused'],
    ["UPDATE mcpvault_secrets SET state = 'deleted'", 2],
    ["UPDATE mcpvault_secrets SET owner = 'bob'", 'refused'],
    ["UPDATE mcpvault_secrets SET name = 'other'", 'refused'],
    ['DELETE FROM mcpvault_secrets', 1],
    ['UPDATE mcpvault_versions SET secret = secret', 'refused'],
    ["UPDATE mcpvault_grants SET permission = 'admin'", 0],
    ['DELETE FROM mcpvault_grants', 0],
    [
      `INSERT INTO mcpvault_grants SELECT key, owner, 'carol', 'read', 'bob', 0, 0, id FROM mcpvault_secrets WHERE owner = 'alice'`,
      'refused',
    ],
    [eventOf('bob'), 1],
    [eventOf('bob', 'alice'), 1],
    [eventOf('mcpvault'), 1],
    [eventOf('mcpvault', 'alice'), 'refused'],
    [eventOf('alice'), 'refused'],
    [eventOf('alice', 'bob'), 'refused'],
  ])('[S20] with row security hold who may write a shared secret: %s', async (text, outcome) => {
    expect(await outcomeOf(secured.principals, { principal: 'bob', text })).toBe(outcome)
  })

  test.each(tables)('[A5] without row security are what the store needs: %s', async (table) => {
    const { app, operator = app, fixed } = rights[table]
    for (const [role, expected] of [
      [plain.app, app],
      [plain.operator, operator],
    ]) {
      const { rows: columns } = await owner.query<{ name: string; may: boolean; held: string }>(
        `SELECT a.attname AS name, has_column_privilege($1, c.oid, a.attnum, 'UPDATE') AS may,
           (SELECT string_agg(lower(p), ' ' ORDER BY i) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
              'TRUNCATE', 'REFERENCES', 'TRIGGER']) WITH ORDINALITY u(p, i)
            WHERE CASE WHEN p = 'UPDATE' THEN has_any_column_privilege($1, c.oid, p)
              ELSE has_table_privilege($1, c.oid, p) END) AS held
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
         WHERE c.relnamespace = $2::regnamespace AND c.relname = $3 ORDER BY a.attname`,
        [role, plain.schema, table],
      )
      expect(columns[0]?.held).toBe(expected)
      const unchangeable = columns.filter(({ may }) => !may).map(({ name }) => name)
      expect(unchangeable).toEqual(expect.arrayContaining([...fixed]))
    }
  })

  test('[A5] are listed here for every table that there is', async () => {
    const { rows: found } = await owner.query<{ relname: string }>(
      "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY relname",
      [plain.schema],
    )
    expect(found.map(({ relname }) => relname)).toEqual([...tables].sort())
  })
})

function eventOf(principal: string, whose?: string): string {
  const named = whose === undefined ? 'NULL' : `'${whose}'`
  return `INSERT INTO mcpvault_audit (stream, sequence, at, action, outcome, principal, owner, mac, body)
    VALUES ('s', 0, 0, 'secret.accessed', 'allowed', '${principal}', ${named}, '', '')`
}
