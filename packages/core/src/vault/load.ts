// Brings a record in from the store, and believes it only after its seal and its age have been checked.
import type { KeyScope, Scope, SecretRef, StoredSecret, VersionSelection } from '../contracts/index.ts'
import { recordSealHolds } from '../envelope/index.ts'
import { isVaultError, type VaultErrorCode } from '../errors/index.ts'
import type { DataKey, DataKeyRequest } from '../keys/index.ts'
import { type Call, signalOf } from './call.ts'
import type { Runtime } from './runtime.ts'

/** A record that may be believed, and the data key of its seal. */
export interface TrustedRecord {
  readonly trusted: true
  readonly record: StoredSecret
  readonly dek: DataKey
}

/** A record that may not: nothing of it counts but that it is there. */
export interface UntrustedRecord {
  readonly trusted: false
  readonly code: VaultErrorCode
  readonly ref: SecretRef
  readonly revision: number
}

export type LoadedRecord = TrustedRecord | UntrustedRecord

/** Finds and checks one record; undefined when there is none. */
export async function loadRecord(
  call: Call,
  ref: SecretRef,
  versions: VersionSelection,
): Promise<LoadedRecord | undefined> {
  const record = await call.runtime.store.secrets.find(ref, versions, signalOf(call))
  return record === undefined ? undefined : checkRecord(call, record, ref)
}

/**
 * Checks a record that the store gave for `ref`. Throws what the key provider throws: without the key, nothing can
 * be said of the record.
 */
export async function checkRecord(call: Call, record: StoredSecret, ref: SecretRef): Promise<LoadedRecord> {
  const { runtime } = call
  const untrusted = (code: VaultErrorCode): UntrustedRecord => ({
    trusted: false,
    code,
    ref,
    revision: record.revision,
  })
  // The names are the caller's, never the row's: a row moved to another place does not get a seal that holds.
  if (!sameRef(record.ref, ref)) return untrusted('VAULT_OPEN_FAILED')
  const dek = await runtime.keys.byId(record.dekId, valuesScope(ref), keyRequest(call, record))
  if (!sealHolds(runtime, record, dek)) return untrusted('VAULT_OPEN_FAILED')
  if (!runtime.marks.advance(record)) return untrusted('VAULT_ROLLBACK_SUSPECTED')
  return { trusted: true, record, dek }
}

function sealHolds({ vaultId }: Runtime, record: StoredSecret, dek: DataKey): boolean {
  try {
    return recordSealHolds({ dek: dek.key, vaultId, record })
  } catch (error) {
    // A forged record may hold what the encoding cannot express, which is one more way not to hold.
    if (isVaultError(error) || error instanceof RangeError || error instanceof TypeError) return false
    throw error
  }
}

function keyRequest(call: Call, { tier }: StoredSecret): DataKeyRequest {
  // A forged tier does not matter here: the seal covers it, and is checked with the key that comes back.
  const fresh = call.runtime.config.tiers[tier]?.keyNotCached === true
  return fresh ? { ...signalOf(call), maxAgeMs: 0 } : signalOf(call)
}

function sameRef(a: SecretRef, b: SecretRef): boolean {
  return a.name === b.name && a.owner === b.owner && a.server === b.server
}

/** The scope of the data keys of an owner and server. */
export function valuesScope({ owner, server }: Scope): Omit<KeyScope, 'vaultId'> {
  return { kind: 'values', owner, server }
}
