// Changes by other processes are notified, and a replica is read only when it has what this process knows.
import { createVault, generateKey, keyRing, type StoreChange } from '@mcpvault/core'
import { nextRevision, sampleDataKey, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, type PostgresServer, startPostgres } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

const operator = { id: 'root', roles: ['operator'] }
const policy = { roles: { operator: [{ allow: ['operate', 'audit'] as const }] } }

describeWith('other processes on Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  test('[A27] are notified again after the listening connection was lost, and the loss is notified too', async () => {
    const { store, open } = await freshStore(pool, { watch: true })
    const other = open()
    const changes: StoreChange[] = []
    const end = store.watch?.((change) => changes.push(change))
    let row = await other.dataKeys.insert(sampleDataKey())
    const replaceUntilHeard = () =>
      eventually(async () => {
        const next = { ...row, revision: row.revision + 1 }
        await other.dataKeys.replace(next, { ifRevision: row.revision })
        row = next
        expect(changes).toContainEqual({ kind: 'dataKey', scope: row.scope })
      })
    await replaceUntilHeard()
    await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    await eventually(() => expect(changes).toContainEqual({ kind: 'everything' }))
    changes.length = 0
    await replaceUntilHeard()
    end?.()
  })

  test('[A27] an erasure elsewhere takes the data key from this process', async () => {
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const { store, open } = await freshStore(pool, { watch: true })
    const here = createVault({ keys, store, policy })
    const there = createVault({ keys, store: open(), policy })
    const scope = here.as({ id: 'alice' }).scope({ server: 'github' })
    await scope.set('token', 'before')
    await eventually(async () => {
      await there.operator(operator).eraseOwner('alice')
      await scope.set('token', 'after')
      expect((await there.as({ id: 'alice' }).scope({ server: 'github' }).get('token'))?.reveal()).toBe('after')
    })
    await here.close()
    await there.close()
  })
})

async function withReplica(): Promise<PostgresServer & { readonly replica: PostgresServer }> {
  const primary = await startPostgres()
  const replica = await primary.standby()
  return {
    ...primary,
    replica,
    async stop() {
      await replica.stop()
      await primary.stop()
    },
  }
}

describeWith('a replica of Postgres', withReplica, (servers) => {
  test('[A27] is read once it has what this process wrote, and never serves an older version', async () => {
    const pool = poolOn(servers().url)
    const replica = poolOn(servers().replica.url)
    let replicaReads = 0
    replica.on('acquire', () => {
      replicaReads += 1
    })
    const { store, open } = await freshStore(pool, { replica })
    const other = open()
    let record = sampleSecret()
    await store.secrets.put(record, { ifRevision: 0 })
    await eventually(async () => {
      const before = replicaReads
      expect((await store.secrets.find(sampleRef(), 'current'))?.revision).toBe(record.revision)
      expect(replicaReads).toBeGreaterThan(before)
    })

    await replica.query('SELECT pg_wal_replay_pause()')
    for (let round = 0; round < 5; round += 1) {
      const next = nextRevision(record)
      await store.secrets.put(next, { ifRevision: record.revision })
      record = next
      expect((await store.secrets.find(sampleRef(), 'current'))?.revision).toBe(record.revision)
      expect((await store.secrets.list({ limit: 1 }))[0]?.revision).toBe(record.revision)
    }
    // Another process, which wrote nothing, may read what the replica has; once it has seen more, it stays with that.
    expect(await store.secrets.put(nextRevision(record), { ifRevision: 1 })).toBe(false)
    const seen = await other.secrets.find(sampleRef(), 'current')
    expect(seen === undefined || seen.revision <= record.revision).toBe(true)
    expect(await other.secrets.put(nextRevision(record), { ifRevision: record.revision - 1 })).toBe(false)
    expect((await other.secrets.find(sampleRef(), 'current'))?.revision).toBe(record.revision)
    await replica.query('SELECT pg_wal_replay_resume()')
    await pool.end()
    await replica.end()
  })

  test('is not missed while it is away', async () => {
    const pool = poolOn(servers().url)
    const replica = poolOn(servers().replica.url)
    const { store } = await freshStore(pool, { replica })
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    await servers().replica.pause()
    expect((await store.secrets.find(sampleRef(), 'current'))?.revision).toBe(1)
    expect(await store.secrets.list({ limit: 10 })).toHaveLength(1)
    await servers().replica.start()
    await pool.end()
    await replica.end()
  })
})
