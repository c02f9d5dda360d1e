// The record seal: proof that a stored record was written by a holder of its data key.
import { type KeyObject, timingSafeEqual } from 'node:crypto'
import { copyBytes } from '../bytes/index.ts'
import type { StoredSecret } from '../contracts/index.ts'
import { isVaultError } from '../errors/index.ts'
import { kdf, labels } from './kdf.ts'
import { encodeRecord } from './record-encoding.ts'

/** A record and the key of its seal. */
export interface RecordSealRequest {
  /** The key that `record.dekId` names. */
  readonly dek: KeyObject
  /** 16 bytes. */
  readonly vaultId: Uint8Array
  readonly record: StoredSecret
}

/** The canonical bytes of a record, the key of its seal, and the seal that it has. */
export interface SealCheck extends Pick<RecordSealRequest, 'dek'> {
  readonly encoded: Buffer
  readonly mac: Uint8Array
}

/** The 32-byte seal of a record, whatever its `mac` says now. Throws `VAULT_VALUE_INVALID` for a record without encoding. */
export function sealRecord({ dek, vaultId, record }: RecordSealRequest): Buffer {
  return sealEncoded(dek, encodeRecord(vaultId, record))
}

/** The same for the canonical bytes of a record. */
export function sealEncoded(dek: KeyObject, encoded: Uint8Array): Buffer {
  return copyBytes(sealOf(dek, encoded))
}

/** Whether `mac` is the seal of a record with these canonical bytes. Nothing else in a record may be believed before. */
export function recordSealHolds({ dek, encoded, mac }: SealCheck): boolean {
  return mac.length === 32 && timingSafeEqual(sealOf(dek, encoded), mac)
}

/** The canonical bytes of a record; undefined when it has none, and so was never sealed. */
export function recordEncoding(vaultId: Uint8Array, record: StoredSecret): Buffer | undefined {
  try {
    return encodeRecord(vaultId, record)
  } catch (error) {
    if (isVaultError(error, 'VAULT_VALUE_INVALID')) return undefined
    throw error
  }
}

function sealOf(dek: KeyObject, encoded: Uint8Array): Buffer {
  return kdf(dek, labels.record, encoded).subarray(0, 32)
}
