// Remembers records whose seal was found to hold, so that the same record need not be proven again.
import { sameBytes } from '../bytes/index.ts'
import type { StoredSecret } from '../contracts/index.ts'
import { isVaultError } from '../errors/index.ts'
import type { Cursor } from './cursor.ts'
import { encodeRecord, putRecord, recordCapacity } from './record-encoding.ts'

/** Everything that the seal of a record covers, and the seal: a record of the same bytes has the same seal. */
export interface VerifiedRecord {
  readonly canonical: Buffer
  readonly mac: Buffer
}

export interface RecordInVault {
  /** 16 bytes. */
  readonly vaultId: Uint8Array
  readonly record: StoredSecret
}

/** What to remember of a record whose seal holds. Throws `VAULT_VALUE_INVALID` for a record without encoding. */
export function rememberRecord({ vaultId, record }: RecordInVault): VerifiedRecord {
  return { canonical: Buffer.from(encodeRecord(vaultId, record)), mac: Buffer.from(record.mac) }
}

/** Whether a record is byte for byte one that was remembered, seal included: a comparison in place of an HMAC. */
export function isVerifiedRecord(known: VerifiedRecord, { vaultId, record }: RecordInVault): boolean {
  if (!sameBytes(known.mac, record.mac) || recordCapacity(record) > scratch.length) return false
  const cursor: Cursor = { bytes: scratch, at: 0, refusal: 'VAULT_VALUE_INVALID' }
  try {
    putRecord(cursor, { vaultId, record })
  } catch (error) {
    // What has no encoding was never sealed.
    if (isVaultError(error, 'VAULT_VALUE_INVALID')) return false
    throw error
  }
  return cursor.at === known.canonical.length && known.canonical.compare(scratch, 0, cursor.at) === 0
}

// Canonical records hold names and settings, never a secret.
const scratch = Buffer.allocUnsafeSlow(8_192)
