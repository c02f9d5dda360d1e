// What the store takes for granted of its server, it looks at: at the start, after a reconnect, and every minute.
import { manualClock, nextRevision, sampleGrant, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { errorOf } from '@mcpvault/testkit/suites'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type PostgresPool, postgresStore } from '../src/index.ts'
import { routines } from '../src/routines.ts'
import { listeningTo } from './support/listening-pool.ts'
import { poolAsRole } from './support/roles.ts'
import { freshPool, freshStore, poolOn, quiet } from './support/stores.ts'

const changedLater = 'The database is no longer what the store needs.'

describeWith('a database', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const url = (): string => String(pool.options.connectionString)

  test('is inspected once on each connection, and again after a minute', async () => {
    const { schema } = await freshStore(pool)
    const clock = manualClock()
    const own = poolOn(url(), { max: 1 })
    const { texts, pool: listening } = listeningTo(own)
    const { meta } = postgresStore({ pool: listening, schema, clock })
    const inspections = () => texts.filter((text) => text.includes('mcpvault_migrations')).length
    for (const wanted of [1, 1, 1]) {
      await meta.read('vault-id')
      expect(inspections()).toBe(wanted)
    }
    clock.advance(59_999)
    await meta.read('vault-id')
    expect(inspections()).toBe(1)
    clock.advance(1)
    for (const wanted of [2, 2]) {
      await meta.read('vault-id')
      expect(inspections()).toBe(wanted)
    }
    await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT value FROM%'")
    await eventually(() => expect(own.totalCount).toBe(0))
    await meta.read('vault-id')
    expect(inspections()).toBe(3)
    await own.end()
  })

  test('is inspected once for connections that the first calls ask for together', async () => {
    const { schema } = await freshStore(pool)
    const own = poolOn(url(), { max: 3 })
    const { texts, pool: listening } = listeningTo(own)
    // The others come when the first has been inspected, as connections do that take long to open.
    let passed: Promise<unknown> = Promise.resolve()
    const slow: PostgresPool = {
      async connect() {
        await passed
        return listening.connect()
      },
    }
    const { meta } = postgresStore({ pool: slow, schema })
    const first = meta.read('vault-id')
    passed = Promise.resolve(first)
    await Promise.all([first, meta.read('vault-id'), meta.read('vault-id')])
    expect(own.totalCount).toBeGreaterThan(1)
    expect(texts.filter((text) => text.includes('mcpvault_migrations'))).toHaveLength(1)
    await own.end()
  })

  test.each([
    ['session_replication_role=replica', 'pool'],
    ['synchronous_commit=off', 'durability'],
  ])('with %s is refused by the name of the option', async (setting, field) => {
    const { schema } = await freshStore(pool)
    const own = poolOn(url(), { options: `-c ${setting}` })
    const store = postgresStore({ pool: own, schema })
    const refused = { code: 'VAULT_CONFIG_INVALID', field }
    await expect(store.migrate()).rejects.toMatchObject(refused)
    await expect(store.secrets.put(sampleSecret(), { ifRevision: 0 })).rejects.toMatchObject(refused)
    await own.end()
  })

  test('whose tables a crash would empty is refused', async () => {
    const { schema, open } = await freshStore(pool)
    await pool.query(`ALTER TABLE "${schema}".mcpvault_audit SET UNLOGGED`)
    const refused = { code: 'VAULT_CONFIG_INVALID', field: 'durability' }
    await expect(open().meta.read('vault-id')).rejects.toMatchObject(refused)
    expect(await open({ durability: 'best-effort' }).meta.read('vault-id')).toBeUndefined()
    await pool.query(`ALTER TABLE "${schema}".mcpvault_audit SET LOGGED`)
    expect(await open().meta.read('vault-id')).toBeUndefined()
  })

  test('that becomes less durable is refused and raised as an alarm, until it is as before', async () => {
    const { schema } = await freshStore(pool)
    const clock = manualClock()
    const warn = vi.fn()
    const own = poolOn(url(), { max: 1 })
    const store = postgresStore({ pool: own, schema, clock, logger: { warn } })
    const put = (name: string) => store.secrets.put(sampleSecret({ ref: { ...sampleRef(), name } }), { ifRevision: 0 })
    expect(await put('BEFORE')).toBe(true)
    try {
      await setDurability('off')
      clock.advance(60_000)
      for (const name of ['DURING', 'ALSO']) {
        await expect(put(name)).rejects.toMatchObject({
          code: 'VAULT_STORE_FAILED',
          retryable: true,
          field: 'durability',
        })
      }
      expect(warn).toHaveBeenCalledExactlyOnceWith({ store: 'postgres', field: 'durability' }, changedLater)
    } finally {
      await setDurability('on')
    }
    expect(await put('DURING')).toBe(true)
    await own.end()

    async function setDurability(value: string): Promise<void> {
      await pool.query(`ALTER SYSTEM SET synchronous_commit = ${value}`)
      await pool.query('SELECT pg_reload_conf()')
      for (const each of [pool, own]) {
        await eventually(async () => {
          const { rows } = await each.query('SHOW synchronous_commit')
          expect(rows).toEqual([{ synchronous_commit: value }])
        })
      }
    }
  })

  test.each([
    ['db.example.com', false, 1],
    ['db.example.com', { rejectUnauthorized: true }, 0],
    ['localhost', false, 0],
    ['/var/run/postgresql', false, 0],
  ])('[T2] that the pool reaches at %s with TLS %j is warned of %i times', async (host, ssl, times) => {
    const { schema } = await freshStore(pool)
    const warn = vi.fn()
    const { pool: listening } = listeningTo(pool, { host, ssl })
    const { meta } = postgresStore({ pool: listening, schema, logger: { warn } })
    for (let index = 0; index < 2; index += 1) await meta.read('vault-id')
    await Promise.all([meta.read('vault-id'), meta.read('vault-id')])
    expect(warn).toHaveBeenCalledTimes(times)
  })

  test('whose schema was renamed is mended by migrate()', async () => {
    const security = { rls: true, operatorPool: pool }
    const { schema, store } = await freshStore(pool, security)
    await store.secrets.put({ ...sampleSecret(), grants: [sampleGrant({ principal: 'bob' })] }, { ifRevision: 0 })
    const renamed = `${schema}_Renamed`
    await pool.query(`ALTER SCHEMA "${schema}" RENAME TO "${renamed}"`)
    const { pool: app } = await poolAsRole(pool, { schema: renamed, rls: true })
    const again = postgresStore({ pool: app, schema: renamed, ...security, logger: quiet })
    const refused = { code: 'VAULT_STORE_NOT_READY', message: expect.stringContaining('migrate()') }
    await expect(again.meta.read('vault-id')).rejects.toMatchObject(refused)
    expect((await again.migrate()).applied).toEqual([])
    await expectWorking()

    async function expectWorking(): Promise<void> {
      const found = await again.secrets.find(sampleRef(), 'current', { principal: 'bob' })
      expect(found?.ref).toEqual(sampleRef())
      const next = nextRevision(found ?? sampleSecret())
      const audit = [auditRow()]
      const options = { ifRevision: next.revision - 1, audit, principal: sampleRef().owner }
      expect(await again.secrets.put(next, options)).toBe(true)
      expect((await again.audit.streams({ limit: 10 })).map(({ stream }) => stream)).toEqual([auditRow().stream])
      await app.end()
    }
  })

  test.each(routines)('without its routine $name is mended by migrate()', async ({ name }) => {
    const { schema, open } = await freshStore(pool)
    await pool.query(`DROP FUNCTION "${schema}".${name} CASCADE`)
    await expect(open().meta.read('vault-id')).rejects.toMatchObject({ code: 'VAULT_STORE_NOT_READY' })
    const store = open()
    expect((await store.migrate()).applied).toEqual([])
    expect(await store.secrets.put(sampleSecret(), { ifRevision: 0, audit: [auditRow()] })).toBe(true)
    expect((await store.audit.streams({ limit: 10 })).map(({ stream }) => stream)).toEqual([auditRow().stream])
  })

  test('with row level security refuses each pool whose role sees too much or too little', async () => {
    const { schema } = await freshStore(pool, { rls: true, operatorPool: pool })
    const { pool: app } = await poolAsRole(pool, { schema })
    const asAlice = { principal: 'alice' }
    const own = postgresStore({ pool, schema, rls: true, operatorPool: pool })
    await expect(own.secrets.find(sampleRef(), 'current', asAlice)).rejects.toMatchObject(invalid('pool'))
    const without = postgresStore({ pool: app, schema })
    await expect(without.secrets.find(sampleRef(), 'current', asAlice)).rejects.toMatchObject(invalid('rls'))
    const narrow = postgresStore({ pool: app, schema, rls: true, operatorPool: app })
    await expect(narrow.dataKeys.list({ limit: 1 })).rejects.toMatchObject(invalid('rls'))
    const right = postgresStore({ pool: app, schema, rls: true, operatorPool: pool })
    expect(await right.secrets.find(sampleRef(), 'current', asAlice)).toBeUndefined()
    await app.end()

    const { schema: plain } = await freshStore(pool)
    const { pool: other } = await poolAsRole(pool, { schema: plain })
    const unsecured = postgresStore({ pool: other, schema: plain, rls: true, operatorPool: pool })
    await expect(unsecured.secrets.find(sampleRef(), 'current', asAlice)).rejects.toMatchObject(invalid('pool'))
    await other.end()
  })
})

