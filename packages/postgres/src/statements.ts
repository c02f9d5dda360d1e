// Every statement with a fixed text. Values are always bound; lists go in as arrays.
import { appendRecorded, auditObjectColumns, recordset } from './audit-sql.ts'
import type { Statement } from './client.ts'
import { channelOf, digestOf, identifier } from './names.ts'
import { putRoutine } from './put-routine.ts'
import { replaceRoutine } from './replace-routine.ts'

export const auditColumns = `stream, sequence, mac, redaction, body, at, action, outcome, principal, owner, server, name,
  secret_id, correlation_id`
export const dataKeyColumns = 'id, kind, owner, server, state, revision, created_at, wraps'
export const recordColumns = 's.record, s.id, s.revision, s.created_at, s.last_used_at, s.use_count'

/** Audit rows in four parameters from this one on. */
const auditRows = (first: number): string =>
  recordset({
    json: `$${first}`,
    columns: auditObjectColumns,
    bytes: { mac: `$${first + 1}`, redaction: `$${first + 2}`, body: `$${first + 3}` },
  })
const serverSettings = `current_setting('server_encoding'), current_setting('client_encoding'),
  current_setting('session_replication_role'), pg_is_in_recovery(), current_setting('fsync'),
  current_setting('synchronous_commit')`
/** The search path that each routine of the schema $1 keeps, by name. */
const routinePaths = `SELECT jsonb_object_agg(p.proname, (
    SELECT o.option_value FROM pg_options_to_table(p.proconfig) o WHERE o.option_name = 'search_path'
  )) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND starts_with(p.proname, 'mcpvault_')`
/** Of the tables of the schema $1: whether one is unlogged, and whether row security holds this role in all or in any. */
const tableStates = `SELECT bool_or(c.relpersistence <> 'p') AS is_unlogged,
    bool_and(row_security_active(c.oid) OR c.relname = 'mcpvault_' || 'migrations') AS is_every,
    bool_or(row_security_active(c.oid)) AS is_any
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind = 'r' AND starts_with(c.relname, 'mcpvault_')`
const dataKeyScope = 'kind = $2 AND owner = $3 AND server = $4'
const findSecret = (version: string): string => `
  SELECT v.envelope, ${recordColumns} FROM mcpvault_secrets s
  LEFT JOIN mcpvault_versions v ON v.secret = s.key AND v.version = ${version}
  WHERE s.owner = $1 AND s.server = $2 AND s.name = $3`

export type Statements = ReturnType<typeof statementsOf>

export interface StatementsOptions {
  readonly schema: string
  /** Changes of data keys are notified on the schema's channel. */
  readonly notifies: boolean
  /** `unnamed` statements are parsed at each call, in the same round trip. Default `named`. */
  readonly preparedStatements?: 'named' | 'unnamed'
}

