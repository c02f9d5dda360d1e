// What is sent to the server: few statements for many callers, each with a plan that stays good.
import type { StoreChange, StoredDataKey, StoredSecret } from '@mcpvault/core'
import { fullSecret, sampleDataKey, sampleGrant, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { auditPage } from '../src/pages.ts'
import { statementsOf } from '../src/statements.ts'
import { listeningTo } from './support/listening-pool.ts'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

describeWith('statements', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const secretNamed = (name: string) => sampleSecret({ ref: { ...sampleRef(), name } })

  test('many reads at once share statements, and each gets its own secret', async () => {
    const { store, schema } = await freshStore(pool)
    const names = Array.from({ length: 32 }, (_, index) => `SECRET_${index}`)
    for (const name of names) await store.secrets.put(secretNamed(name), { ifRevision: 0 })
    const listening = listeningTo(pool)
    const shared = postgresStore({ pool: listening.pool, schema })
    await shared.meta.read('vault-id')
    const wanted = [...names, 'ABSENT', ...names]
    const found = await Promise.all(wanted.map((name) => shared.secrets.find({ ...sampleRef(), name }, 'current')))
    expect(found.map((record) => record?.ref.name)).toEqual([...names, undefined, ...names])
    expect(listening.sent.sort()).toEqual(['find_current', 'find_several'])
  })

  test('many writes at once share commits, and each gets its own result', async () => {
    const { store, schema } = await freshStore(pool)
    const listening = listeningTo(pool)
    const shared = postgresStore({ pool: listening.pool, schema })
    await shared.meta.read('vault-id')
    const records = Array.from({ length: 20 }, (_, index) => secretNamed(`SECRET_${index >> 1}`))
    const done = await Promise.all(records.map((record) => shared.secrets.put(record, { ifRevision: 0 })))
    expect(done.filter(Boolean)).toHaveLength(10)
    for (const { ref } of records) expect((await store.secrets.find(ref, 'current'))?.ref).toEqual(ref)
    expect(listening.sent.sort()).toEqual(['put_secrets', 'put_secrets', 'put_secrets'])
  })

  test('writes that share a statement each bring their own versions, permissions, tags and events', async () => {
    const { store, schema } = await freshStore(pool)
    const listening = listeningTo(pool)
    const shared = postgresStore({ pool: listening.pool, schema })
    const before = secretNamed('SECRET_3')
    await shared.secrets.put(before, { ifRevision: 0 })
    listening.sent.length = 0
    const records = Array.from({ length: 8 }, (_, index) => ({
      ...fullSecret({ ref: { ...sampleRef(), name: `SECRET_${index}` } }),
      tags: Array.from({ length: index % 3 }, (_each, tag) => `tag ${index}.${tag}`),
      grants: Array.from({ length: index % 4 }, (_each, grant) => sampleGrant({ principal: `user ${index}.${grant}` })),
    }))
    // The fourth loses: its name is taken.
    const done = await Promise.all(
      records.map((record, index) =>
        shared.secrets.put(record, { ifRevision: 0, audit: [auditRow({ sequence: index, mac: 1 })] }),
      ),
    )
    expect(listening.sent).toEqual(['put_secrets', 'put_secrets'])
    expect(done).toEqual(records.map((_, index) => index !== 3))
    for (const [index, record] of records.entries()) {
      const found = await store.secrets.find(record.ref, 'all')
      expect(found).toEqual(await onceStored(index === 3 ? before : record))
      const tagged = await store.secrets.list({ tagsAny: [`tag ${index}.0`], limit: 10 })
      expect(tagged.map(({ ref }) => ref)).toEqual(index % 3 === 0 || index === 3 ? [] : [record.ref])
      const shown = await store.secrets.list({ visibleTo: `user ${index}.0`, limit: 10 })
      expect(shown.map(({ ref }) => ref)).toEqual(index % 4 === 0 || index === 3 ? [] : [record.ref])
    }
    const stored = await store.audit.readStream('a'.repeat(32), { limit: 100, afterSequence: -1 })
    expect(stored.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 4, 5, 6, 7])

    async function onceStored(record: StoredSecret): Promise<StoredSecret | undefined> {
      const alone = await freshStore(pool)
      await alone.store.secrets.put(record, { ifRevision: 0 })
      return await alone.store.secrets.find(record.ref, 'all')
    }
  })

  test('of the writes of one secret that share a statement, the one that finds its revision is done', async () => {
    const { store, schema } = await freshStore(pool)
    const stored = secretNamed('STORED')
    await store.secrets.put(stored, { ifRevision: 0 })
    const shared = postgresStore({ pool, schema })
    const put = (name: string, ifRevision: number) =>
      shared.secrets.put({ ...secretNamed(name), revision: ifRevision + 1 }, { ifRevision })
    const first = put('OTHER', 0)
    const done = await Promise.all([
      ...[0, 1, 1, 2].map((ifRevision) => put('STORED', ifRevision)),
      ...[1, 0, 0].map((ifRevision) => put('NEW', ifRevision)),
    ])
    expect(await first).toBe(true)
    const [created, once, twice, later, ...ofNew] = done
    expect([created, later]).toEqual([false, false])
    expect([once, twice].filter(Boolean)).toHaveLength(1)
    expect(ofNew[0]).toBe(false)
    expect(ofNew.filter(Boolean)).toHaveLength(1)
    expect((await store.secrets.find(stored.ref, 'current'))?.revision).toBe(2)
    expect((await store.secrets.find({ ...sampleRef(), name: 'NEW' }, 'current'))?.revision).toBe(1)
  })

  test('many replacements of data keys at once share a statement, and each is notified and has its own result', async () => {
    const { schema, open } = await freshStore(pool, { watch: true })
    const listening = listeningTo(pool)
    const shared = open({ pool: listening.pool })
    const rows = dataKeys(40)
    for (const row of rows) await shared.dataKeys.insert(row)
    const changes: StoreChange[] = []
    const end = postgresStore({ pool, schema, watch: true }).watch?.((change) => changes.push(change))
    await eventually(() => expect(changes).toContainEqual({ kind: 'everything' }))
    changes.length = 0
    listening.sent.length = 0
    const isStale = (index: number): boolean => index % 4 === 1
    const done = await Promise.all(
      rows.map((row, index) =>
        shared.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: isStale(index) ? 2 : 1 }),
      ),
    )
    expect(done).toEqual(rows.map((_, index) => !isStale(index)))
    expect(listening.sent).toEqual(['replace_data_keys', 'replace_data_keys'])
    const notified = rows.filter((_, index) => !isStale(index)).map(({ scope }) => ({ kind: 'dataKey', scope }))
    await eventually(() => expect(changes).toHaveLength(notified.length))
    expect(changes).toEqual(expect.arrayContaining(notified))
    end?.()
  })

  test('of the replacements of one data key that share a statement, the one that finds its revision is done', async () => {
    const { store } = await freshStore(pool)
    const [first, row] = dataKeys(2)
    if (first === undefined || row === undefined) throw new Error('There are two.')
    for (const each of [first, row]) await store.dataKeys.insert(each)
    const replace = (ifRevision: number) => store.dataKeys.replace({ ...row, revision: ifRevision + 1 }, { ifRevision })
    const alone = store.dataKeys.replace({ ...first, revision: 2 }, { ifRevision: 1 })
    const [before, once, twice, after] = await Promise.all([0, 1, 1, 2].map(replace))
    expect([await alone, before, after]).toEqual([true, false, false])
    expect([once, twice].filter(Boolean)).toHaveLength(1)
    expect((await store.dataKeys.find(row.id, row.scope))?.revision).toBe(2)
  })

  test('a replacement that would give its scope a second active key fails alone', async () => {
    const { store } = await freshStore(pool)
    const rows = dataKeys(8)
    for (const row of rows) await store.dataKeys.insert(row)
    const [, , retired] = rows
    if (retired === undefined) throw new Error('There are eight.')
    await store.dataKeys.replace({ ...retired, state: 'retired', revision: 2 }, { ifRevision: 1 })
    await store.dataKeys.insert(sampleDataKey({ label: 'the active one', scope: retired.scope }))
    const outcomes = await Promise.allSettled(
      rows.map((row) => {
        const ifRevision = row === retired ? 2 : 1
        return store.dataKeys.replace({ ...row, revision: ifRevision + 1 }, { ifRevision })
      }),
    )
    expect(outcomes).toEqual(
      rows.map((row) =>
        row === retired
          ? { status: 'rejected', reason: expect.objectContaining({ code: 'VAULT_STORE_FAILED', retryable: false }) }
          : { status: 'fulfilled', value: true },
      ),
    )
    expect((await store.dataKeys.find(retired.id, retired.scope))?.state).toBe('retired')
  })

  test('batches planned on empty tables look up by index, and read no table through', async () => {
    const tables = ['mcpvault_data_keys', 'mcpvault_grants', 'mcpvault_secrets', 'mcpvault_tags', 'mcpvault_versions']
    const config = { max: 1, application_name: 'planned' }
    const making = poolOn(String(pool.options.connectionString), config)
    const using = poolOn(String(pool.options.connectionString), config)
    const { schema } = await freshStore(making)
    // What is known of a small table makes reading it through the best plan, and rightly so.
    for (const table of tables) await making.query(`ALTER TABLE "${schema}".${table} SET (autovacuum_enabled = false)`)
    await end(making)
    // Each index that was made has read its table once.
    const before = await scans()
    const { secrets, dataKeys: keys } = postgresStore({ pool: using, schema })
    const rows = dataKeys(12)
    for (const row of rows) await keys.insert(row)
    const records = Array.from({ length: 12 }, (_, index) => fullSecret({ ref: { ...sampleRef(), name: `N${index}` } }))
    for (let round = 0; round < 8; round += 1) {
      const next = records.map((record) => ({ ...record, tags: [`${round}`], revision: round + 1 }))
      const done = await Promise.all(next.map((record) => secrets.put(record, { ifRevision: round })))
      expect(done.every(Boolean)).toBe(true)
      const found = await Promise.all(records.map(({ ref }) => secrets.find(ref, 'current')))
      expect(found.map((record) => record?.revision)).toEqual(records.map(() => round + 1))
      const replaced = await Promise.all(
        rows.map((row) => keys.replace({ ...row, revision: round + 2 }, { ifRevision: round + 1 })),
      )
      expect(replaced.every(Boolean)).toBe(true)
    }
    await end(using)
    expect(await scans()).toEqual(before.map((each) => ({ ...each, indexed: true })))

    /** A connection tells its statistics when it ends, and is seen to have ended after that. */
    async function end(own: pg.Pool): Promise<void> {
      await own.end()
      await eventually(async () => {
        const text = 'SELECT 1 FROM pg_stat_activity WHERE application_name = $1'
        expect((await pool.query(text, [config.application_name])).rows).toEqual([])
      })
    }

    async function scans() {
      const { rows } = await pool.query<{ relname: string; seq_scan: number; indexed: boolean }>(
        `SELECT relname, seq_scan::int, idx_scan > 0 AS indexed FROM pg_stat_user_tables
         WHERE schemaname = $1 AND relname = ANY ($2) ORDER BY relname`,
        [schema, tables],
      )
      expect(rows).toHaveLength(5)
      return rows
    }
  })

  test('a write whose audit row forks its stream fails alone', async () => {
    const { store, schema } = await freshStore(pool)
    const taken = auditRow({ sequence: 0, mac: 1 })
    await store.audit.append([taken])
    const listening = listeningTo(pool)
    const shared = postgresStore({ pool: listening.pool, schema })
    await shared.meta.read('vault-id')
    const puts = Array.from({ length: 8 }, (_, index) => {
      const audit = [index === 5 ? auditRow({ sequence: 0, mac: 2 }) : auditRow({ sequence: index + 1, mac: 1 })]
      return shared.secrets.put(secretNamed(`SECRET_${index}`), { ifRevision: 0, audit })
    })
    const outcomes = await Promise.allSettled(puts)
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, index) => (index === 5 ? 'rejected' : 'fulfilled')),
    )
    expect(listening.sent).toContain('put_secrets')
    const stored = await store.audit.readStream(taken.stream, { limit: 100, afterSequence: -1 })
    expect(stored.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 7, 8])
    expect(await store.secrets.find({ ...sampleRef(), name: 'SECRET_5' }, 'current')).toBeUndefined()
  })

  test.each([
    ['of an owner', { owner: 'user 7' }, 'mcpvault_audit_owner'],
    ['of a principal', { principal: 'user 7' }, 'mcpvault_audit_principal'],
    ['of a secret', { secretId: 'id 7' }, 'mcpvault_audit_secret'],
    ['of a call', { correlationId: 'call 7' }, 'mcpvault_audit_call'],
    ['of a time', { from: new Date(100), to: new Date(900) }, 'mcpvault_audit_at'],
    ['of everything', {}, 'mcpvault_audit_at'],
  ])('a page of the trail %s walks an index from the cursor, and stops', async (_what, filter, index) => {
    const { schema } = await freshStore(pool)
    await pool.query(
      `INSERT INTO "${schema}".mcpvault_audit SELECT 's', i, i / 3, 'secret.accessed', 'allowed', 'user ' || i % 500,
         'user ' || i % 500, 'github', 'token', 'id ' || i % 500, 'call ' || i % 500, '', NULL, ''
       FROM generate_series(1, 3000) i`,
    )
    await pool.query(`ANALYZE "${schema}".mcpvault_audit`)
    const { text, values } = auditPage(filter, { limit: 3, after: { at: new Date(800), stream: 's', sequence: 2400 } })
    const query = statementsOf({ schema, notifies: false }).text(text)
    const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${query}`, [...values])
    const plan = JSON.stringify(rows)
    expect(plan).toContain(`"Index Name":"${index}"`)
    expect(plan).not.toMatch(/Seq Scan|Bitmap/)
  })

  test('a secret is found by the index of names, also in a table without statistics', async () => {
    const { store, schema } = await freshStore(pool)
    for (let index = 0; index < 200; index += 1) {
      await store.secrets.put(secretNamed(`SECRET_${index}`), { ifRevision: 0 })
    }
    const client = await pool.connect()
    try {
      const { findCurrent } = statementsOf({ schema, notifies: false })
      await client.query(`SET plan_cache_mode = force_generic_plan`)
      await client.query(`PREPARE found (text, text, text) AS ${findCurrent.text}`)
      const { rows } = await client.query(`EXPLAIN EXECUTE found ('alice', 'github', 'SECRET_1')`)
      expect(JSON.stringify(rows)).toContain('mcpvault_secrets_owner_server_name_key')
    } finally {
      client.release(true)
    }
  })
})

/** Each of another owner. */
function dataKeys(count: number): readonly StoredDataKey[] {
  return Array.from({ length: count }, (_, index) =>
    sampleDataKey({ label: `key ${index}`, scope: { kind: 'values', owner: `owner ${index}`, server: 'github' } }),
  )
}

function auditRow({ sequence, mac }: { readonly sequence: number; readonly mac: number }) {
  return {
    stream: 'a'.repeat(32),
    sequence,
    mac: new Uint8Array(32).fill(mac),
    body: Buffer.from('{}'),
    columns: { at: new Date(0), action: 'secret.created', outcome: 'allowed', principal: 'alice' },
  } as const
}
