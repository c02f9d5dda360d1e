// The routines of the schema: a write with all that lands with it, in one call whose statements stay planned.

// Within a routine each statement is planned once on a connection. As one statement with many parts, a write is
// planned anew nearly every time, which takes longer than the write itself.
const planned = `LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan`

const auditParameters = `streams text[], sequences bigint[], times bigint[], actions text[], outcomes text[],
  principals text[], owners text[], servers text[], names text[], secret_ids text[], correlation_ids text[],
  macs bytea[], redactions bytea[], bodies bytea[]`
const auditArguments = `streams, sequences, times, actions, outcomes, principals, owners, servers, names, secret_ids,
    correlation_ids, macs, redactions, bodies`

const appendAudit = `
CREATE FUNCTION mcpvault_append_audit(${auditParameters}) RETURNS boolean ${planned} AS $$
BEGIN
  INSERT INTO mcpvault_audit (stream, sequence, at, action, outcome, principal, owner, server, name, secret_id,
    correlation_id, mac, redaction, body)
  SELECT * FROM unnest(${auditArguments});
  INSERT INTO mcpvault_streams AS known (stream, first_at, last_at, last_day, last_sequence)
  SELECT u.stream, min(u.at), max(u.at), max(floor(u.at / 86400000.0))::bigint, max(u.sequence)
  FROM unnest(streams, sequences, times) u(stream, sequence, at)
  GROUP BY u.stream
  ON CONFLICT (stream) DO UPDATE SET first_at = least(known.first_at, excluded.first_at),
    last_at = greatest(known.last_at, excluded.last_at), last_day = greatest(known.last_day, excluded.last_day),
    last_sequence = greatest(known.last_sequence, excluded.last_sequence);
  RETURN true;
END $$`

// Grants and tags are rewritten only when they, or what they carry of the record, changed.
const putSecret = `
CREATE FUNCTION mcpvault_put_secret(
  new_owner text, new_server text, new_name text, new_id text, new_revision bigint, new_version bigint, new_state text,
  new_type text, new_tier smallint, new_dek_id text, new_created_at bigint, new_expires_at bigint, new_record bytea,
  new_lists bytea, if_revision bigint, inserted_last_used_at bigint, inserted_use_count bigint, kept bigint[],
  sealed bigint[], envelopes bytea[], grantees text[], permissions text[], granters text[], grant_times bigint[],
  new_tags text[], ${auditParameters}) RETURNS boolean ${planned} AS $$
DECLARE
  found_key bigint;
  is_relisted boolean := true;
BEGIN
  IF if_revision = 0 THEN
    INSERT INTO mcpvault_secrets (owner, server, name, id, revision, current_version, state, type, tier, dek_id,
      created_at, expires_at, record, lists, last_used_at, use_count)
    VALUES (new_owner, new_server, new_name, new_id, new_revision, new_version, new_state, new_type, new_tier,
      new_dek_id, new_created_at, new_expires_at, new_record, new_lists, inserted_last_used_at, inserted_use_count)
    ON CONFLICT (owner, server, name) DO NOTHING RETURNING key INTO found_key;
    IF NOT FOUND THEN RETURN false; END IF;
  ELSE
    UPDATE mcpvault_secrets s SET id = new_id, revision = new_revision, current_version = new_version,
      state = new_state, type = new_type, tier = new_tier, dek_id = new_dek_id, created_at = new_created_at,
      expires_at = new_expires_at, record = new_record, relisted = (s.lists <> new_lists), lists = new_lists
    WHERE s.owner = new_owner AND s.server = new_server AND s.name = new_name AND s.revision = if_revision
    RETURNING s.key, s.relisted INTO found_key, is_relisted;
    IF NOT FOUND THEN RETURN false; END IF;
    DELETE FROM mcpvault_versions v WHERE v.secret = found_key AND v.version <> ALL (kept);
  END IF;
  INSERT INTO mcpvault_versions AS v (secret, owner, version, envelope)
  SELECT found_key, new_owner, u.* FROM unnest(sealed, envelopes) u
  ON CONFLICT (secret, version) DO UPDATE SET envelope = excluded.envelope;
  IF is_relisted THEN
    DELETE FROM mcpvault_grants g WHERE g.secret = found_key AND g.principal <> ALL (grantees);
    DELETE FROM mcpvault_tags t WHERE t.secret = found_key AND t.tag <> ALL (new_tags);
    INSERT INTO mcpvault_grants (secret, owner, created_at, id, principal, permission, granted_by, granted_at)
    SELECT found_key, new_owner, new_created_at, new_id, u.* FROM unnest(grantees, permissions, granters, grant_times) u
    ON CONFLICT (secret, principal) DO UPDATE SET permission = excluded.permission, granted_by = excluded.granted_by,
      granted_at = excluded.granted_at, created_at = excluded.created_at, id = excluded.id;
    INSERT INTO mcpvault_tags (secret, owner, created_at, id, tag)
    SELECT found_key, new_owner, new_created_at, new_id, u.tag FROM unnest(new_tags) u(tag)
    ON CONFLICT (secret, tag) DO UPDATE SET created_at = excluded.created_at, id = excluded.id;
  END IF;
  IF cardinality(streams) > 0 THEN PERFORM mcpvault_append_audit(${auditArguments}); END IF;
  RETURN true;
END $$`

const removeSecret = `
CREATE FUNCTION mcpvault_remove_secret(
  old_owner text, old_server text, old_name text, if_revision bigint, ${auditParameters}
) RETURNS boolean ${planned} AS $$
BEGIN
  DELETE FROM mcpvault_secrets s
  WHERE s.owner = old_owner AND s.server = old_server AND s.name = old_name AND s.revision = if_revision;
  IF NOT FOUND THEN RETURN false; END IF;
  IF cardinality(streams) > 0 THEN PERFORM mcpvault_append_audit(${auditArguments}); END IF;
  RETURN true;
END $$`

/** Makes every routine, in the schema that the search path begins with. */
export const createRoutines = [appendAudit, putSecret, removeSecret].join(';\n')

/** How many parameters each takes. */
export const parameterCounts = Object.freeze({ appendAudit: 14, putSecret: 39, removeSecret: 18 })

/** Every routine's name, for grants. */
export const routineNames = Object.freeze(['mcpvault_append_audit', 'mcpvault_put_secret', 'mcpvault_remove_secret'])
