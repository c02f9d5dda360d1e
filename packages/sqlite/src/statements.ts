// Every statement with a fixed text. Values are always bound; lists go in as JSON.
import type { DataKeyScope, StoredDataKey } from '@mcpvault/core'
import type { AuditColumnValues } from '@mcpvault/core/adapter'
import type { Query } from './client.ts'

/** A record with what stands beside it. */
export type RecordRow = readonly [
  record: Uint8Array,
  id: string,
  revision: number,
  createdAt: number,
  lastUsedAt: number | null,
  useCount: number,
]
export type RecordEnvelopeRow = readonly [envelope: Uint8Array | null, ...RecordRow]
export type NamedRecordRow = readonly [owner: string, server: string, name: string, ...RecordRow]
export type NamedEnvelopeRow = readonly [name: string, envelope: Uint8Array | null, ...RecordRow]
export type VersionRow = readonly [version: number | null, envelope: Uint8Array | null, ...RecordRow]
/** What a write of a record has to know of the stored one. */
export type StoredRow = readonly [
  key: number,
  revision: number,
  id: string,
  state: string,
  type: string,
  tier: number,
  dekId: string,
  createdAt: number,
  expiresAt: number | null,
  hasGrants: number,
  hasTags: number,
]
export type DataKeyRow = readonly [
  id: string,
  kind: DataKeyScope['kind'],
  owner: string,
  server: string,
  state: StoredDataKey['state'],
  revision: number,
  createdAt: number,
  wraps: Uint8Array,
]
export type AuditDbRow = readonly [
  stream: string,
  sequence: number,
  mac: Uint8Array,
  redaction: Uint8Array | null,
  body: Uint8Array,
  ...AuditColumnValues,
]
export type StreamRow = readonly [
  stream: string,
  firstAt: number,
  lastAt: number,
  lastSequence: number,
  lastMac: Uint8Array,
  isClosed: number,
]

const recordColumns = 's.record, s.id, s.revision, s.created_at, s.last_used_at, s.use_count'
const byRef = 'owner = ? AND server = ? AND name = ?'
const dataKeyColumns = 'id, kind, owner, server, state, revision, created_at, wraps'
const dataKeyScope = 'kind = ? AND owner = ? AND server = ?'

/** The columns of `NamedRecordRow`, for pages that statements of other shapes select. */
export const namedRecordColumns = `s.owner, s.server, s.name, ${recordColumns}`
export const auditColumns = `stream, sequence, mac, redaction, body, at, action, outcome, principal, owner, server, name,
  secret_id, correlation_id`
/** The same as a query gives them: as a float, a number of any size can be read. Someone else may have written it. */
export const auditResult = auditColumns.replace('sequence', 'sequence + 0.0').replace(' at,', ' at + 0.0,')
export { dataKeyColumns }

const streamColumns = `s.stream, s.first_at, s.last_at, s.last_sequence, coalesce(a.mac, x''),
  coalesce(a.action = 'audit.closed', false)`
// A stream whose last row is gone is still named: its verification must find that.
const lastRow = 'LEFT JOIN mcpvault_audit a ON a.stream = s.stream AND a.sequence = s.last_sequence'

