// The routine that puts a batch of secrets with their audit rows: one statement, which compares and swaps each.
import { appendRecorded, auditObjectColumns, recordset } from './audit-sql.ts'

export const putRoutine = 'mcpvault_put_secrets'

/**
 * Takes the puts as JSON objects by column name, and their bytes as arrays beside them. Returns the places of those puts
 * that found their record at the revision asked for.
 *
 * It is a routine so that its plan can be controlled: a connection plans once, often while the tables are empty, and
 * only index look-ups for each put stay fast when they grow.
 *
 * Everyone takes locks in the same order, so that there are no deadlocks: new records by name, stored records by name,
 * audit rows, streams. The two halves of `done` run in the order of their lines.
 */
export const createPutRoutine = `
CREATE OR REPLACE FUNCTION ${putRoutine}(
  batch jsonb, records bytea[], envelopes bytea[], macs bytea[], redactions bytea[], bodies bytea[]
) RETURNS SETOF integer LANGUAGE plpgsql
SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  RETURN QUERY WITH given AS MATERIALIZED (
    SELECT * FROM ${recordset({
      json: "batch->'secrets'",
      columns: `place integer, if_revision bigint, owner text, server text, name text, id text, revision bigint,
        current_version bigint, state text, type text, tier smallint, dek_id text, created_at bigint,
        expires_at bigint, last_used_at bigint, use_count bigint, lists text, versions bigint[]`,
      bytes: { record: 'records' },
    })}
    ORDER BY owner COLLATE "C", server COLLATE "C", name COLLATE "C", place
  ), created AS MATERIALIZED (
    SELECT DISTINCT ON (g.owner COLLATE "C", g.server COLLATE "C", g.name COLLATE "C") g.* FROM given g
    WHERE g.if_revision = 0
    ORDER BY g.owner COLLATE "C", g.server COLLATE "C", g.name COLLATE "C", g.place
  ), inserted AS (
    INSERT INTO mcpvault_secrets AS s (owner, server, name, id, revision, current_version, state, type, tier, dek_id,
      created_at, expires_at, last_used_at, use_count, lists, record)
    SELECT c.owner, c.server, c.name, c.id, c.revision, c.current_version, c.state, c.type, c.tier, c.dek_id,
      c.created_at, c.expires_at, c.last_used_at, c.use_count, c.lists, c.record
    FROM created c
    ON CONFLICT (owner, server, name) DO NOTHING RETURNING s.key, s.owner, s.server, s.name
  ), locked AS (
    SELECT g.place, s.key, s.lists <> g.lists AS is_relisted
    FROM given g CROSS JOIN LATERAL (
      SELECT s.key, s.lists FROM mcpvault_secrets s
      WHERE s.owner = g.owner AND s.server = g.server AND s.name = g.name AND s.revision = g.if_revision
      FOR NO KEY UPDATE
    ) s WHERE g.if_revision > 0
  ), updated AS (
    UPDATE mcpvault_secrets s SET id = g.id, revision = g.revision, current_version = g.current_version,
      state = g.state, type = g.type, tier = g.tier, dek_id = g.dek_id, created_at = g.created_at,
      expires_at = g.expires_at, lists = g.lists, record = g.record
    FROM locked l JOIN given g ON g.place = l.place WHERE s.key = l.key
    RETURNING s.key, g.place, l.is_relisted
  ), done AS MATERIALIZED (
    SELECT c.place, i.key, c.owner, c.id, c.created_at, c.versions, true AS is_relisted
    FROM inserted i JOIN created c ON c.owner = i.owner AND c.server = i.server AND c.name = i.name
    UNION ALL
    SELECT g.place, u.key, g.owner, g.id, g.created_at, g.versions, u.is_relisted
    FROM updated u JOIN given g ON g.place = u.place
  ), dropped_versions AS (
    DELETE FROM mcpvault_versions v USING done d WHERE v.secret = d.key AND v.version <> ALL (d.versions)
  ), put_versions AS (
    INSERT INTO mcpvault_versions (secret, owner, version, envelope)
    SELECT d.key, d.owner, r.version, r.envelope
    FROM ${recordset({
      json: "batch->'versions'",
      columns: 'place integer, version bigint',
      bytes: { envelope: 'envelopes' },
    })}
    JOIN done d ON d.place = r.place
    ON CONFLICT (secret, version) DO UPDATE SET envelope = excluded.envelope
  ), granted AS MATERIALIZED (
    SELECT d.key, d.owner, d.created_at, d.id, r.principal, r.permission, r.granted_by, r.granted_at
    FROM ${recordset({
      json: "batch->'grants'",
      columns: 'place integer, principal text, permission text, granted_by text, granted_at bigint',
    })}
    JOIN done d ON d.place = r.place WHERE d.is_relisted
  ), dropped_grants AS (
    DELETE FROM mcpvault_grants o USING done d WHERE d.is_relisted AND o.secret = d.key
      AND NOT EXISTS (SELECT 1 FROM granted n WHERE n.key = o.secret AND n.principal = o.principal)
  ), put_grants AS (
    INSERT INTO mcpvault_grants (secret, owner, created_at, id, principal, permission, granted_by, granted_at)
    SELECT * FROM granted
    ON CONFLICT (secret, principal) DO UPDATE SET permission = excluded.permission, granted_by = excluded.granted_by,
      granted_at = excluded.granted_at, created_at = excluded.created_at, id = excluded.id
  ), tagged AS MATERIALIZED (
    SELECT d.key, d.owner, d.created_at, d.id, r.tag
    FROM ${recordset({ json: "batch->'tags'", columns: 'place integer, tag text' })}
    JOIN done d ON d.place = r.place WHERE d.is_relisted
  ), dropped_tags AS (
    DELETE FROM mcpvault_tags o USING done d WHERE d.is_relisted AND o.secret = d.key
      AND NOT EXISTS (SELECT 1 FROM tagged n WHERE n.key = o.secret AND n.tag = o.tag)
  ), put_tags AS (
    INSERT INTO mcpvault_tags (secret, owner, created_at, id, tag) SELECT * FROM tagged
    ON CONFLICT (secret, tag) DO UPDATE SET created_at = excluded.created_at, id = excluded.id
  ), recorded AS MATERIALIZED (
    SELECT r.* FROM ${recordset({
      json: "batch->'audit'",
      columns: `place integer, ${auditObjectColumns}`,
      bytes: { mac: 'macs', redaction: 'redactions', body: 'bodies' },
    })}
    JOIN done d ON d.place = r.place
  ), ${appendRecorded}
  SELECT d.place FROM done d;
END $$`
