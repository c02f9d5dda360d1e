// The columns of an audit row as one list of plain values, for stores that keep each in a column of a table.
import type { AuditAction, AuditColumns, AuditOutcome } from '../contracts/index.ts'

/** The columns in this order; null for those that are absent. */
export type AuditColumnValues<At extends number | string = number> = readonly [
  /** Milliseconds since 1970; as text from drivers that give 64-bit numbers so. */
  at: At,
  action: AuditAction,
  outcome: AuditOutcome,
  principal: string,
  owner: string | null,
  server: string | null,
  name: string | null,
  secretId: string | null,
  correlationId: string | null,
]

/**
 * The columns of an audit row as values to bind.
 *
 * @example
 * const values = auditColumnValues(row.columns)
 * const same = auditColumnsOf(values)
 */
export function auditColumnValues(columns: AuditColumns): AuditColumnValues {
  const { at, action, outcome, principal, owner, server, name, secretId, correlationId } = columns
  return [
    at.getTime(),
    action,
    outcome,
    principal,
    owner ?? null,
    server ?? null,
    name ?? null,
    secretId ?? null,
    correlationId ?? null,
  ]
}

/**
 * The columns of the values that `auditColumnValues` made.
 *
 * @example
 * const columns = auditColumnsOf([row.at, row.action, row.outcome, row.principal, row.owner, null, null, null, null])
 */
export function auditColumnsOf(values: AuditColumnValues<number | string>): AuditColumns {
  const [at, action, outcome, principal, owner, server, name, secretId, correlationId] = values
  return {
    at: new Date(Number(at)),
    action,
    outcome,
    principal,
    ...(owner === null ? undefined : { owner }),
    ...(server === null ? undefined : { server }),
    ...(name === null ? undefined : { name }),
    ...(secretId === null ? undefined : { secretId }),
    ...(correlationId === null ? undefined : { correlationId }),
  }
}
