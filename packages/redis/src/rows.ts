// Rows as Redis keeps them: the fields of a secret, the bytes of a data key, the bytes of an audit row.
import type {
  AuditColumns,
  AuditPlace,
  AuditRow,
  DataKeyScope,
  SecretRef,
  StoredDataKey,
  StoredSecret,
} from '@mcpvault/core'
import {
  decodeBytesList,
  decodeSecretRecord,
  decodeWraps,
  type EnvelopeOf,
  encodeBytesList,
} from '@mcpvault/core/adapter'
import { bytesOf, textOf } from './engine.ts'
import { dateOf, memberOf, partsOf, sortableTime } from './keys.ts'

/** The fields of a scope's hash with the record of a name, its revision, its member of lists, and its counters of use. */
export function recordFields(name: string): readonly [record: string, revision: string, member: string, uses: string] {
  return [`r${name}`, `v${name}`, `m${name}`, `u${name}`]
}

export interface RecordReply {
  readonly ref: SecretRef
  /** What came for each of `recordFields`. */
  readonly fields: readonly unknown[]
  readonly envelopeOf?: EnvelopeOf
}

/** Undefined when there is no record. */
export function secretOf({
  fields: [record, revision, member, uses],
  ...named
}: RecordReply): StoredSecret | undefined {
  // By its revision a record is compared when it is written, so there is one as long as there is a revision.
  const at = textOf(revision)
  if (at === undefined && bytesOf(record) === undefined) return undefined
  const { createdAt, id } = placeOf(bytesOf(member) ?? Buffer.alloc(0))
  const [useCount = '0', last = ''] = textOf(uses)?.split(' ') ?? []
  return decodeSecretRecord(bytesOf(record), {
    ...named,
    id,
    revision: at !== undefined && /^\d+$/.test(at) ? Number(at) : Number.NaN,
    createdAtMs: createdAt.getTime(),
    useCount: Number(useCount),
    lastUsedAtMs: last === '' ? null : Number(last),
  })
}

/** What a member of a list says of its secret. */
export interface Place {
  readonly createdAt: Date
  readonly id: string
  readonly ref: SecretRef
}

export function memberOfSecret({ createdAt, id, ref }: StoredSecret): string {
  return memberOf(sortableTime(createdAt), id, ref.owner, ref.server, ref.name)
}

export function placeOf(member: Buffer): Place {
  const [time = '', id = '', owner = '', server = '', name = ''] = partsOf(member)
  return { createdAt: dateOf(time), id, ref: { owner, server, name } }
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

/** Undefined when there is no data key. One that somebody has altered has no wraps, and so opens nothing. */
export function dataKeyOf(reply: unknown, { kind, owner, server }: DataKeyScope): StoredDataKey | undefined {
  const bytes = bytesOf(reply)
  if (bytes === undefined) return undefined
  const [text, ...wraps] = decodeWraps(bytes)
  const row = text && dataKeyText(Buffer.from(text).toString('utf8'))
  const whole = row === undefined ? { ...damagedDataKey, wraps: [] } : { ...row, wraps }
  return { ...whole, createdAt: new Date(whole.createdAt), scope: { kind, owner, server } }
}

const damagedDataKey: DataKeyText = Object.freeze({ id: '', state: 'retired', revision: 0, createdAt: 0 })

function dataKeyText(text: string): DataKeyText | undefined {
  try {
    const { id, state, revision, createdAt } = JSON.parse(text)
    const isRow = typeof id === 'string' && [revision, createdAt].every(Number.isSafeInteger)
    return isRow && (state === 'active' || state === 'retired') ? { id, state, revision, createdAt } : undefined
  } catch {
    return undefined
  }
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

/** The row in this place. Bytes that hold none give one that no check accepts, since somebody else wrote them. */
export function auditRowOf(bytes: Buffer, place: AuditPlace): AuditRow {
  try {
    return decodeAuditRow(bytes, place)
  } catch {
    const none = new Uint8Array()
    const columns = { at: new Date(Number.NaN), action: 'audit.dropped', outcome: 'failed', principal: '' } as const
    return { ...place, mac: none, body: none, columns }
  }
}

function decodeAuditRow(bytes: Buffer, { stream, sequence }: AuditPlace): AuditRow {
  const mac = macOf(bytes)
  const [text, body, redaction] = decodeBytesList(bytes.subarray(1 + mac.length))
  if (text === undefined || body === undefined) throw new RangeError('The audit row ends too early.')
  const stored: Omit<AuditColumns, 'at'> & { readonly at: number } = JSON.parse(Buffer.from(text).toString('utf8'))
  const row = { stream, sequence, mac, body, columns: { ...stored, at: new Date(stored.at) } }
  return redaction === undefined ? row : { ...row, redaction }
}