describeWith('a primary that a standby follows', startPostgres, (server) => {
  test('is taken for the primary, and the standby for none', async () => {
    const primary = await freshPool(server())
    const { schema } = await freshStore(primary)
    const follower = await server().standby()
    const address = new URL(String(primary.options.connectionString))
    address.port = String(follower.port)
    const standby = poolOn(address.href)
    await eventually(async () =>
      expect((await standby.query(`SELECT FROM "${schema}".mcpvault_meta`)).rows).toEqual([]),
    )

    const first = postgresStore({ pool: standby, schema, logger: quiet })
    const refused = invalid('pool', expect.stringContaining('standby'))
    await expect(first.migrate()).rejects.toMatchObject(refused)
    await expect(first.secrets.find(sampleRef(), 'current')).rejects.toMatchObject(refused)
    const copied = postgresStore({ pool: standby, replica: standby, schema, logger: quiet })
    await expect(copied.secrets.find(sampleRef(), 'current')).rejects.toMatchObject(refused)

    // The address of the primary leads to the standby for a while, as in the middle of a failover.
    let leadsTo: pg.Pool = primary
    const warn = vi.fn()
    const moving: PostgresPool = { connect: () => leadsTo.connect() }
    const { secrets } = postgresStore({ pool: moving, schema, logger: { warn } })
    expect(await secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
    leadsTo = standby
    for (let index = 0; index < 2; index += 1) {
      const error = await errorOf(() => secrets.find(sampleRef(), 'current'))
      expect(error).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true, field: 'pool' })
    }
    expect(warn).toHaveBeenCalledExactlyOnceWith({ store: 'postgres', field: 'pool' }, changedLater)
    // A connection to a standby is not kept.
    expect(standby.totalCount).toBe(0)
    leadsTo = primary
    expect(await secrets.find(sampleRef(), 'current')).toBeDefined()

    const reading = postgresStore({ pool: primary, replica: standby, schema, logger: quiet })
    await eventually(async () => expect(await reading.secrets.find(sampleRef(), 'current')).toBeDefined())
    await standby.end()
    await primary.end()
    await follower.stop()
  })
})

function invalid(field: string, message: unknown = expect.any(String)): object {
  return { code: 'VAULT_CONFIG_INVALID', field, message }
}

function auditRow() {
  return {
    stream: 'b'.repeat(32),
    sequence: 0,
    mac: new Uint8Array(32).fill(1),
    body: Buffer.from('{}'),
    columns: { at: new Date(0), action: 'secret.updated', outcome: 'allowed', principal: sampleRef().owner },
  } as const
}
