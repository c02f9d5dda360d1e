// The routines of the schema: a write with all that lands with it, in one call whose statements stay planned.

// Within a routine each statement is planned once on a connection. As one statement with many parts, a write is
// planned anew nearly every time, which takes longer than the write itself.
const planned = `LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan`

const auditParameters = `streams text[], sequences bigint[], times bigint[], actions text[], outcomes text[],
  principals text[], owners text[], servers text[], names text[], secret_ids text[], correlation_ids text[],
  macs bytea[], redactions bytea[], bodies bytea[]`
const auditArrays = [...auditParameters.matchAll(/(\w+) (?:text|bigint|bytea)\[\]/g)].map(([, name]) => name)
const auditArguments = auditArrays.join(', ')

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

// Each secret in turn, in the order that its caller gives, since whoever locks several must lock them in one order. What
// needs no order goes in by one statement for all. `keys` has the key of each that was put, and null for the others.
// Grants and tags are rewritten only when they, or what they carry of the record, changed.
const putSecrets = `
CREATE FUNCTION mcpvault_put_secrets(
  new_owners text[], new_servers text[], new_names text[], new_ids text[], new_revisions bigint[],
  new_versions bigint[], new_states text[], new_types text[], new_tiers bigint[], new_dek_ids text[],
  new_created_at bigint[], new_expires_at bigint[], new_records bytea[], new_lists bytea[], if_revisions bigint[],
  inserted_last_used_at bigint[], inserted_use_counts bigint[], kept text[], sealed_of bigint[], sealed bigint[],
  envelopes bytea[], granted_of bigint[], grantees text[], permissions text[], granters text[], grant_times bigint[],
  tagged_of bigint[], new_tags text[], recorded_of bigint[], ${auditParameters}
) RETURNS SETOF bigint ${planned} AS $$
DECLARE
  keys bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(new_owners)]);
  relisted boolean[] := array_fill(false, ARRAY[cardinality(new_owners)]);
  found_key bigint;
  is_relisted boolean;
BEGIN
  FOR place IN 1 .. cardinality(new_owners) LOOP
    is_relisted := true;
    IF if_revisions[place] = 0 THEN
      INSERT INTO mcpvault_secrets (owner, server, name, id, revision, current_version, state, type, tier, dek_id,
        created_at, expires_at, record, lists, last_used_at, use_count)
      VALUES (new_owners[place], new_servers[place], new_names[place], new_ids[place], new_revisions[place],
        new_versions[place], new_states[place], new_types[place], new_tiers[place], new_dek_ids[place],
        new_created_at[place], new_expires_at[place], new_records[place], new_lists[place],
        inserted_last_used_at[place], inserted_use_counts[place])
      ON CONFLICT (owner, server, name) DO NOTHING RETURNING key INTO found_key;
      CONTINUE WHEN NOT FOUND;
    ELSE
      UPDATE mcpvault_secrets s SET id = new_ids[place], revision = new_revisions[place],
        current_version = new_versions[place], state = new_states[place], type = new_types[place],
        tier = new_tiers[place], dek_id = new_dek_ids[place], created_at = new_created_at[place],
        expires_at = new_expires_at[place], record = new_records[place], relisted = (s.lists <> new_lists[place]),
        lists = new_lists[place]
      WHERE s.owner = new_owners[place] AND s.server = new_servers[place] AND s.name = new_names[place]
        AND s.revision = if_revisions[place]
      RETURNING s.key, s.relisted INTO found_key, is_relisted;
      CONTINUE WHEN NOT FOUND;
      DELETE FROM mcpvault_versions v WHERE v.secret = found_key AND v.version <> ALL (kept[place]::bigint[]);
      IF is_relisted THEN
        DELETE FROM mcpvault_grants g WHERE g.secret = found_key AND g.principal <> ALL (ARRAY(
          SELECT u.grantee FROM unnest(granted_of, grantees) u(place_of, grantee) WHERE u.place_of = place));
        DELETE FROM mcpvault_tags t WHERE t.secret = found_key AND t.tag <> ALL (ARRAY(
          SELECT u.tag FROM unnest(tagged_of, new_tags) u(place_of, tag) WHERE u.place_of = place));
      END IF;
    END IF;
    keys[place] := found_key;
    relisted[place] := is_relisted;
    RETURN NEXT place;
  END LOOP;
  INSERT INTO mcpvault_versions AS v (secret, owner, version, envelope)
  SELECT keys[u.place], new_owners[u.place], u.version, u.envelope
  FROM unnest(sealed_of, sealed, envelopes) u(place, version, envelope) WHERE keys[u.place] IS NOT NULL
  ON CONFLICT (secret, version) DO UPDATE SET envelope = excluded.envelope;
  IF cardinality(grantees) > 0 AND true = ANY (relisted) THEN
    INSERT INTO mcpvault_grants (secret, owner, created_at, id, principal, permission, granted_by, granted_at)
    SELECT keys[u.place], new_owners[u.place], new_created_at[u.place], new_ids[u.place], u.grantee, u.permission,
      u.granter, u.granted_at
    FROM unnest(granted_of, grantees, permissions, granters, grant_times) u(place, grantee, permission, granter,
      granted_at)
    WHERE relisted[u.place]
    ON CONFLICT (secret, principal) DO UPDATE SET permission = excluded.permission, granted_by = excluded.granted_by,
      granted_at = excluded.granted_at, created_at = excluded.created_at, id = excluded.id;
  END IF;
  IF cardinality(new_tags) > 0 AND true = ANY (relisted) THEN
    INSERT INTO mcpvault_tags (secret, owner, created_at, id, tag)
    SELECT keys[u.place], new_owners[u.place], new_created_at[u.place], new_ids[u.place], u.tag
    FROM unnest(tagged_of, new_tags) u(place, tag) WHERE relisted[u.place]
    ON CONFLICT (secret, tag) DO UPDATE SET created_at = excluded.created_at, id = excluded.id;
  END IF;
  IF cardinality(array_remove(keys, NULL)) < cardinality(keys) THEN
${auditArrays.map((name) => `    ${name} := ARRAY(SELECT u.value FROM unnest(recorded_of, ${name}) u(place, value) WHERE keys[u.place] IS NOT NULL);`).join('\n')}
  END IF;
  IF cardinality(streams) > 0 THEN PERFORM mcpvault_append_audit(${auditArguments}); END IF;
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
export const createRoutines = [appendAudit, putSecrets, removeSecret].join(';\n')

/** How many parameters each takes. */
export const parameterCounts = Object.freeze({
  appendAudit: auditArrays.length,
  putSecrets: 29 + auditArrays.length,
  removeSecret: 4 + auditArrays.length,
})

/** Every routine's name, for grants. */
export const routineNames = Object.freeze(['mcpvault_append_audit', 'mcpvault_put_secrets', 'mcpvault_remove_secret'])
