// Columns to the contract's records, data keys and audit rows, and back to values.
import type { AuditRow, SecretRef, StoredDataKey, StoredSecret } from '@mcpvault/core'
import { type AuditColumnValues, auditColumnsOf, decodeBytesList, decodeSecretRecord } from '@mcpvault/core/adapter'
import { bigintArray, bytesArray, textArray } from './arrays.ts'

/** The driver gives 64-bit numbers as text. */
export type BigInteger = string

export type RecordRow = readonly [record: Buffer, lastUsedAt: BigInteger | null, useCount: BigInteger]
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

export interface Around {
  readonly ref: SecretRef
  readonly envelopeOf?: (version: number, currentVersion: number) => Uint8Array | undefined
}

export function recordOf([record, lastUsedAt, useCount]: RecordRow, around: Around): StoredSecret {
  return decodeSecretRecord(record, {
    ...around,
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
    wraps: decodeBytesList(wraps),
  }
}

export function auditRowOf(row: AuditDbRow): AuditRow {
  const [stream, sequence, mac, redaction, body, ...columns] = row
  const plain = { stream, sequence: Number(sequence), mac, body, columns: auditColumnsOf(columns) }
  return redaction === null ? plain : { ...plain, redaction }
}

/** The rows as one array for each column, in the order of the routines. */
export function auditArrays(rows: readonly AuditRow[]): readonly unknown[] {
  const columns = rows.map((row) => row.columns)
  return [
    textArray(rows.map(({ stream }) => stream)),
    bigintArray(rows.map(({ sequence }) => sequence)),
    bigintArray(columns.map(({ at }) => at.getTime())),
    textArray(columns.map(({ action }) => action)),
    textArray(columns.map(({ outcome }) => outcome)),
    textArray(columns.map(({ principal }) => principal)),
    textArray(columns.map(({ owner }) => owner)),
    textArray(columns.map(({ server }) => server)),
    textArray(columns.map(({ name }) => name)),
    textArray(columns.map(({ secretId }) => secretId)),
    textArray(columns.map(({ correlationId }) => correlationId)),
    bytesArray(rows.map(({ mac }) => mac)),
    bytesArray(rows.map(({ redaction }) => redaction)),
    bytesArray(rows.map(({ body }) => body)),
  ]
}
