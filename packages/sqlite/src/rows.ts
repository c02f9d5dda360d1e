// Rows to the contract's data keys and audit rows, and back to values.
import type { AuditRow, StoredDataKey } from '@mcpvault/core'
import { auditColumnsOf, auditColumnValues, decodeBytesList } from '@mcpvault/core/adapter'
import type { SqliteValue } from './client.ts'
import type { AuditDbRow, DataKeyRow } from './statements.ts'

export function dataKeyOf(row: DataKeyRow): StoredDataKey {
  const [id, kind, owner, server, state, keyIds, revision, createdAt, wraps] = row
  return {
    id,
    scope: { kind, owner, server },
    state,
    keyIds: JSON.parse(keyIds),
    revision,
    createdAt: new Date(createdAt),
    wraps: decodeBytesList(wraps),
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
