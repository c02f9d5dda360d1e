// Pages: what they find is what a store without indexes finds, and how they find it is never by reading everything.
import { type AuditFilter, memoryStore, type SecretQuery, type StoredSecret } from '@mcpvault/core'
import { sampleGrant, sampleSecret } from '@mcpvault/core/testing'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, test } from 'vitest'
import type { SqliteValue } from '../src/index.ts'
import { auditPage, dataKeyPage, secretPage } from '../src/pages.ts'
import { sql } from '../src/statements.ts'
import { drivers, freshStore, plainDatabase } from './support/databases.ts'

const tags = ['ci', 'web', 'prod']
const people = ['alice', 'bob', 'carol']
const states = ['active', 'inactive', 'deleted'] as const
const start = Date.UTC(2026, 0, 1)

const secrets = fc.array(
  fc.record({
    owner: fc.constantFrom(...people),
    server: fc.constantFrom('github', 'slack'),
    state: fc.constantFrom(...states),
    type: fc.constantFrom('api_key', 'custom'),
    tier: fc.constantFrom(1 as const, 2 as const, 3 as const),
    tags: fc.subarray(tags),
    grantees: fc.subarray(people),
    dekId: fc.constantFrom('aa', 'bb'),
    // Few instants, so that ids decide.
    createdAt: fc.nat({ max: 5 }).map((second) => new Date(start + second * 1000)),
    expiresAt: fc.option(fc.nat({ max: 5 }).map((second) => new Date(start + second * 1000))),
  }),
  { minLength: 20, maxLength: 60 },
)

const queries: fc.Arbitrary<SecretQuery> = fc.record(
  {
    owner: fc.constantFrom(...people),
    server: fc.constantFrom('github', 'slack'),
    visibleTo: fc.constantFrom(...people),
    notOwner: fc.constantFrom(...people),
    tagsAny: fc.subarray([...tags, ...Array.from({ length: 8 }, (_, at) => `none ${at}`)]),
    tagsAll: fc.subarray(tags),
    type: fc.constantFrom('api_key', 'custom'),
    tier: fc.constantFrom(1 as const, 2 as const, 3 as const),
    states: fc.subarray([...states]),
    expiresBefore: fc.nat({ max: 6 }).map((second) => new Date(start + second * 1000)),
    dekId: fc.constantFrom('aa', 'bb'),
    limit: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['limit'] },
)

describe.each(drivers)('pages with %s', (driver) => {
  test('[S11][S30] every combination of conditions finds the same pages as a plain filter', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, fc.array(queries, { minLength: 30, maxLength: 30 }), async (parts, asked) => {
        const { store } = await freshStore(driver)
        const plain = memoryStore()
        for (const [at, { grantees, expiresAt, owner, server, ...part }] of parts.entries()) {
          const record: StoredSecret = sampleSecret({
            ...part,
            ref: { owner, server, name: `s${at}` },
            grants: grantees.map((principal) => sampleGrant({ principal })),
            ...(expiresAt === null ? {} : { expiresAt }),
          })
          await store.secrets.put(record, { ifRevision: 0 })
          await plain.secrets.put(record, { ifRevision: 0 })
        }
        for (const query of asked) {
          expect(await everyPage(store.secrets.list, query)).toEqual(await everyPage(plain.secrets.list, query))
        }
      }),
      { numRuns: 6 },
    )
  })
})

type List = (query: SecretQuery) => readonly StoredSecret[] | PromiseLike<readonly StoredSecret[]>

async function everyPage(list: List, query: SecretQuery): Promise<string[][]> {
  const pages: string[][] = []
  for (let after: SecretQuery['after']; ; ) {
    const page = await list(after === undefined ? query : { ...query, after })
    pages.push(page.map(({ ref }) => ref.name))
    const last = page.at(-1)
    if (last === undefined || pages.length > 100) return pages
    after = { createdAt: last.createdAt, id: last.id }
  }
}

