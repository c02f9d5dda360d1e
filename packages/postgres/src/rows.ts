// Columns to the contract's records, data keys and audit rows, and back to values.
import type { AuditRow, StoredDataKey, StoredSecret } from '@mcpvault/core'
import {
  type AuditColumnValues,
  auditColumnsOf,
  decodeSecretRecord,
  decodeWraps,
  type RecordColumns,
} from '@mcpvault/core/adapter'
import { bytesArray } from './array-parameters.ts'

/** The driver gives 64-bit numbers as text. */
export type BigInteger = string

/** A record with what stands beside it. */
export type RecordRow = readonly [
  record: Buffer,
  id: string,
  revision: BigInteger,
  createdAt: BigInteger,
  lastUsedAt: BigInteger | null,
  useCount: BigInteger,
]
export type DataKeyRow = readonly [
  id: string,
  kind: StoredDataKey['scope']['kind'],
  owner: string,
  server: string,
  state: StoredDataKey['state'],
  revision: BigInteger,
  createdAt: BigInteger,
  wraps: Buffer,
]
export type AuditDbRow = readonly [
  stream: string,
  sequence: BigInteger,
  mac: Buffer,
  redaction: Buffer | null,
  body: Buffer,
  ...AuditColumnValues<BigInteger>,
]

export function recordOf(
  [record, id, revision, createdAt, lastUsedAt, useCount]: RecordRow,
  named: Pick<RecordColumns, 'ref' | 'envelopeOf'>,
): StoredSecret {
  return decodeSecretRecord(record, {
    ...named,
    id,
    revision: Number(revision),
    createdAtMs: Number(createdAt),
    lastUsedAtMs: lastUsedAt === null ? null : Number(lastUsedAt),
    useCount: Number(useCount),
  })
}

export function dataKeyOf(row: DataKeyRow): StoredDataKey {
  const [id, kind, owner, server, state, revision, createdAt, wraps] = row
  return {
    id,
    scope: { kind, owner, server },
    state,
    revision: Number(revision),
    createdAt: new Date(Number(createdAt)),
    wraps: decodeWraps(wraps),
  }
}

export function auditRowOf(row: AuditDbRow): AuditRow {
  const [stream, sequence, mac, redaction, body, ...columns] = row
  const plain = { stream, sequence: Number(sequence), mac, body, columns: auditColumnsOf(columns) }
  return redaction === null ? plain : { ...plain, redaction }
}

/** An audit row as an object by column name, but for its bytes. */
export function auditObject({ stream, sequence, columns }: AuditRow): object {
  const { at, action, outcome, principal, owner, server, name, secretId, correlationId } = columns
  return {
    stream,
    sequence,
    at: at.getTime(),
    action,
    outcome,
    principal,
    owner,
    server,
    name,
    secret_id: secretId,
    correlation_id: correlationId,
  }
}

/** The bytes of audit rows, as one array for each column. */
export function auditBytes(rows: readonly AuditRow[]): readonly [macs: Buffer, redactions: Buffer, bodies: Buffer] {
  return [
    bytesArray(rows.map(({ mac }) => mac)),
    bytesArray(rows.map(({ redaction }) => redaction)),
    bytesArray(rows.map(({ body }) => body)),
  ]
}

/** The parameters that bring audit rows. */
export function auditParameters(rows: readonly AuditRow[]): readonly unknown[] {
  return [JSON.stringify(rows.map(auditObject)), ...auditBytes(rows)]
}
