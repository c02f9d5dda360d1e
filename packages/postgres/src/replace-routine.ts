// The routine that replaces a batch of data keys: one statement, which compares and swaps each.

export const replaceRoutine = 'mcpvault_replace_data_keys'

/**
 * Takes the columns of the replacements as arrays, and returns the places, from 1, of those that found their row at the
 * revision asked for. It is a routine for its plan, as that of puts is: each row is looked up by its id, however many
 * there are. Everyone locks rows by id, so that there are no deadlocks.
 */
export const createReplaceRoutine = `
CREATE OR REPLACE FUNCTION ${replaceRoutine}(
  ids text[], kinds text[], owners text[], servers text[], states text[], revisions bigint[], times bigint[],
  wrap_lists bytea[], if_revisions bigint[]
) RETURNS SETOF bigint LANGUAGE plpgsql
SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  RETURN QUERY WITH given AS MATERIALIZED (
    SELECT * FROM unnest(ids, kinds, owners, servers, states, revisions, times, wrap_lists, if_revisions)
      WITH ORDINALITY u(id, kind, owner, server, state, revision, created_at, wraps, if_revision, place)
    ORDER BY id COLLATE "C", place
  ), locked AS MATERIALIZED (
    SELECT g.* FROM given g CROSS JOIN LATERAL (
      SELECT 1 FROM mcpvault_data_keys k WHERE k.id = g.id AND k.kind = g.kind AND k.owner = g.owner
        AND k.server = g.server AND k.revision = g.if_revision
      FOR NO KEY UPDATE
    ) k
  )
  UPDATE mcpvault_data_keys k SET state = l.state, revision = l.revision, created_at = l.created_at, wraps = l.wraps
  FROM locked l WHERE k.id = l.id AND k.revision = l.if_revision
  RETURNING l.place;
END $$`
