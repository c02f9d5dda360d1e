// Rows to the contract's data keys and audit rows, and back to values.
import type { AuditColumns, AuditRow, StoredDataKey } from '@mcpvault/core'
import type { SqliteValue } from './client.ts'
import { fieldsCursor, fieldsWriter, readBytes, readU8 } from './fields.ts'
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
    wraps: decodeWraps(wraps),
  }
}

export function encodeWraps(wraps: readonly Uint8Array[]): Uint8Array {
  const to = fieldsWriter()
  to.u8(wraps.length)
  for (const wrap of wraps) to.bytes(wrap)
  return to.finish()
}

function decodeWraps(bytes: Uint8Array): Uint8Array[] {
  const from = fieldsCursor(bytes)
  return Array.from({ length: readU8(from) }, () => readBytes(from))
}

/** In the order of the statement's columns. */
export function auditValues({ stream, sequence, mac, body, columns, redaction }: AuditRow): SqliteValue[] {
  return [stream, sequence, ...columnValues(columns), mac, redaction ?? null, body]
}

export function columnValues(columns: AuditColumns): SqliteValue[] {
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

export function auditRowOf(row: AuditDbRow): AuditRow {
  const [stream, sequence, at, action, outcome, principal, owner, server, name, secretId, correlationId, ...rest] = row
  const [mac, redaction, body] = rest
  const columns: AuditColumns = {
    at: new Date(at),
    action,
    outcome,
    principal,
    ...(owner === null ? undefined : { owner }),
    ...(server === null ? undefined : { server }),
    ...(name === null ? undefined : { name }),
    ...(secretId === null ? undefined : { secretId }),
    ...(correlationId === null ? undefined : { correlationId }),
  }
  const plain = { stream, sequence, mac, body, columns }
  return redaction === null ? plain : { ...plain, redaction }
}