export const sql = Object.freeze({
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  encoding: query<[string]>('PRAGMA encoding'),
  useWal: 'PRAGMA journal_mode = WAL',
  journalMode: query<[string]>('PRAGMA journal_mode'),
  synchronous: query<[number]>('PRAGMA synchronous'),
  queryOnly: query<[number]>('PRAGMA query_only'),
  countChanges: query<[number]>('PRAGMA count_changes'),
  databases: query<[number, string, string]>('PRAGMA database_list'),
  types: query<readonly unknown[]>("SELECT 1 AS a, 'a' AS b, x'00' AS c, NULL AS d"),
  integrity: query<[string]>('PRAGMA integrity_check'),
  newCopy: 'UPDATE mcpvault_file SET copy = randomblob(16) WHERE id = 1',
  nextLog: 'UPDATE mcpvault_file SET log = log + 1 WHERE id = 1',
  lockAlone: 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK',
  emptyWal: 'PRAGMA wal_checkpoint(TRUNCATE)',
  migrations: query<[number, string]>('SELECT version, checksum FROM mcpvault_migrations ORDER BY version'),
  insertMigration: 'INSERT INTO mcpvault_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)',

  findCurrent: query<RecordEnvelopeRow>(`
    SELECT v.envelope, ${recordColumns} FROM mcpvault_secrets s
    LEFT JOIN mcpvault_versions v ON v.secret = s.key AND v.version = s.current_version WHERE ${byRef}`),
  findVersion: query<RecordEnvelopeRow>(`
    SELECT v.envelope, ${recordColumns} FROM mcpvault_secrets s
    LEFT JOIN mcpvault_versions v ON v.secret = s.key AND v.version = ? WHERE ${byRef}`),
  findAllVersions: query<VersionRow>(`
    SELECT v.version, v.envelope, ${recordColumns} FROM mcpvault_secrets s
    LEFT JOIN mcpvault_versions v ON v.secret = s.key WHERE ${byRef}`),
  findScope: query<NamedEnvelopeRow>(`
    SELECT s.name, v.envelope, ${recordColumns} FROM mcpvault_secrets s
    LEFT JOIN mcpvault_versions v ON v.secret = s.key AND v.version = s.current_version
    WHERE s.owner = ? AND s.server = ? AND s.state <> 'deleted' ORDER BY s.name LIMIT ?`),
  stored: query<StoredRow>(`
    SELECT key, revision, id, state, type, tier, dek_id, created_at, expires_at,
      EXISTS (SELECT 1 FROM mcpvault_grants WHERE secret = key), EXISTS (SELECT 1 FROM mcpvault_tags WHERE secret = key)
    FROM mcpvault_secrets WHERE ${byRef}`),
  insertSecret: query<[number]>(`
    INSERT INTO mcpvault_secrets (owner, server, name, id, revision, current_version, state, type, tier, dek_id,
      created_at, expires_at, last_used_at, use_count, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key`),
  updateSecret: `
    UPDATE mcpvault_secrets SET revision = ?, current_version = ?, record = ?, id = ?, state = ?, type = ?, tier = ?,
      dek_id = ?, created_at = ?, expires_at = ? WHERE key = ?`,
  // SQLite rewrites each index that has a column of the statement, also when the values are the same.
  updateRecord: 'UPDATE mcpvault_secrets SET revision = ?, current_version = ?, record = ? WHERE key = ?',
  deleteSecret: 'DELETE FROM mcpvault_secrets WHERE key = ?',
  touch: `
    UPDATE mcpvault_secrets SET use_count = use_count + ?, last_used_at = max(coalesce(last_used_at, ?), ?)
    WHERE ${byRef} AND id = ?`,

  putVersion: `
    INSERT INTO mcpvault_versions (secret, version, envelope) VALUES (?, ?, ?)
    ON CONFLICT (secret, version) DO UPDATE SET envelope = excluded.envelope`,
  keepVersions: 'DELETE FROM mcpvault_versions WHERE secret = ? AND version NOT IN (SELECT value FROM json_each(?))',
  keepGrants: 'DELETE FROM mcpvault_grants WHERE secret = ? AND principal NOT IN (SELECT value FROM json_each(?))',
  addGrants: `
    INSERT INTO mcpvault_grants (secret, principal, created_at, id)
    SELECT ?, value, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
  keepTags: 'DELETE FROM mcpvault_tags WHERE secret = ? AND tag NOT IN (SELECT value FROM json_each(?))',
  addTags: `
    INSERT INTO mcpvault_tags (secret, owner, tag, created_at, id)
    SELECT ?, ?, value, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,

  findDataKey: query<DataKeyRow>(`SELECT ${dataKeyColumns} FROM mcpvault_data_keys WHERE id = ? AND ${dataKeyScope}`),
  activeDataKey: query<DataKeyRow>(`
    SELECT ${dataKeyColumns} FROM mcpvault_data_keys WHERE ${dataKeyScope} AND state = 'active'`),
  insertDataKey: `
    INSERT INTO mcpvault_data_keys (${dataKeyColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, owner, server) WHERE state = 'active' DO NOTHING`,
  replaceDataKey: `
    UPDATE mcpvault_data_keys SET state = ?, revision = ?, created_at = ?, wraps = ?
    WHERE id = ? AND ${dataKeyScope} AND revision = ?`,
  deleteDataKey: `DELETE FROM mcpvault_data_keys WHERE id = ? AND ${dataKeyScope}`,

  insertAudit: `
    INSERT INTO mcpvault_audit (${auditColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (stream, sequence) DO NOTHING`,
  auditMac: query<[Uint8Array]>('SELECT mac FROM mcpvault_audit WHERE stream = ? AND sequence = ?'),
  redactAudit: `
    UPDATE mcpvault_audit SET at = ?, action = ?, outcome = ?, principal = ?, owner = ?, server = ?, name = ?,
      secret_id = ?, correlation_id = ?, redaction = ?, body = ? WHERE stream = ? AND sequence = ? AND mac = ?`,
  readStream: query<AuditDbRow>(`
    SELECT ${auditResult} FROM mcpvault_audit WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?`),
  readAll: query<AuditDbRow>(`
    SELECT ${auditResult} FROM mcpvault_audit WHERE (stream, sequence) >= (?, ?) ORDER BY stream, sequence LIMIT ?`),
  // Most rows are of the same day as the row before, and then the index is not written.
  extendStreamWithinDay: `
    UPDATE mcpvault_streams SET first_at = min(first_at, ?), last_at = max(last_at, ?),
      last_sequence = max(last_sequence, ?) WHERE stream = ? AND last_day >= ?`,
  extendStream: `
    INSERT INTO mcpvault_streams (first_at, last_at, last_sequence, stream, last_day) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (stream) DO UPDATE SET first_at = min(first_at, excluded.first_at),
      last_at = max(last_at, excluded.last_at), last_sequence = max(last_sequence, excluded.last_sequence),
      last_day = excluded.last_day`,
  streams: query<StreamRow>(`
    SELECT ${streamColumns} FROM mcpvault_streams s ${lastRow} WHERE s.stream > ? ORDER BY s.stream LIMIT ?`),
  // Only few streams are active, so it is faster to find them by time and then sort them.
  activeStreams: query<StreamRow>(`
    SELECT ${streamColumns} FROM mcpvault_streams s INDEXED BY mcpvault_streams_last ${lastRow}
    WHERE s.last_day >= ? AND s.last_at >= ? AND s.stream > ? ORDER BY s.stream LIMIT ?`),
  putCheckpoint: 'INSERT INTO mcpvault_checkpoints (id, created_at, note) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  checkpoints: query<[string, number, string]>(`
    SELECT id, created_at, note FROM mcpvault_checkpoints WHERE (created_at, id) > (?, ?)
    ORDER BY created_at, id LIMIT ?`),

  // An empty array of bytes reaches SQLite as NULL with some drivers.
  insertMeta: "INSERT INTO mcpvault_meta (key, value) VALUES (?, coalesce(?, x'')) ON CONFLICT (key) DO NOTHING",
  readMeta: query<[Uint8Array]>('SELECT value FROM mcpvault_meta WHERE key = ?'),
  acquireLock: `
    INSERT INTO mcpvault_locks (name, holder, ends_at) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
    WHERE ends_at <= ? OR holder = excluded.holder`,
  renewLock: 'UPDATE mcpvault_locks SET ends_at = ? WHERE name = ? AND holder = ? AND ends_at > ?',
  releaseLock: 'DELETE FROM mcpvault_locks WHERE name = ? AND holder = ?',
})

/** For a file that is read beside the connection's own database. */
export const attached = Object.freeze({
  attach: 'ATTACH ? AS attached',
  rootPage: query<[number]>("SELECT rootpage FROM attached.sqlite_master WHERE name = 'mcpvault_file'"),
  mark: query<[string, number]>('SELECT hex(copy), log FROM attached.mcpvault_file WHERE id = 1'),
})

function query<Row extends readonly unknown[]>(text: string): Query<Row> {
  return { sql: text }
}