const after = { createdAt: new Date(start), id: 'x' }
const shapes: readonly SecretQuery[] = [
  {},
  { owner: 'alice' },
  { owner: 'alice', server: 'github' },
  { server: 'github' },
  { visibleTo: 'alice' },
  { visibleTo: 'alice', notOwner: 'alice' },
  { notOwner: 'alice' },
  { visibleTo: 'alice', tagsAny: ['ci', 'web'], states: ['active' as const] },
  { tagsAny: ['ci'] },
  { owner: 'alice', tagsAny: ['ci'] },
  { owner: 'alice', tagsAll: ['ci', 'web'] },
  { type: 'api_key' },
  { tier: 1 as const },
  { states: ['active' as const, 'deleted' as const] },
  { dekId: 'aa' },
  { dekId: 'aa', tagsAny: ['ci'] },
  { tagsAny: Array.from({ length: 9 }, (_, at) => `t${at}`) },
].map((shape) => ({ ...shape, after, limit: 100 }))
/** What the vault and its operator ask, with the search that each list of such a page is. */
const common: readonly (readonly [SecretQuery, string])[] = (
  [
    [{}, 'mcpvault_secrets_state (state=? AND (created_at,id)<(?,?))'],
    [{ owner: 'alice' }, 'mcpvault_secrets_owner (owner=? AND state=? AND (created_at,id)<(?,?))'],
    [{ owner: 'alice', tier: 1 }, 'mcpvault_secrets_owner (owner=? AND state=? AND (created_at,id)<(?,?))'],
    [
      { owner: 'alice', server: 'github', type: 'api_key' },
      'mcpvault_secrets_scope (owner=? AND server=? AND state=? AND (created_at,id)<(?,?))',
    ],
    [{ owner: 'alice', tagsAny: ['ci', 'web'] }, 'mcpvault_tags_owner (owner=? AND tag=? AND (created_at,id)<(?,?))'],
    [
      { owner: 'alice', server: 'github', tagsAll: ['ci'] },
      'mcpvault_tags_owner (owner=? AND tag=? AND (created_at,id)<(?,?))',
    ],
    [{ visibleTo: 'alice', owner: 'bob' }, 'mcpvault_grants_principal (principal=? AND (created_at,id)<(?,?))'],
    [{ visibleTo: 'alice', notOwner: 'alice' }, 'mcpvault_grants_principal (principal=? AND (created_at,id)<(?,?))'],
    [{ dekId: 'aa' }, 'mcpvault_secrets_dek (dek_id=? AND state=? AND (created_at,id)<(?,?))'],
  ] as const
).map(([shape, search]) => [{ ...shape, after, limit: 100 }, search])
const at = { limit: 100, after: { at: new Date(start), stream: 's', sequence: 1 } }

