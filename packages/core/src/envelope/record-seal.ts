// The record seal: proof that a stored record was written by a holder of its data key.
import { type KeyObject, timingSafeEqual } from 'node:crypto'
import { copyBytes } from '../bytes/index.ts'
import type { StoredSecret } from '../contracts/index.ts'
import { isVaultError } from '../errors/index.ts'
import { beginKdfMessage, finishKdf, kdfContextStart, labels } from './kdf.ts'
import { putRecord, recordCapacity } from './record-encoding.ts'

/** A record and the key of its seal. */
export interface RecordSealRequest {
  /** The key that `record.dekId` names. */
  readonly dek: KeyObject
  /** 16 bytes. */
  readonly vaultId: Uint8Array
  readonly record: StoredSecret
}

/** The 32-byte seal of a record, whatever its `mac` says now. Throws `VAULT_VALUE_INVALID` for a record without encoding. */
export function sealRecord(request: RecordSealRequest): Buffer {
  return copyBytes(computeSeal(request))
}

/** Whether `record.mac` is the seal of the record. Nothing else in a record may be believed before. */
export function recordSealHolds(request: RecordSealRequest): boolean {
  const { mac } = request.record
  try {
    return mac.length === 32 && timingSafeEqual(computeSeal(request), mac)
  } catch (error) {
    // What has no encoding was never sealed.
    if (isVaultError(error, 'VAULT_VALUE_INVALID')) return false
    throw error
  }
}

function computeSeal({ dek, vaultId, record }: RecordSealRequest): Buffer {
  const message = beginKdfMessage(labels.record, recordCapacity(record))
  const cursor = { bytes: message, at: kdfContextStart(labels.record), refusal: 'VAULT_VALUE_INVALID' } as const
  putRecord(cursor, { vaultId, record })
  return finishKdf(dek, { message, contextEnd: cursor.at }).subarray(0, 32)
}
