// Rewrapping by hand: pages of wrapped keys, each opened, wrapped anew and opened again, and written back as one batch.
import { createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { openSqlite } from '../sqlite.mjs'
import { sealer } from './crypto.mjs'

/** How many rows are read and written at a time. */
export const page = 500

/**
 * Where the wrapped keys are. Wraps are `kek number || envelope`.
 *
 * @typedef {{ readonly id: string, readonly revision: number, readonly wrap: Buffer }} WrappedKey
 * @typedef {{ readonly sequence: number, readonly mac: Buffer, readonly body: Buffer }} TableEvent
 * @typedef {object} KeyTable
 * @property {(keys: readonly WrappedKey[]) => Promise<unknown>} insert
 * @property {(after: string) => Promise<readonly WrappedKey[]>} pageAfter the next keys by id
 * @property {(keys: readonly WrappedKey[]) => Promise<number>} replace those whose revision is one less; how many did
 * @property {(events: readonly TableEvent[]) => Promise<unknown>} append rows of a trail, which only a rekey writes one by one
 */

/**
 * @param {KeyTable} table
 * @param {number} count
 */
export async function rewrapByHand(table, count) {
  const keks = [0, 1].map(() => sealer(createSecretKey(randomBytes(32))))
  const wrapUnder = (kek, id, key) => Buffer.concat([Buffer.of(kek), keks[kek].seal([id, kek], key)])
  const unwrap = (id, wrap) => keks[wrap[0]].open([id, wrap[0]], wrap.subarray(1))
  const fresh = Array.from({ length: count }, () => randomBytes(16).toString('hex')).map((id) => {
    return { id, revision: 1, wrap: wrapUnder(0, id, randomBytes(32)) }
  })
  for (let from = 0; from < count; from += page) await table.insert(fresh.slice(from, from + page))
  /** Puts every key under the numbered KEK. @param {number} kek */
  return async (kek) => {
    let done = 0
    let after = ''
    for (;;) {
      const keys = await table.pageAfter(after)
      const next = keys.map(({ id, revision, wrap }) => {
        const key = unwrap(id, wrap)
        const rewrapped = wrapUnder(kek, id, key)
        if (!timingSafeEqual(unwrap(id, rewrapped), key)) throw new Error('The new wrap does not open.')
        key.fill(0)
        return { id, revision: revision + 1, wrap: rewrapped }
      })
      if (next.length > 0) done += await table.replace(next)
      if (keys.length < page) break
      after = keys.at(-1)?.id ?? ''
    }
    if (done !== count) throw new Error(`${done} of ${count} keys were rewrapped.`)
  }
}

/** @param {import('pg').Pool} pool @returns {Promise<KeyTable>} */
export async function postgresKeys(pool) {
  await pool.query(
    'CREATE TABLE floor_keys (id text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL, wrap bytea NOT NULL)',
  )
  await pool.query('CREATE TABLE floor_events (sequence bigint PRIMARY KEY, mac bytea NOT NULL, body bytea NOT NULL)')
  const columns = (keys) => [
    keys.map(({ id }) => id),
    keys.map(({ revision }) => revision),
    keys.map(({ wrap }) => wrap),
  ]
  const given = 'unnest($1::text[], $2::bigint[], $3::bytea[]) u(id, revision, wrap)'
  return {
    insert: (keys) => pool.query(`INSERT INTO floor_keys SELECT * FROM ${given}`, columns(keys)),
    async pageAfter(after) {
      const text = `SELECT id, revision, wrap FROM floor_keys WHERE id > $1 ORDER BY id LIMIT ${page}`
      const { rows } = await pool.query({ name: 'floor_keys_page', text, values: [after] })
      return rows.map(({ id, revision, wrap }) => ({ id, revision: Number(revision), wrap }))
    },
    async replace(keys) {
      const text = `UPDATE floor_keys k SET revision = u.revision, wrap = u.wrap FROM ${given}
        WHERE k.id = u.id AND k.revision = u.revision - 1`
      return (await pool.query({ name: 'floor_keys_replace', text, values: columns(keys) })).rowCount ?? 0
    },
    append(events) {
      const text = 'INSERT INTO floor_events SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])'
      const values = [
        events.map(({ sequence }) => sequence),
        events.map(({ mac }) => mac),
        events.map(({ body }) => body),
      ]
      return pool.query({ name: 'floor_events_append', text, values })
    },
  }
}

/** @param {string} path @returns {KeyTable & { close(): void }} */
export function sqliteKeys(path) {
  const database = openSqlite(path, 'FULL')
  database.exec('PRAGMA secure_delete = ON')
  database.exec(`CREATE TABLE floor_keys (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, wrap BLOB NOT NULL)
    STRICT, WITHOUT ROWID`)
  database.exec(
    'CREATE TABLE floor_events (sequence INTEGER PRIMARY KEY, mac BLOB NOT NULL, body BLOB NOT NULL) STRICT',
  )
  const append = database.prepare('INSERT INTO floor_events VALUES (?, ?, ?)')
  const insert = database.prepare('INSERT INTO floor_keys VALUES (?, ?, ?)')
  const select = database.prepare(`SELECT id, revision, wrap FROM floor_keys WHERE id > ? ORDER BY id LIMIT ${page}`)
  const update = database.prepare('UPDATE floor_keys SET revision = ?, wrap = ? WHERE id = ? AND revision = ?')
  const inTransaction = (work) => {
    database.exec('BEGIN IMMEDIATE')
    const result = work()
    database.exec('COMMIT')
    return result
  }
  return {
    insert: async (keys) =>
      inTransaction(() => {
        for (const { id, revision, wrap } of keys) insert.run(id, revision, wrap)
      }),
    pageAfter: async (after) =>
      select.all(after).map(({ id, revision, wrap }) => ({ id, revision, wrap: Buffer.from(wrap) })),
    replace: async (keys) =>
      inTransaction(() =>
        keys.reduce((sum, { id, revision, wrap }) => {
          return sum + Number(update.run(revision, wrap, id, revision - 1).changes)
        }, 0),
      ),
    append: async (events) =>
      inTransaction(() => {
        for (const { sequence, mac, body } of events) append.run(sequence, mac, body)
      }),
    close: () => database.close(),
  }
}

const replaceKeys = `
local done = 0
for place, key in ipairs(KEYS) do
  local revision = tonumber(ARGV[2 * place - 1])
  if tonumber(redis.call('HGET', key, 'revision')) == revision - 1 then
    redis.call('HSET', key, 'revision', revision, 'wrap', ARGV[2 * place])
    done = done + 1
  end
end
return done`

/** @param {import('ioredis').Redis} client @returns {KeyTable} */
export function redisKeys(client) {
  const keyOf = (id) => `floor:key:${id}`
  return {
    async insert(keys) {
      const commands = client.pipeline()
      for (const { id, revision, wrap } of keys) commands.hset(keyOf(id), { revision, wrap }).zadd('floor:keys', 0, id)
      await commands.exec()
    },
    async pageAfter(after) {
      const ids = await client.zrangebylex('floor:keys', `(${after}`, '+', 'LIMIT', 0, page)
      const commands = client.pipeline()
      for (const id of ids) commands.hgetallBuffer(keyOf(id))
      const replies = (await commands.exec()) ?? []
      return ids.map((id, place) => {
        const row = /** @type {{ revision: Buffer, wrap: Buffer }} */ (replies[place]?.[1])
        return { id, revision: Number(row.revision.toString()), wrap: row.wrap }
      })
    },
    async replace(keys) {
      const values = keys.flatMap(({ revision, wrap }) => [revision, wrap])
      return Number(await client.eval(replaceKeys, keys.length, ...keys.map(({ id }) => keyOf(id)), ...values))
    },
    append(events) {
      const commands = client.pipeline()
      for (const { sequence, mac, body } of events) {
        commands.hset(`floor:event:${sequence}`, { mac, body }).zadd('floor:events', sequence, String(sequence))
      }
      return commands.exec()
    },
  }
}
