// The floor on SQLite: a vault by hand with the same guarantees, in a file of its own.
import { openSqlite } from '../sqlite.mjs'
import { auditChain, nextRecord, recordReader, sealer } from './crypto.mjs'
import { grouped, writtenBehind } from './grouped.mjs'

export const createTables = `
CREATE TABLE floor_secrets (
  key INTEGER PRIMARY KEY, owner TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
  revision INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active',
  type TEXT NOT NULL DEFAULT 'generic', tier INTEGER NOT NULL DEFAULT 1, dek_id TEXT NOT NULL DEFAULT '00',
  created_at INTEGER NOT NULL, expires_at INTEGER, record BLOB NOT NULL, mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX floor_secrets_ref ON floor_secrets (owner, server, name);
CREATE INDEX floor_secrets_owner ON floor_secrets (owner, state, created_at, id);
CREATE INDEX floor_secrets_scope ON floor_secrets (owner, server, state, created_at, id);
CREATE INDEX floor_secrets_state ON floor_secrets (state, created_at, id);
CREATE INDEX floor_secrets_dek ON floor_secrets (dek_id, state, created_at, id);
CREATE INDEX floor_secrets_expiry ON floor_secrets (state, expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE floor_versions (
  secret INTEGER NOT NULL REFERENCES floor_secrets (key), version INTEGER NOT NULL, envelope BLOB NOT NULL,
  PRIMARY KEY (secret, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE floor_audit (
  stream TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL,
  principal TEXT NOT NULL, owner TEXT, server TEXT, name TEXT, secret_id TEXT, correlation_id TEXT, mac BLOB NOT NULL,
  body BLOB NOT NULL, PRIMARY KEY (stream, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX floor_audit_at ON floor_audit (at, stream, sequence);
CREATE INDEX floor_audit_principal ON floor_audit (principal, at, stream, sequence);
CREATE INDEX floor_audit_owner ON floor_audit (owner, at, stream, sequence) WHERE owner IS NOT NULL;
`

/**
 * @typedef {import('./crypto.mjs').FloorRef} FloorRef
 * @param {{ path: string, synchronous?: 'FULL' | 'OFF' }} file
 */
export function sqliteFloor({ path, synchronous = 'FULL' }) {
  const database = openSqlite(path, synchronous)
  database.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;')
  database.exec(createTables)
  const keys = sealer()
  const byRef = 'owner = ? AND server = ? AND name = ?'
  const readRecord = recordReader(keys)
  const find = database.prepare(`SELECT s.record, s.mac, v.envelope FROM floor_secrets s
    JOIN floor_versions v ON v.secret = s.key AND v.version = s.version WHERE ${byRef}`)
  // Rows as arrays, where the driver can, cost less than objects.
  find.raw?.()
  find.setReturnArrays?.(true)
  const append = database.prepare(
    `INSERT INTO floor_audit VALUES (${Array.from({ length: 13 }, () => '?').join(', ')})`,
  )
  const record = database.prepare(`SELECT record, mac FROM floor_secrets WHERE ${byRef}`)
  const put = database.prepare(`INSERT INTO floor_secrets AS s
    (owner, server, name, id, revision, version, created_at, record, mac) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)
    ON CONFLICT (owner, server, name) DO UPDATE SET revision = excluded.revision, version = excluded.version,
      record = excluded.record, mac = excluded.mac WHERE s.revision = excluded.revision - 1 RETURNING key`)
  const putVersion = database.prepare('INSERT INTO floor_versions VALUES (?, ?, ?)')
  const removeVersions = database.prepare('DELETE FROM floor_versions WHERE secret = ? AND version < ?')
  const chain = auditChain()

  const inTransaction = (work) => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  /** The value, and the audit row of the read. @param {FloorRef} ref */
  const read = (ref) => {
    const { owner, server, name } = ref
    const [record, mac, envelope] = Object.values(find.get(owner, server, name))
    const { id, version } = readRecord(ref, { record, mac, envelope })
    const value = keys.open([owner, server, name, version], envelope).toString('utf8')
    return { value, event: { action: 'secret.accessed', operation: 'get', ref, id, version } }
  }
  const write = ({ ref, value }) => {
    const { owner, server, name } = ref
    const next = nextRecord(keys, { ref, stored: record.get(owner, server, name), value })
    const { id, ifRevision, version } = next
    const row = put.get(owner, server, name, id, ifRevision + 1, version, next.record, next.mac)
    if (row === undefined) throw new Error('Somebody else wrote.')
    putVersion.run(row.key, version, next.envelope)
    removeVersions.run(row.key, next.oldest)
    append.run(...chain({ action: 'secret.updated', operation: 'set', ref, id, version }))
  }
  const appendAll = (rows) =>
    inTransaction(() => {
      for (const row of rows) append.run(...row)
    })
  const behind = writtenBehind(appendAll)
  const appendGrouped = grouped({
    max: 256,
    lanes: 1,
    run(events) {
      appendAll(events.map(chain))
      return []
    },
  })

  return {
    database,
    /** @param {FloorRef} ref */
    getUnaudited: async (ref) => read(ref).value,
    /** @param {FloorRef} ref */
    async getBuffered(ref) {
      const { value, event } = read(ref)
      behind.push(chain(event))
      return value
    },
    /** Its audit row is durable before the value is returned. @param {FloorRef} ref */
    async get(ref) {
      const { value, event } = read(ref)
      append.run(...chain(event))
      return value
    },
    /** @param {FloorRef} ref */
    async getGrouped(ref) {
      const { value, event } = read(ref)
      await appendGrouped(event)
      return value
    },
    /** @param {FloorRef} ref @param {string} value */
    set: async (ref, value) => inTransaction(() => write({ ref, value })),
    /** @param {readonly FloorRef[]} refs @param {string} value */
    setAll: (refs, value) =>
      inTransaction(() => {
        for (const ref of refs) write({ ref, value })
      }),
    async close() {
      await behind.flush()
      database.close()
    },
  }
}