/** The statements for one schema. */
export function statementsOf({ schema, notifies, preparedStatements = 'named' }: StatementsOptions) {
  const channel = channelOf(schema)
  const inSchema = identifier(schema)
  const prefix = `mcpvault_${digestOf(`${schema} ${notifies}`)}`
  /** Names every table with its schema; a prepared statement then means the same on every connection. */
  const text = (body: string): string => body.replaceAll(/\bmcpvault_(?=[a-z])/g, `${inSchema}.mcpvault_`)
  const prepared = (name: string, body: string): Statement =>
    preparedStatements === 'unnamed' ? { text: text(body) } : { name: `${prefix}_${name}`, text: text(body) }
  /** Returns a row for each row changed, and notifies of each with the payload that is bound last. */
  const notifying = (body: string, { payload }: { readonly payload: number }): string =>
    `${body} RETURNING id${notifies ? `, pg_notify('${channel}', $${payload})::text` : ''}`
  return Object.freeze({
    text,
    notifies,
    setPrincipal: { text: "SELECT set_config('mcpvault.principal', $1, true)" },
    listen: { text: `LISTEN ${identifier(channel)}` },
    settings: { text: `SELECT ${serverSettings}` },
    inspect: {
      text: `SELECT ${serverSettings}, (${text('SELECT jsonb_object_agg(version, checksum) FROM mcpvault_migrations')}),
        (${routinePaths}), t.is_unlogged, t.is_every, t.is_any FROM (${tableStates}) t`,
    },
    paths: { text: routinePaths },
    lockTimeout: { text: "SET LOCAL lock_timeout = '60s'" },
    migrationLock: { text: 'SELECT pg_advisory_xact_lock($1, $2)' },
    createSchema: { text: `CREATE SCHEMA IF NOT EXISTS ${inSchema}` },
    hasSchema: { text: 'SELECT 1 FROM pg_namespace WHERE nspname = $1' },
    searchPath: { text: "SELECT set_config('search_path', $1, true)" },
    migrations: { text: text('SELECT version, checksum FROM mcpvault_migrations ORDER BY version') },
    insertMigration: { text: text('INSERT INTO mcpvault_migrations (version, name, checksum) VALUES ($1, $2, $3)') },
    // A standby has none, and is no primary server either.
    walPosition: {
      text: 'SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn()::text END',
    },
    hasReplayed: { text: 'SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, NOT pg_is_in_recovery())' },

    findCurrent: prepared('find_current', findSecret('s.current_version')),
    findSeveral: prepared(
      'find_several',
      `SELECT u.place, v.envelope, ${recordColumns}
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY u(owner, server, name, place)
       -- A limit keeps the planner from joining: it cannot know that a table without statistics is large.
       CROSS JOIN LATERAL (
         SELECT * FROM mcpvault_secrets o WHERE o.owner = u.owner AND o.server = u.server AND o.name = u.name LIMIT 1
       ) s
       LEFT JOIN LATERAL (
         SELECT * FROM mcpvault_versions o WHERE o.secret = s.key AND o.version = s.current_version LIMIT 1
       ) v ON true`,
    ),
    findVersion: prepared('find_version', findSecret('$4')),
    findAllVersions: prepared(
      'find_all_versions',
      `SELECT v.version, v.envelope, ${recordColumns} FROM mcpvault_secrets s
       LEFT JOIN mcpvault_versions v ON v.secret = s.key WHERE s.owner = $1 AND s.server = $2 AND s.name = $3`,
    ),
    findSeveralWithAllVersions: prepared(
      'find_several_with_all_versions',
      `SELECT u.place, v.version, v.envelope, ${recordColumns}
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY u(owner, server, name, place)
       CROSS JOIN LATERAL (
         SELECT * FROM mcpvault_secrets o WHERE o.owner = u.owner AND o.server = u.server AND o.name = u.name LIMIT 1
       ) s
       LEFT JOIN LATERAL (SELECT * FROM mcpvault_versions o WHERE o.secret = s.key OFFSET 0) v ON true`,
    ),
    findScope: prepared(
      'find_scope',
      `SELECT s.name, v.envelope, ${recordColumns} FROM mcpvault_secrets s
       LEFT JOIN mcpvault_versions v ON v.secret = s.key AND v.version = s.current_version
       WHERE s.owner = $1 AND s.server = $2 AND s.state <> 'deleted' ORDER BY s.name LIMIT $3`,
    ),
    /** The places of those that were put. */
    putSecrets: prepared('put_secrets', `SELECT ${putRoutine}($1, $2, $3, $4, $5, $6)`),
    removeSecret: prepared(
      'remove_secret',
      `WITH removed AS (
         DELETE FROM mcpvault_secrets WHERE owner = $1 AND server = $2 AND name = $3 AND revision = $4 RETURNING key
       ), recorded AS MATERIALIZED (
         SELECT r.* FROM removed CROSS JOIN ${auditRows(5)}
       ), ${appendRecorded}
       SELECT 1 FROM removed`,
    ),
    touch: prepared(
      'touch',
      `UPDATE mcpvault_secrets s SET use_count = use_count + u.uses,
         last_used_at = greatest(coalesce(last_used_at, u.at), u.at)
       FROM (SELECT owner, server, name, id, sum(uses) AS uses, max(at) AS at
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
               t(owner, server, name, id, uses, at) GROUP BY owner, server, name, id) u
       WHERE s.owner = u.owner AND s.server = u.server AND s.name = u.name AND s.id = u.id`,
    ),

    findDataKey: prepared(
      'find_data_key',
      `SELECT ${dataKeyColumns} FROM mcpvault_data_keys WHERE id = $1 AND ${dataKeyScope}`,
    ),
    activeDataKey: prepared(
      'active_data_key',
      `SELECT ${dataKeyColumns} FROM mcpvault_data_keys WHERE kind = $1 AND owner = $2 AND server = $3 AND state = 'active'`,
    ),
    insertDataKey: prepared(
      'insert_data_key',
      `INSERT INTO mcpvault_data_keys (${dataKeyColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (kind, owner, server) WHERE state = 'active' DO NOTHING RETURNING id`,
    ),
    /** The places of those that were replaced. */
    replaceDataKeys: prepared(
      'replace_data_keys',
      `SELECT r.place${notifies ? `, pg_notify('${channel}', ($10::text[])[r.place])::text` : ''}
       FROM ${replaceRoutine}($1, $2, $3, $4, $5, $6, $7, $8, $9) r(place)`,
    ),
    deleteDataKey: prepared(
      'delete_data_key',
      notifying(`DELETE FROM mcpvault_data_keys WHERE id = $1 AND ${dataKeyScope}`, { payload: 5 }),
    ),

    appendAudit: prepared(
      'append_audit',
      `WITH recorded AS MATERIALIZED (
         SELECT * FROM ${auditRows(1)}
       ), ${appendRecorded}
       SELECT 1`,
    ),
    auditMacs: {
      text: text(`SELECT a.mac FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY u(stream, sequence, place)
        LEFT JOIN mcpvault_audit a ON a.stream = u.stream AND a.sequence = u.sequence ORDER BY u.place`),
    },
    redactAudit: {
      text: text(`UPDATE mcpvault_audit SET at = $4, action = $5, outcome = $6, principal = $7, owner = $8, server = $9,
        name = $10, secret_id = $11, correlation_id = $12, redaction = $13, body = $14
        WHERE stream = $1 AND sequence = $2 AND mac = $3 RETURNING 1`),
    },
    readStream: prepared(
      'read_stream',
      `SELECT ${auditColumns} FROM mcpvault_audit WHERE stream = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    ),
    readAll: prepared(
      'read_all',
      `SELECT ${auditColumns} FROM mcpvault_audit WHERE (stream, sequence) >= ($1, $2)
       ORDER BY stream, sequence LIMIT $3`,
    ),
    streams: prepared(
      'streams',
      // A stream whose last row is gone is still named: its verification must find that.
      `SELECT s.stream, s.first_at, s.last_at, s.last_sequence, coalesce(a.mac, ''),
         coalesce(a.action = 'audit.closed', false)
       FROM (SELECT stream, first_at, last_at, last_sequence FROM mcpvault_streams
             WHERE stream > $1 AND last_at >= $2 AND last_day >= floor($2 / 86400000.0) ORDER BY stream LIMIT $3) s
       LEFT JOIN mcpvault_audit a ON a.stream = s.stream AND a.sequence = s.last_sequence ORDER BY s.stream`,
    ),
    putCheckpoint: {
      text: text(
        'INSERT INTO mcpvault_checkpoints (id, created_at, note) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
      ),
    },
    checkpoints: {
      text: text(`SELECT id, created_at, note FROM mcpvault_checkpoints WHERE (created_at, id) > ($1, $2)
        ORDER BY created_at, id LIMIT $3`),
    },

    insertMeta: { text: text('INSERT INTO mcpvault_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING') },
    readMeta: { text: text('SELECT value FROM mcpvault_meta WHERE key = $1') },
    // The clock of the server, since the processes' own differ.
    acquireLock: {
      text: text(`INSERT INTO mcpvault_locks AS l (name, holder, ends_at)
        VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
        WHERE l.ends_at <= clock_timestamp() OR l.holder = excluded.holder RETURNING 1`),
    },
    renewLock: {
      text: text(`UPDATE mcpvault_locks SET ends_at = clock_timestamp() + $3 * interval '1 millisecond'
        WHERE name = $1 AND holder = $2 AND ends_at > clock_timestamp() RETURNING 1`),
    },
    releaseLock: { text: text('DELETE FROM mcpvault_locks WHERE name = $1 AND holder = $2') },
  })
}
