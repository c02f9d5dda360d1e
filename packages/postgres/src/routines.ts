// The routines of the schema, and whether they still look for their tables where these are.
import { identifier } from './names.ts'
import { createPutRoutine, putRoutine } from './put-routine.ts'
import { createReplaceRoutine, replaceRoutine } from './replace-routine.ts'

export interface Routine {
  readonly name: string
  /** Makes it, or replaces it, with the search path of the moment. */
  readonly create: string
}

const streamsRoutine = 'mcpvault_advance_streams'
export const holdsRoutine = 'mcpvault_holds'

/**
 * Notes the streams of appended rows, with the rights of the tables' owner: no role may note or change a stream itself.
 * Rows come before their stream: of two writers of the same rows, one waits for the other before it holds a stream.
 */
const createStreamsRoutine = `
CREATE OR REPLACE FUNCTION ${streamsRoutine}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO mcpvault_streams AS s (stream, first_at, last_at, last_day, last_sequence)
  SELECT r.stream, min(r.at), max(r.at), max(floor(r.at / 86400000.0)), max(r.sequence)
  FROM added r GROUP BY r.stream ORDER BY r.stream
  ON CONFLICT (stream) DO UPDATE SET first_at = least(s.first_at, excluded.first_at),
    last_at = greatest(s.last_at, excluded.last_at), last_day = greatest(s.last_day, excluded.last_day),
    last_sequence = greatest(s.last_sequence, excluded.last_sequence);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER mcpvault_audit_streams AFTER INSERT ON mcpvault_audit REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ${streamsRoutine}()`

/**
 * Whether the principal of the transaction holds a permission. It reads grants as their owner: a policy on grants that
 * reads grants itself recurses without end. Its body is bound to the table and not to a name, so that it follows a
 * rename of the schema, and no search path can lead it elsewhere.
 */
const createHoldsRoutine = `
CREATE OR REPLACE FUNCTION ${holdsRoutine}(secret bigint, permissions text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
RETURN EXISTS (
  SELECT 1 FROM mcpvault_grants g WHERE g.secret = ${holdsRoutine}.secret
    AND g.principal = current_setting('mcpvault.principal', true) AND g.permission = ANY (${holdsRoutine}.permissions)
)`

/** Those that keep a search path. A schema that is renamed leaves them with the old name. */
export const routines: readonly Routine[] = Object.freeze([
  { name: putRoutine, create: createPutRoutine },
  { name: replaceRoutine, create: createReplaceRoutine },
  { name: streamsRoutine, create: createStreamsRoutine },
])

/** Every routine, and the trigger that calls one of them. */
export const createRoutines = [...routines.map(({ create }) => create), createHoldsRoutine].join(';\n')

/** The search path of routines, in which no temporary table can take the place of one of the schema's. */
export function searchPathOf(schema: string): string {
  return `${identifier(schema)}, pg_temp`
}

/** Whether a routine keeps the path of this schema. A restored dump quotes only names that need it. */
export function isPathOf(schema: string, path: string | undefined): boolean {
  return path === searchPathOf(schema) || path === `${schema}, pg_temp`
}
