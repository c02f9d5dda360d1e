// Rows as Redis keeps them: the fields of a secret, the bytes of a data key, the bytes of an audit row.
import type { AuditColumns, AuditRow, DataKeyScope, SecretRef, StoredDataKey, StoredSecret } from '@mcpvault/core'
import { decodeBytesList, decodeSecretRecord, type EnvelopeOf, encodeBytesList } from '@mcpvault/core/adapter'
import { bytesOf } from './engine.ts'

/** The fields of a scope's hash with the record of a name and its counters of use. */
export function recordFields(name: string): readonly [record: string, counters: string] {
  return [`r${name}`, `u${name}`]
}

export interface RecordReply {
  readonly ref: SecretRef
  /** What came for each of `recordFields`. */
  readonly fields: readonly [record: unknown, counters: unknown]
  readonly envelopeOf?: EnvelopeOf
}

/** Undefined when there is no record. */
export function secretOf({ fields: [record, counters], ...columns }: RecordReply): StoredSecret | undefined {
  const bytes = bytesOf(record)
  if (bytes === undefined) return undefined
  const [uses = '0', last = ''] = bytesOf(counters)?.toString('latin1').split(' ') ?? []
  return decodeSecretRecord(bytes, {
    ...columns,
    useCount: Number(uses),
    lastUsedAtMs: last === '' ? null : Number(last),
  })
}

/** The counters of use as one field. */
export function countersOf({ useCount, lastUsedAt }: StoredSecret): string {
  return `${useCount} ${lastUsedAt?.getTime() ?? ''}`
}

/** All of a data key but its scope, which is in the name of its key. */
export function dataKeyBytes({ id, state, revision, createdAt, wraps }: StoredDataKey): Buffer {
  const text = Buffer.from(JSON.stringify({ id, state, revision, createdAt: createdAt.getTime() }), 'utf8')
  return Buffer.from(encodeBytesList([text, ...wraps]))
}

type DataKeyText = Pick<StoredDataKey, 'id' | 'state' | 'revision'> & { readonly createdAt: number }

/** Undefined when there is no data key. */
export function dataKeyOf(reply: unknown, { kind, owner, server }: DataKeyScope): StoredDataKey | undefined {
  const bytes = bytesOf(reply)
  if (bytes === undefined) return undefined
  const [text, ...wraps] = decodeBytesList(bytes)
  const row: DataKeyText = JSON.parse(Buffer.from(text ?? []).toString('utf8'))
  return { ...row, createdAt: new Date(row.createdAt), wraps, scope: { kind, owner, server } }
}

/** An audit row begins with its mac, by which a script recognises it. */
export function auditRowBytes({ mac, body, redaction, columns }: AuditRow): {
  readonly prefix: Buffer
  readonly rest: Buffer
} {
  const text = Buffer.from(JSON.stringify({ ...columns, at: columns.at.getTime() }), 'utf8')
  const parts = [text, body, ...(redaction === undefined ? [] : [redaction])]
  return { prefix: Buffer.concat([Buffer.from([mac.length]), mac]), rest: Buffer.from(encodeBytesList(parts)) }
}

/** The mac of an audit row. */
export function macOf(bytes: Buffer): Buffer {
  return bytes.subarray(1, 1 + (bytes[0] ?? 0))
}

export function auditRowOf(bytes: Buffer, { stream, sequence }: Pick<AuditRow, 'stream' | 'sequence'>): AuditRow {
  const mac = macOf(bytes)
  const [text, body, redaction] = decodeBytesList(bytes.subarray(1 + mac.length))
  if (text === undefined || body === undefined) throw new RangeError('The audit row ends too early.')
  const stored: Omit<AuditColumns, 'at'> & { readonly at: number } = JSON.parse(Buffer.from(text).toString('utf8'))
  const row = { stream, sequence, mac, body, columns: { ...stored, at: new Date(stored.at) } }
  return redaction === undefined ? row : { ...row, redaction }
}