describe('[S47] query plans', () => {
  const plansOf = async (): Promise<(statement: Statement) => string[]> => {
    const { path } = await freshStore('libsql')
    const database = plainDatabase(path, 'libsql')
    return ({ text, values }) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${text}`)
        .all(...values)
        .map((row) => (typeof row === 'object' && row !== null && 'detail' in row ? String(row.detail) : ''))
  }

  test('no page of secrets reads or sorts more than its pages of keys', async () => {
    const planOf = await plansOf()
    for (const query of shapes) {
      const plan = planOf(statementOf(secretPage(query)))
      expect(plan.filter(readsTable), JSON.stringify(query)).toEqual([])
      // The merged keys are sorted, at most a page of each list; no list is sorted on its own.
      expect(plan.filter((step) => step.includes('ORDER BY')).length, JSON.stringify(query)).toBeLessThanOrEqual(1)
    }
  })

  test('the pages of secrets that are asked for often begin at their cursor in an index of their own', async () => {
    const planOf = await plansOf()
    for (const [query, search] of common) {
      const lists = planOf(statementOf(secretPage(query))).filter((step) => /^SEARCH [sl] USING/.test(step))
      const keys = lists.filter((step) => !step.includes('INTEGER PRIMARY KEY'))
      expect(new Set(keys.map((step) => step.replace(/^.*INDEX /, ''))), JSON.stringify(query)).toEqual(
        new Set([search]),
      )
    }
  })

  test('secrets that expire are found by their expiry', async () => {
    const planOf = await plansOf()
    const query: SecretQuery = { expiresBefore: new Date(start), states: ['active'], limit: 100 }
    const plan = planOf(statementOf(secretPage(query)))
    expect(plan.filter(readsTable)).toEqual([])
    expect(plan.join('\n')).toContain('mcpvault_secrets_expiry (state=? AND expires_at<?)')
  })

  test('no page of audit rows sorts, and those without an index of their own walk by time within their bounds', async () => {
    const planOf = await plansOf()
    const bounds = { from: new Date(start - 1000), to: new Date(start + 1000) }
    const filters: readonly (readonly [AuditFilter, string])[] = [
      [{ principal: 'p' }, 'mcpvault_audit_principal (principal=? AND (at,stream,sequence)<(?,?,?))'],
      [
        { principal: 'p', correlationId: 'c' },
        'mcpvault_audit_principal (principal=? AND (at,stream,sequence)<(?,?,?))',
      ],
      [{ owner: 'o' }, 'mcpvault_audit_owner (owner=? AND (at,stream,sequence)<(?,?,?))'],
      [
        { owner: 'o', server: 's', name: 'n', ...bounds },
        'mcpvault_audit_owner (owner=? AND at>? AND (at,stream,sequence)<(?,?,?))',
      ],
      [{ to: new Date(start) }, 'mcpvault_audit_at (at<?)'],
      [bounds, 'mcpvault_audit_at (at>? AND (at,stream,sequence)<(?,?,?))'],
      [{ secretId: 'i', ...bounds }, 'mcpvault_audit_at (at>? AND (at,stream,sequence)<(?,?,?))'],
      [{ correlationId: 'c', ...bounds }, 'mcpvault_audit_at (at>? AND (at,stream,sequence)<(?,?,?))'],
      [{ stream: 's' }, 'mcpvault_audit_at ((at,stream,sequence)<(?,?,?))'],
      [
        { name: 'n', actions: ['secret.accessed'], outcomes: ['denied'] },
        'mcpvault_audit_at ((at,stream,sequence)<(?,?,?))',
      ],
    ]
    for (const [filter, search] of filters) {
      const plan = planOf(statementOf(auditPage(filter, at)))
      expect(plan[0], JSON.stringify(filter)).toBe(`SEARCH mcpvault_audit USING INDEX ${search}`)
      expect(plan.filter(readsTable), JSON.stringify(filter)).toEqual([])
      expect(
        plan.filter((step) => step.includes('TEMP B-TREE')),
        JSON.stringify(filter),
      ).toEqual([])
    }
  })

  test('no page of data keys sorts or begins at the first row', async () => {
    const planOf = await plansOf()
    const filters = [{}, { owner: 'o' }]
    for (const filter of filters) {
      const plan = planOf(statementOf(dataKeyPage({ ...filter, after: 'x', limit: 100 })))
      expect(plan.filter(readsTable), JSON.stringify(filter)).toEqual([])
      expect(
        plan.filter((step) => step.includes('TEMP B-TREE')),
        JSON.stringify(filter),
      ).toEqual([])
    }
  })

  test('no statement with a fixed text reads a whole table', async () => {
    const planOf = await plansOf()
    for (const [name, statement] of Object.entries(sql)) {
      const text = typeof statement === 'string' ? statement : statement.sql
      if (/^(?:BEGIN|COMMIT|ROLLBACK|PRAGMA)/.test(text) || name === 'migrations') continue
      const values = Array.from(text.matchAll(/\?/g), () => '[]')
      expect(planOf({ text, values }).filter(readsTable), name).toEqual([])
    }
  })
})

interface Statement {
  readonly text: string
  readonly values: readonly SqliteValue[]
}

function statementOf(page: { readonly query: { readonly sql: string }; readonly values: readonly SqliteValue[] }) {
  return { text: page.query.sql, values: page.values }
}

/** A scan of a table, and not of bound JSON or of the keys that a page's own branches gave. */
function readsTable(step: string): boolean {
  return step.startsWith('SCAN') && !/^SCAN (?:json_each\b|j\b|p$|\(subquery-\d+\)|CONSTANT ROW)/.test(step)
}
