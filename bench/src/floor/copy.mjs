// Moving a vault by hand from a SQLite file to Postgres: pages written as batches, then both sides read again and compared.
import { auditColumns } from './postgres-tables.mjs'

const page = 500
const secretColumns = 'key, owner, server, name, id, revision, version, created_at, record, mac'
const tables = [
  {
    from: `SELECT ${secretColumns} FROM floor_secrets WHERE key > ? ORDER BY key LIMIT ${page}`,
    to: `SELECT ${secretColumns} FROM floor_secrets WHERE key > $1 ORDER BY key LIMIT ${page}`,
    insert: `INSERT INTO floor_secrets (${secretColumns})`,
    types: ['bigint', 'text', 'text', 'text', 'text', 'bigint', 'bigint', 'bigint', 'bytea', 'bytea'],
    first: [0],
    cursor: (row) => [row.key],
  },
  {
    from: `SELECT secret, version, envelope FROM floor_versions WHERE (secret, version) > (?, ?)
      ORDER BY secret, version LIMIT ${page}`,
    to: `SELECT secret, version, envelope FROM floor_versions WHERE (secret, version) > ($1, $2)
      ORDER BY secret, version LIMIT ${page}`,
    insert: 'INSERT INTO floor_versions (secret, version, envelope)',
    types: ['bigint', 'bigint', 'bytea'],
    first: [0, 0],
    cursor: (row) => [row.secret, row.version],
  },
  {
    from: `SELECT ${auditColumns} FROM floor_audit WHERE (stream, sequence) > (?, ?)
      ORDER BY stream, sequence LIMIT ${page}`,
    to: `SELECT ${auditColumns} FROM floor_audit WHERE (stream, sequence) > ($1, $2)
      ORDER BY stream, sequence LIMIT ${page}`,
    insert: `INSERT INTO floor_audit (${auditColumns})`,
    types: ['text', 'bigint', 'bigint', ...Array.from({ length: 8 }, () => 'text'), 'bytea', 'bytea'],
    first: ['', 0],
    cursor: (row) => [row.stream, row.sequence],
  },
].map((table) => ({ ...table, types: table.types.map((type) => `${type}[]`) }))

/**
 * @param {object} sides
 * @param {any} sides.database an open floor of SQLite
 * @param {import('pg').Pool} sides.pool on an empty database
 */
export async function copyByHand({ database, pool }) {
  for (const { from, insert, types, ...table } of tables) {
    const given = `SELECT * FROM unnest(${types.map((type, index) => `$${index + 1}::${type}`).join(', ')})`
    for (const { rows } of pagesOf(database.prepare(from), table)) {
      await pool.query({ name: insert.slice(0, 40), text: `${insert} ${given}`, values: columnsOf(rows) })
    }
  }
  for (const { from, to, ...table } of tables) {
    for (const { after, rows } of pagesOf(database.prepare(from), table)) {
      const copied = await pool.query({ text: to, values: after })
      if (!rows.every((row, place) => isSame(row, copied.rows[place]))) throw new Error('The copy differs.')
    }
  }
}

function* pagesOf(statement, { first, cursor }) {
  for (let after = first; ; ) {
    const rows = statement.all(...after)
    if (rows.length > 0) yield { after, rows }
    if (rows.length < page) return
    after = cursor(rows.at(-1))
  }
}

function columnsOf(rows) {
  return Object.keys(rows[0]).map((column) => rows.map((row) => bytesOr(row[column])))
}

function isSame(row, copied) {
  return Object.entries(row).every(([column, cell]) => {
    const there = copied?.[column]
    return there instanceof Buffer ? there.equals(bytesOr(cell)) : String(there) === String(cell)
  })
}

/** The drivers of SQLite give bytes in three forms, of which pg takes one. */
function bytesOr(cell) {
  return cell instanceof Uint8Array || cell instanceof ArrayBuffer ? Buffer.from(cell) : cell
}
