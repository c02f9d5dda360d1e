// The SQL that several statements share: rows given as JSON, and appending audit rows.

interface Recordset {
  /** A parameter with an array of objects, which have the columns by name. */
  readonly json: string
  /** The columns with their types. */
  readonly columns: string
  /** Parameters with an array of bytes each, an element for each object, by the name of their column. */
  readonly bytes?: Readonly<Record<string, string>>
}

/** The rows of an array of objects, as an item of a FROM clause that is named `r`. */
export function recordset({ json, columns, bytes = {} }: Recordset): string {
  const names = [...columns.matchAll(/(\w+) [^,]+/g)].map(([, name]) => name)
  const functions = [
    `jsonb_to_recordset(${json}) AS (${columns})`,
    ...Object.values(bytes).map((array) => `unnest(${array}::bytea[])`),
  ]
  return `ROWS FROM (${functions.join(', ')}) AS r(${[...names, ...Object.keys(bytes)].join(', ')})`
}

/** The columns of an audit row but those of bytes. */
export const auditObjectColumns = `stream text, sequence bigint, at bigint, action text, outcome text, principal text,
  owner text, server text, name text, secret_id text, correlation_id text`

/** A part of a WITH clause, which appends the audit rows of the part `recorded`. A trigger notes their streams. */
export const appendRecorded = `
  appended AS (
    INSERT INTO mcpvault_audit (stream, sequence, at, action, outcome, principal, owner, server, name, secret_id,
      correlation_id, mac, redaction, body)
    SELECT r.stream, r.sequence, r.at, r.action, r.outcome, r.principal, r.owner, r.server, r.name, r.secret_id,
      r.correlation_id, r.mac, r.redaction, r.body
    FROM recorded r
  )`
