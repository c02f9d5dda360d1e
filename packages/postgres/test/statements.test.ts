// What is sent to the server: few statements for many callers, each with a plan that stays good.
import type { StoredSecret } from '@mcpvault/core'
import { fullSecret, sampleGrant, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PostgresClient, PostgresPool } from '../src/client.ts'
import { postgresStore } from '../src/index.ts'
import { statementsOf } from '../src/statements.ts'
import { freshPool, freshStore } from './support/stores.ts'

/** The names of the prepared statements that went through a pool. */
function listeningTo(pool: PostgresPool): { readonly pool: PostgresPool; readonly sent: string[] } {
  const sent: string[] = []
  const listening = (client: PostgresClient): PostgresClient =>
    new Proxy(client, {
      get(target, property) {
        if (property === 'query') {
          return (query: Parameters<PostgresClient['query']>[0]) => {
            if (query.name !== undefined) sent.push(query.name.replace(/^mcpvault_[0-9a-f]+_/, ''))
            return target.query(query)
          }
        }
        const value: unknown = Reflect.get(target, property)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { sent, pool: { connect: async () => listening(await pool.connect()) } }
}

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

  test('many writes at once share commits, and each is told what became of it', async () => {
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

function auditRow({ sequence, mac }: { readonly sequence: number; readonly mac: number }) {
  return {
    stream: 'a'.repeat(32),
    sequence,
    mac: new Uint8Array(32).fill(mac),
    body: Buffer.from('{}'),
    columns: { at: new Date(0), action: 'secret.created', outcome: 'allowed', principal: 'alice' },
  } as const
}
