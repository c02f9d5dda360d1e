// Rows locked in opposite order by another session, and a pool that others hold: each ends in time, and doubles nothing.
import { createVault, generateKey, keyRing, type StoredDataKey } from '@mcpvault/core'
import { manualClock, sampleDataKey, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { eventually, msUntilEnded } from '@mcpvault/testkit/eventually'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { roleAddress } from './support/roles.ts'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const operator = { id: 'root', roles: ['operator'] }
const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }

// A session looks for deadlocks once, so late that the other one waits by then, also on a busy machine.
const settings = { deadlock_timeout: '3s' }

describeWith(
  'Postgres with other sessions',
  () => startPostgres({ settings }),
  (server) => {
    let direct: pg.Pool
    const pools: pg.Pool[] = []
    beforeAll(async () => {
      direct = await freshPool(server())
    })
    afterAll(async () => {
      for (const pool of [direct, ...pools]) await pool.end()
    })

    /** A pool whose sessions can be seen to wait, and the codes of what the server refused it. */
    function watchedPool(schema: string, { url, ...config }: pg.PoolConfig & { readonly url?: string } = {}) {
      const name = `store_${schema}`
      const address = url ?? String(direct.options.connectionString)
      const pool = poolOn(address, { application_name: name, ...config })
      pools.push(pool)
      const refused: unknown[] = []
      const connect = async () => {
        const client = await pool.connect()
        return {
          query: (query: pg.QueryConfig) =>
            client.query(query).catch((error: unknown) => {
              refused.push(error instanceof Error && 'code' in error ? error.code : error)
              throw error
            }),
          release: (error?: Error) => client.release(error),
          on: client.on.bind(client),
          removeListener: client.removeListener.bind(client),
        }
      }
      const waits = () =>
        eventually(
          async () => {
            const text = `SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`
            expect((await direct.query(text, [name])).rows).toHaveLength(1)
          },
          { intervalMs: 10 },
        )
      return { pool: { connect, options: pool.options }, bare: pool, refused, waits }
    }

    /**
     * A session that holds the trail's rows, which the store locks after those of the secret. It looks for deadlocks late,
     * so that the store's session, which looks once after three seconds of waiting, is the one that is aborted.
     */
    async function otherSession(schema: string) {
      const client = await direct.connect()
      await client.query(`BEGIN; SET LOCAL search_path = "${schema}"; SET LOCAL deadlock_timeout = '60s'`)
      await client.query('SELECT 1 FROM mcpvault_streams FOR UPDATE')
      return {
        lockSecrets: () => client.query('SELECT 1 FROM mcpvault_secrets FOR UPDATE'),
        async end() {
          await client.query('ROLLBACK')
          client.release()
        },
      }
    }

    test.each([{ rls: false }, { rls: true }])(
      'a write in a deadlock is done once the other is, and gives one version (row security: $rls)',
      async ({ rls }) => {
        const security = rls ? { rls, operatorPool: direct } : {}
        const { schema } = await freshStore(direct, security)
        const address = rls ? { url: await roleAddress(direct, { schema, rls }) } : {}
        const { pool, refused, waits } = watchedPool(schema, address)
        // Its time stands still: no limit ends the wait for the deadlock.
        const vault = createVault({
          keys,
          store: postgresStore({ pool, schema, ...security }),
          policy,
          clock: manualClock(),
        })
        const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
        await scope.set('token', 'first')
        const other = await otherSession(schema)
        const writing = scope.set('token', 'second')
        await waits()
        await other.lockSecrets()
        // The aborted session may be the quicker one again, and is then aborted once more.
        await eventually(() => expect(new Set(refused)).toEqual(new Set(['40P01'])))
        await other.end()
        expect(await writing).toMatchObject({ version: 2 })
        expect(((await scope.history('token')) ?? []).map(({ version }) => version)).toEqual([2, 1])
        expect((await scope.get('token'))?.reveal()).toBe('second')
        expect((await vault.operator(operator).verifyAudit()).problems).toEqual([])
        await vault.close()
      },
    )

    test('writes of the same secrets in opposite orders by two processes never wait in a circle', async () => {
      const { schema, store } = await freshStore(direct)
      const named = (name: string) => sampleSecret({ ref: { ...sampleRef(), name } })
      const records = Array.from({ length: 12 }, (_, index) => named(`SECRET_${index}`))
      for (const record of records) await store.secrets.put(record, { ifRevision: 0 })
      const middle = await direct.connect()
      await middle.query(`BEGIN; SET LOCAL search_path = "${schema}"`)
      await middle.query(`SELECT 1 FROM mcpvault_secrets WHERE name = 'SECRET_5' FOR UPDATE`)
      const sides = [records, records.toReversed()].map((ordered, side) => {
        const { pool, refused, waits } = watchedPool(`${schema}_${side}`)
        const { secrets } = postgresStore({ pool, schema })
        // A first write goes alone, and those that come meanwhile share a statement.
        const first = secrets.put(named(`FIRST_${side}`), { ifRevision: 0 })
        const done = ordered.map((record) => secrets.put({ ...record, revision: 2 }, { ifRevision: 1 }))
        return { refused, waits, answers: Promise.all([first, ...done]) }
      })
      for (const { waits } of sides) await waits()
      await middle.query('ROLLBACK')
      middle.release()
      const answers = await Promise.all(sides.map((side) => side.answers))
      expect(answers.map((each) => each.filter(Boolean).length).sort()).toEqual([1, 13])
      expect(sides.flatMap(({ refused }) => refused)).toEqual([])
    })

    test('replacements of the same data keys in opposite orders by two processes never wait in a circle', async () => {
      const { schema, store } = await freshStore(direct)
      const keyOf = (owner: string) =>
        sampleDataKey({ label: owner, scope: { kind: 'values', owner, server: 'github' } })
      const rows = Array.from({ length: 12 }, (_, index) => keyOf(`owner ${index}`))
      for (const row of [...rows, keyOf('first 0'), keyOf('first 1')]) await store.dataKeys.insert(row)
      const middle = await direct.connect()
      await middle.query(`BEGIN; SET LOCAL search_path = "${schema}"`)
      await middle.query(`SELECT 1 FROM mcpvault_data_keys WHERE owner = 'owner 5' FOR UPDATE`)
      const sides = [rows, rows.toReversed()].map((ordered, side) => {
        const { pool, refused, waits } = watchedPool(`${schema}_${side}`)
        const { dataKeys } = postgresStore({ pool, schema })
        const replace = (row: StoredDataKey) => dataKeys.replace({ ...row, revision: 2 }, { ifRevision: 1 })
        // The first goes alone, and those that come meanwhile share a statement.
        const done = [keyOf(`first ${side}`), ...ordered].map(replace)
        return { refused, waits, answers: Promise.all(done) }
      })
      for (const { waits } of sides) await waits()
      await middle.query('ROLLBACK')
      middle.release()
      const answers = await Promise.all(sides.map((side) => side.answers))
      expect(answers.map((each) => each.filter(Boolean).length).sort()).toEqual([1, 13])
      expect(sides.flatMap(({ refused }) => refused)).toEqual([])
    })

    test('a write whose rows stay locked after a deadlock ends by the time limit, as a transient error', async () => {
      const { schema } = await freshStore(direct)
      const { pool, refused, waits } = watchedPool(schema)
      const clock = manualClock()
      const vault = createVault({ keys, store: postgresStore({ pool, schema }), policy, clock })
      const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
      await scope.set('token', 'first')
      const other = await otherSession(schema)
      const answer = scope.set('token', 'second').catch((error: unknown) => error)
      await waits()
      await other.lockSecrets()
      await eventually(() => expect(refused).toContain('40P01'))
      await msUntilEnded(answer, clock)
      expect(await answer).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
      await other.end()
      await eventually(async () => expect(await scope.set('token', 'third')).toBeDefined())
      const versions = ((await scope.history('token')) ?? []).map(({ version }) => version)
      expect(versions).toEqual(versions.map((_, index) => versions.length - index))
      expect((await scope.get('token'))?.reveal()).toBe('third')
      expect((await vault.operator(operator).verifyAudit()).problems).toEqual([])
      await vault.close()
    })

    test('a pool whose connections are all elsewhere ends by the time limit, and loses none of them', async () => {
      const { schema } = await freshStore(direct)
      const { pool, bare } = watchedPool(schema, { max: 2 })
      const clock = manualClock()
      const vault = createVault({ keys, store: postgresStore({ pool, schema }), clock, limits: { storeMs: 300 } })
      const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
      await scope.set('token', 'first')
      const held = await Promise.all([bare.connect(), bare.connect()])
      for (const work of [() => scope.get('token'), () => scope.set('token', 'second')]) {
        const answer = work().catch((error: unknown) => error)
        expect(await msUntilEnded(answer, clock)).toBeLessThan(1_000)
        expect(await answer).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
      }
      for (const client of held) client.release()
      await eventually(() => expect([bare.totalCount, bare.idleCount, bare.waitingCount]).toEqual([2, 2, 0]))
      expect((await scope.get('token'))?.reveal()).toBe('first')
      expect(await scope.set('token', 'second')).toMatchObject({ version: 2 })
      await vault.close()
    })
  },
)
