// A page costs a page: in a large vault each question walks an index of its own, and no index is without a question.
import type { SecretQuery } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataKeyPage, secretPage } from '../src/pages.ts'
import { statementsOf } from '../src/statements.ts'
import { freshPool, freshStore } from './support/stores.ts'

const owner = 'user 7'
const server = 'server 1'
const after = { createdAt: new Date(90_000), id: 'id 900' }

/** The questions of the vault and its operator, each with the indexes that answer it. */
const questions: readonly (readonly [string, Omit<SecretQuery, 'limit'>, readonly string[]])[] = [
  ['the active of a scope', { owner, server, states: ['active'] }, ['secrets_scope']],
  ['the next page of a scope', { owner, server, states: ['active'], after }, ['secrets_scope']],
  ['those of a type in a scope', { owner, server, states: ['active'], type: 'api_key' }, ['secrets_scope']],
  ['those of a tier in a scope', { owner, server, states: ['active'], tier: 2 }, ['secrets_scope']],
  ['those of a tag in a scope', { owner, server, states: ['active'], tagsAny: ['tag 3'] }, ['tags_owner']],
  ['those of all tags in a scope', { owner, server, states: ['active'], tagsAll: ['tag 3', 'tag 4'] }, ['tags_pkey']],
  ['all of an owner', { owner }, ['secrets_owner']],
  ['all that a principal owns or was given', { visibleTo: owner }, ['secrets_owner', 'grants_principal']],
  ['those of a tag of these', { visibleTo: owner, tagsAny: ['tag 3'] }, ['tags_owner', 'grants_principal']],
  ['those of a scope that were given', { visibleTo: 'user 8', owner, server }, ['grants_principal']],
  ['all that others gave a principal', { visibleTo: owner, notOwner: owner }, ['grants_principal']],
  ['the expired', { states: ['active'], expiresBefore: new Date(20) }, ['secrets_expiry']],
  ['those under a data key', { dekId: 'dek 7' }, ['secrets_dek']],
  ['everything', {}, ['secrets_state']],
]

describeWith('a large vault', startPostgres, (service) => {
  let pool: pg.Pool
  let schema: string
  beforeAll(async () => {
    pool = await freshPool(service())
    schema = (await freshStore(pool)).schema
    await pool.query(`
      SET search_path = "${schema}";
      INSERT INTO mcpvault_secrets (owner, server, name, id, revision, current_version, state, type, tier, dek_id,
          created_at, expires_at, use_count, record, lists)
        SELECT 'user ' || i % 200, 'server ' || i / 200 % 4, 'name ' || i, 'id ' || i, 1, 1,
          (ARRAY['active', 'active', 'inactive', 'deleted'])[1 + i / 800 % 4], 'generic', 1, 'dek ' || i % 200, i,
          CASE WHEN i % 5 = 0 THEN i END, 0, '', ''
        FROM generate_series(1, 20000) i;
      INSERT INTO mcpvault_tags (secret, owner, tag, created_at, id)
        SELECT key, owner, 'tag ' || key % 7, created_at, id FROM mcpvault_secrets;
      INSERT INTO mcpvault_grants (secret, owner, principal, permission, granted_by, granted_at, created_at, id)
        SELECT key, owner, 'user ' || (key + 1) % 1000, 'read', owner, 0, created_at, id FROM mcpvault_secrets;
      INSERT INTO mcpvault_data_keys (id, kind, owner, server, state, revision, created_at, wraps)
        SELECT md5(i::text), 'values', 'user ' || i % 200, 'server ' || i / 200, 'active', 1, i, ''
        FROM generate_series(1, 4000) i;
      ANALYZE mcpvault_secrets, mcpvault_tags, mcpvault_grants, mcpvault_data_keys;
      RESET search_path`)
  })
  afterAll(() => pool.end())

  /** The indexes of the plan, and whether it reads a whole table or all of a list. */
  async function planOf(text: string, values: readonly unknown[]): Promise<{ indexes: string[]; isWhole: boolean }> {
    const query = statementsOf({ schema, notifies: false }).text(text)
    const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${query}`, [...values])
    const plan = JSON.stringify(rows)
    const indexes = [...plan.matchAll(/"Index Name":"mcpvault_(\w+)"/g)].map(([, name = '']) => name)
    return { indexes: [...new Set(indexes)], isWhole: plan.includes('Seq Scan') }
  }

  test.each(questions)('walks an index for %s', async (_what, query, indexes) => {
    const { text, values } = secretPage({ ...query, limit: 20 })
    const plan = await planOf(text, values)
    expect(plan).toEqual({ indexes: expect.arrayContaining([...indexes]), isWhole: false })
  })

  test.each([
    ['all data keys', {}, 'data_keys_pkey'],
    ['the data keys of an owner', { owner }, 'data_keys_owner'],
  ])('walks an index for %s', async (_what, query, index) => {
    const { text, values } = dataKeyPage({ ...query, limit: 20 })
    expect(await planOf(text, values)).toEqual({ indexes: [index], isWhole: false })
  })

  test('has no index that no question asks for', async () => {
    const { rows } = await pool.query<{ relname: string }>(
      `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
       WHERE t.relnamespace = $1::regnamespace AND NOT i.indisunique
         AND t.relname IN ('mcpvault_secrets', 'mcpvault_versions', 'mcpvault_tags', 'mcpvault_grants')`,
      [schema],
    )
    const asked = new Set(questions.flatMap(([, , indexes]) => indexes.map((name) => `mcpvault_${name}`)))
    expect(rows.length).toBeGreaterThan(5)
    expect(rows.filter(({ relname }) => !asked.has(relname))).toEqual([])
  })
})
