// The columns of a row, which are projections of its body, and the way back from a row to its event.
import { utf8Text } from '../../bytes/index.ts'
import type { AuditColumns, AuditRow } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type AuditRecord, readEvent, type StampedEvent } from './event.ts'

/** The columns that a store keeps beside the body of this event. */
export function eventColumns({ event, at }: StampedEvent): AuditColumns {
  const { action, outcome, principal } = event
  const columns: { -readonly [K in keyof AuditColumns]: AuditColumns[K] } = { at, action, outcome, principal }
  for (const field of optionalColumns) {
    const value = event[field]
    if (value !== undefined) columns[field] = value
  }
  return columns
}

/**
 * The event of a stored row. This reads; only `verifyAudit` tells whether the row is genuine.
 *
 * @throws VaultError `VAULT_STORE_FAILED` when the body is no event, or the event of another row.
 */
export function decodeRow(row: AuditRow): AuditRecord {
  const record = readRow(row)
  if (record !== undefined) return record
  throw new VaultError('VAULT_STORE_FAILED', { detail: 'A row of the audit trail holds no event.', retryable: false })
}

/** The event of a row, or undefined when the body is no event, or the event of another row. */
export function readRow({ body, stream, sequence }: AuditRow): AuditRecord | undefined {
  const text = utf8Text(body)
  const record = text === undefined ? undefined : readEvent(text)
  return record?.stream === stream && record.sequence === sequence ? record : undefined
}

/** Whether a row's columns are what its event says. */
export function columnsMatch({ event, at }: StampedEvent, columns: AuditColumns): boolean {
  return (
    at.getTime() === columns.at.getTime() &&
    event.action === columns.action &&
    event.outcome === columns.outcome &&
    event.principal === columns.principal &&
    optionalColumns.every((field) => event[field] === columns[field])
  )
}

const optionalColumns = ['owner', 'server', 'name', 'secretId', 'correlationId'] as const
