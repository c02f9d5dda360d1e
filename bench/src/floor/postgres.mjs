// The floor on Postgres: a vault by hand with the same guarantees, on the caller's pool.
import { auditChain, nextRecord, recordReader, sealer } from './crypto.mjs'
import { grouped, writtenBehind } from './grouped.mjs'
import { auditColumns, createTables } from './postgres-tables.mjs'

const byRef = 'owner = $1 AND server = $2 AND name = $3'
const refsOf = 'unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY u(owner, server, name, place)'
const sameRef = 's.owner = u.owner AND s.server = u.server AND s.name = u.name'
const joinVersion = 'JOIN floor_versions v ON v.secret = s.key AND v.version = s.version'
const audit = `INSERT INTO floor_audit (${auditColumns})`
const auditTypes = 'tiitttttttt'.split('').map((type) => (type === 't' ? 'text' : 'bigint'))
const auditArrays = (first) =>
  [...auditTypes, 'bytea', 'bytea'].map((type, index) => `$${first + index}::${type}[]`).join(', ')

const statements = {
  find: `SELECT s.record, s.mac, v.envelope FROM floor_secrets s ${joinVersion} WHERE ${byRef}`,
  findMany: `SELECT s.record, s.mac, v.envelope FROM ${refsOf}
    JOIN floor_secrets s ON ${sameRef} ${joinVersion} ORDER BY u.place`,
  record: `SELECT record, mac FROM floor_secrets WHERE ${byRef}`,
  recordMany: `SELECT s.record, s.mac FROM ${refsOf} LEFT JOIN floor_secrets s ON ${sameRef} ORDER BY u.place`,
  append: `${audit} VALUES (${[...auditTypes, '', ''].map((_, index) => `$${index + 1}`).join(', ')})`,
  appendMany: `${audit} SELECT * FROM unnest(${auditArrays(1)})`,
  // One that finds another revision divides by zero, and nothing of the statement lands.
  put: `WITH u AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
        $8::bytea[], $9::bytea[], $10::bytea[])
        u(owner, server, name, id, if_revision, version, oldest, record, mac, envelope)
    ), put AS (
      INSERT INTO floor_secrets AS s (owner, server, name, id, revision, version, created_at, record, mac)
      SELECT owner, server, name, id, if_revision + 1, version, 0, record, mac FROM u
      ON CONFLICT (owner, server, name) DO UPDATE SET revision = excluded.revision, version = excluded.version,
        record = excluded.record, mac = excluded.mac WHERE s.revision = excluded.revision - 1
      RETURNING key, owner, server, name
    ), sealed AS (
      INSERT INTO floor_versions (secret, version, envelope)
      SELECT s.key, u.version, u.envelope FROM put s JOIN u ON ${sameRef}
    ), gone AS (
      DELETE FROM floor_versions v USING put s JOIN u ON ${sameRef} WHERE v.secret = s.key AND v.version < u.oldest
    ), audited AS (
      ${audit} SELECT * FROM unnest(${auditArrays(11)})
    ) SELECT 1 / (count(*) = cardinality($1))::integer FROM put`,
}

/**
 * @typedef {import('./crypto.mjs').FloorRef} FloorRef
 * @param {import('pg').Pool} pool
 */
export async function postgresFloor(pool) {
  await pool.query(createTables)
  const keys = sealer()
  const query = (name, values) => pool.query({ name: `floor_${name}`, text: statements[name], values })
  const readRecord = recordReader(keys)
  /** The value, and the event of the read. */
  const open = (ref, row) => {
    const { owner, server, name } = ref
    const { id, version } = readRecord(ref, row)
    const value = keys.open([owner, server, name, version], row.envelope).toString('utf8')
    return { value, event: { action: 'secret.accessed', operation: 'get', ref, id, version } }
  }
  const readChain = auditChain()
  const behind = writtenBehind((rows) => query('appendMany', columnsOf(rows)))
  const find = async ({ owner, server, name }) => (await query('find', [owner, server, name])).rows[0]
  const findGrouped = grouped({
    max: 16,
    lanes: 2,
    run: async (refs) => (await query('findMany', refColumns(refs))).rows,
  })
  const appendGrouped = grouped({
    max: 256,
    lanes: 1,
    run: (events) => query('appendMany', columnsOf(events.map(readChain))).then(() => []),
  })

  // Each lane has a stream of its own, whose rows land in their order.
  const writeChains = [auditChain(), auditChain()]
  const put = async (writes, lane) => {
    const chain = writeChains[lane]
    // In one order for all, so that nobody waits for somebody who waits in turn.
    const ordered = writes.toSorted((a, b) => (a.ref.name < b.ref.name ? -1 : 1))
    const rows = ordered.map(({ ref, id, version }) =>
      chain({ action: 'secret.updated', operation: 'set', ref, id, version }),
    )
    const columns = ['id', 'ifRevision', 'version', 'oldest', 'record', 'mac', 'envelope']
    const parts = columns.map((column) => ordered.map((write) => write[column]))
    await query('put', [...refColumns(ordered.map(({ ref }) => ref)), ...parts, ...columnsOf(rows)])
    return []
  }
  const recordGrouped = grouped({
    max: 16,
    lanes: 2,
    run: async (refs) => (await query('recordMany', refColumns(refs))).rows,
  })
  const putGrouped = grouped({ max: 16, lanes: 2, run: put })

  return {
    /** Its audit row is durable before the value is returned. @param {FloorRef} ref */
    async get(ref) {
      const { value, event } = open(ref, await find(ref))
      await query('append', readChain(event))
      return value
    },
    /** @param {FloorRef} ref */
    async getBuffered(ref) {
      const { value, event } = open(ref, await find(ref))
      behind.push(readChain(event))
      return value
    },
    /** @param {FloorRef} ref */
    async getGrouped(ref) {
      const { value, event } = open(ref, await findGrouped(ref))
      await appendGrouped(event)
      return value
    },
    /** @param {FloorRef} ref @param {string} value */
    async set(ref, value) {
      const { owner, server, name } = ref
      const [stored] = (await query('record', [owner, server, name])).rows
      await put([{ ref, ...nextRecord(keys, { ref, stored, value }) }], 0)
    },
    /** @param {FloorRef} ref @param {string} value */
    async setGrouped(ref, value) {
      for (;;) {
        const row = await recordGrouped(ref)
        const stored = row?.record === null ? undefined : row
        try {
          return void (await putGrouped({ ref, ...nextRecord(keys, { ref, stored, value }) }))
        } catch (error) {
          // Another caller has written one of the group since: a division by zero, which ends the statement.
          if (error.code !== '22012') throw error
        }
      }
    },
    flush: behind.flush,
  }
}

/** @param {readonly FloorRef[]} refs */
function refColumns(refs) {
  return [refs.map(({ owner }) => owner), refs.map(({ server }) => server), refs.map(({ name }) => name)]
}

/** @param {readonly (readonly unknown[])[]} rows */
function columnsOf(rows) {
  return Array.from({ length: 13 }, (_, column) => rows.map((row) => row[column]))
}
