// Redaction: a pseudonym replaces a user's name in an event, with a proof that a holder of the keys did it.
import { createHmac, type KeyObject } from 'node:crypto'
import { decodeHex, sameBytes, utf8Bytes, wipe } from '../../bytes/index.ts'
import type { AuditRow } from '../../contracts/index.ts'
import { decodeRow, eventColumns } from './columns.ts'
import { encodeEvent } from './event.ts'
import { macBytes, purposeKey, streamIdBytes } from './mac.ts'

/** The keys of one vault's audit trail. */
export interface AuditKeys {
  /** The audit root key, 32 bytes. */
  readonly root: KeyObject
  /** 16 bytes. */
  readonly vaultId: Uint8Array
}

/**
 * The row with `user` replaced wherever it stands as principal, owner or grantee; undefined when it stands nowhere. An
 * event of the user's own also loses what its call said of where it came from, which could tell who it was: address, user
 * agent, correlation id and reason.
 * Give it only rows that have been verified: the proof vouches for the rest of the body too. `redactUser` does both.
 *
 * @throws VaultError `VAULT_STORE_FAILED` when the row holds no event.
 */
export function redactRow(
  options: AuditKeys & { readonly row: AuditRow; readonly user: string },
): AuditRow | undefined {
  const { root, vaultId, row, user } = options
  const record = decodeRow(row)
  const { principal, owner, grantee } = record.event
  if (principal !== user && owner !== user && grantee !== user) return undefined
  const pseudonym = pseudonymOf({ root, vaultId, user })
  const { sourceIp: _ip, userAgent: _agent, correlationId: _call, reason: _reason, ...anonymous } = record.event
  const event = {
    ...(principal === user ? { ...anonymous, principal: pseudonym } : record.event),
    ...(owner === user && { owner: pseudonym }),
    ...(grantee === user && { grantee: pseudonym }),
  }
  const redacted = { ...record, event }
  const { stream, sequence, mac } = row
  const link = { stream, sequence, mac, body: encodeEvent(redacted), columns: eventColumns(redacted) }
  return { ...link, redaction: prove({ root, vaultId, row: link }) }
}

/** The same name for the same user throughout one vault, and no way back without the root key. */
export function pseudonymOf({ root, vaultId, user }: AuditKeys & { readonly user: string }): string {
  const key = purposeKey({ root, vaultId, label: 'mcpvault/1/audit-pseudonym' })
  try {
    return `erased-${createHmac('sha256', key).update(user).digest('hex').slice(0, 16)}`
  } finally {
    wipe(key)
  }
}

/** Whether a row's redaction was made by a holder of the root key, for this very row. */
export function isRedactionProven(options: AuditKeys & { readonly row: AuditRow }): boolean {
  const { row } = options
  return row.redaction !== undefined && row.mac.length === macBytes && sameBytes(row.redaction, prove(options))
}

function prove({ root, vaultId, row }: AuditKeys & { readonly row: AuditRow }): Buffer {
  const place = Buffer.alloc(8)
  place.writeBigUInt64BE(BigInt(row.sequence))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(row.body.length)
  const key = purposeKey({ root, vaultId, label: 'mcpvault/1/audit-erasure' })
  try {
    return createHmac('sha256', key)
      .update(utf8Bytes('mcpvault/1/audit-redaction\0'))
      .update(vaultId)
      .update(decodeHex(row.stream) ?? new Uint8Array(streamIdBytes))
      .update(place)
      .update(row.mac)
      .update(length)
      .update(row.body)
      .digest()
  } finally {
    wipe(key)
  }
}
