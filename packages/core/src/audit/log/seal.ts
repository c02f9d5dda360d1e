// The seal of one event: with it a page of the log shows which events are genuine, without reading their streams.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { sameBytes, utf8Bytes, wipe } from '../../bytes/index.ts'
import type { AuditRow } from '../../contracts/index.ts'
import { columnsMatch, readRow } from './columns.ts'
import type { AuditRecord } from './event.ts'
import { purposeKey } from './mac.ts'
import { type AuditKeys, isRedactionProven } from './redact.ts'

/** The key of all seals of a vault. Unlike the keys of a chain it never moves on, so that any row can be checked alone. */
export function sealKey(keys: AuditKeys): KeyObject {
  const key = purposeKey({ ...keys, label: 'mcpvault/1/audit-seal' })
  try {
    return createSecretKey(key)
  } finally {
    wipe(key)
  }
}

/**
 * The body of an event with its seal as the last field: the first 22 characters of `HMAC-SHA256(key, body)` in
 * base64url, which are 132 bits. The body names its stream and sequence, so that its seal holds in no other place.
 */
export function sealedBody(key: KeyObject, text: string): Buffer {
  return utf8Bytes(`${text.slice(0, -1)}${opening}${sealOf(key, text)}${closing}`)
}

/** A row that a page shows but that no check accepts. What is said of it is what the store says. */
export interface UntrustedEvent {
  readonly state: 'untrusted'
  readonly at: Date
  readonly stream: string
  readonly sequence: number
}

/**
 * Checks rows one by one: what a holder of the keys wrote for this place, or redacted there. Rows that are missing, and
 * the order of the others, are for `verifyAudit`. `seal` is the key of `sealKey`, which is derived where it is absent.
 */
export function checkRows(
  keys: AuditKeys & { readonly seal?: KeyObject },
  rows: readonly AuditRow[],
): readonly (AuditRecord | UntrustedEvent)[] {
  const key = keys.seal ?? sealKey(keys)
  return rows.map((row, index) => {
    const { stream, sequence, columns } = row
    const before = rows[index - 1]
    // Of two rows in one place, which come together, somebody copied one.
    const isCopy = before?.stream === stream && before.sequence === sequence
    const record = isCopy || !isProven(row, { keys, key }) ? undefined : readRow(row)
    const isGenuine = record !== undefined && columnsMatch(record, columns)
    return isGenuine ? record : { state: 'untrusted', at: columns.at, stream, sequence }
  })
}

const opening = ',"seal":"'
const closing = '"}'
const sealLength = 22
const addedLength = opening.length + sealLength + closing.length

function sealOf(key: KeyObject, text: string | Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, sealLength)
}

function isProven(row: AuditRow, { keys, key }: { readonly keys: AuditKeys; readonly key: KeyObject }): boolean {
  return row.redaction === undefined ? isSealed(key, row.body) : isRedactionProven({ ...keys, row })
}

function isSealed(key: KeyObject, body: Uint8Array): boolean {
  const text = Buffer.concat([body.subarray(0, -addedLength), utf8Bytes('}')])
  const expected = `${opening}${sealOf(key, text)}${closing}`
  return sameBytes(body.subarray(-addedLength), utf8Bytes(expected))
}
