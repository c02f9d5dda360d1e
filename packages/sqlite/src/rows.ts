// Rows to the contract's records, data keys, audit rows and streams, and back to values.
import type { AuditRow, AuditStreamInfo, StoredDataKey, StoredSecret } from '@mcpvault/core'
import {
  auditColumnsOf,
  auditColumnValues,
  decodeSecretRecord,
  decodeWraps,
  type RecordColumns,
} from '@mcpvault/core/adapter'
import type { SqliteValue } from './client.ts'
import type { AuditDbRow, DataKeyRow, RecordRow, StreamRow } from './statements.ts'

export function dataKeyOf(row: DataKeyRow): StoredDataKey {
  const [id, kind, owner, server, state, revision, createdAt, wraps] = row
  return {
    id,
    scope: { kind, owner, server },
    state,
    revision,
    createdAt: new Date(createdAt),
    wraps: decodeWraps(wraps),
  }
}

/** In the order of the statement's columns. */
export function auditValues({ stream, sequence, mac, redaction, body, columns }: AuditRow): SqliteValue[] {
  return [stream, sequence, mac, redaction ?? null, body, ...auditColumnValues(columns)]
}

export function auditRowOf(row: AuditDbRow): AuditRow {
  const [stream, sequence, mac, redaction, body, ...columns] = row
  const plain = { stream, sequence, mac, body, columns: auditColumnsOf(columns) }
  return redaction === null ? plain : { ...plain, redaction }
}

export function streamInfoOf(row: StreamRow): AuditStreamInfo {
  const [stream, firstAtMs, lastAtMs, lastSequence, lastMac, isClosed] = row
  return {
    stream,
    firstAt: new Date(firstAtMs),
    lastAt: new Date(lastAtMs),
    lastSequence,
    lastMac,
    isClosed: isClosed === 1,
  }
}

export function recordOf(
  [record, id, revision, createdAtMs, lastUsedAtMs, useCount]: RecordRow,
  { ref, envelopeOf }: Pick<RecordColumns, 'ref' | 'envelopeOf'>,
): StoredSecret {
  const columns = { ref, id, revision, createdAtMs, lastUsedAtMs, useCount }
  return decodeSecretRecord(record, envelopeOf === undefined ? columns : { ...columns, envelopeOf })
}
