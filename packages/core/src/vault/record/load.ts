// Loads a record from the store, and trusts it only after its seal and its revision have been checked.
import { decideAccess } from '../../access/index.ts'
import type { DataKeyScope, Scope, SecretRef, StoredSecret, VersionSelection } from '../../contracts/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import type { DataKey, DataKeyRequest, RowAhead } from '../../keys/index.ts'
import type { Call } from '../operation.ts'

/** A record that can be trusted, and the data key of its seal. */
export interface TrustedRecord {
  readonly kind: 'trusted'
  readonly record: StoredSecret
  readonly dek: DataKey
}

/** A record that cannot be trusted. Nothing of it is used but that it is there. */
export interface UntrustedRecord {
  readonly kind: 'untrusted'
  /** The reason: an altered record, an older one, or a key that is not available. */
  readonly error: unknown
  /**
   * Whether the principal is the owner, or could see the secret if the record is right. Then it gets the error; for
   * all others the secret looks absent.
   */
  readonly known: boolean
  readonly ref: SecretRef
  readonly id: string
  readonly revision: number
}

export type LoadedRecord = TrustedRecord | UntrustedRecord

/** Finds and checks one record; undefined when there is none. */
export async function loadRecord(
  call: Call,
  ref: SecretRef,
  versions: VersionSelection,
): Promise<LoadedRecord | undefined> {
  const { seen, store, keys } = call.runtime
  const since = seen.now()
  const found = store.secrets.find(ref, versions, call.serving)
  // Nearly every record is sealed under the active key of its scope, so the row of that key is read concurrently.
  const reading = keys.readAhead(valuesScope(ref))
  const record = await found
  const ahead = await reading
  return record === undefined ? undefined : checkRecord(call, record, { ref, since, ahead })
}

/** The ref that a record was asked for by, and the moment that the read began. */
export interface Asked {
  readonly ref: SecretRef
  readonly since: number
  /** The row of the scope's active data key, when it was read with the record. */
  readonly ahead?: RowAhead | undefined
}

/** Checks a record that the store gave for `ref`. */
export async function checkRecord(call: Call, record: StoredSecret, asked: Asked): Promise<LoadedRecord> {
  const { ref, since, ahead } = asked
  const untrusted = (error: unknown): UntrustedRecord => {
    // What a damaged record said of others is lost, so its owner alone knows of it.
    const known = record.isDamaged === true ? call.principal.id === ref.owner : wouldKnow(call, record, ref)
    return { kind: 'untrusted', error, known, ref, id: record.id, revision: record.revision }
  }
  // The names are the caller's, never the row's, so that a row moved to another owner, server or name is not trusted.
  if (record.isDamaged === true || !sameRef(record.ref, ref))
    return untrusted(new VaultError('VAULT_OPEN_FAILED', { ref }))
  let dek: DataKey
  try {
    dek = await call.runtime.keys.byId(record.dekId, valuesScope(ref), keyRequest(call, record, ahead))
  } catch (error) {
    return untrusted(error)
  }
  const sight = call.runtime.seen.check(record, { dek: dek.key, since })
  if (sight === 'holds') return { kind: 'trusted', record, dek }
  return untrusted(new VaultError(sight === 'older' ? 'VAULT_ROLLBACK_SUSPECTED' : 'VAULT_OPEN_FAILED', { ref }))
}

function wouldKnow({ principal, context, runtime }: Call, record: StoredSecret, ref: SecretRef): boolean {
  const { type, tier, tags, grants } = record
  const { rules } = runtime.config
  return decideAccess({
    principal,
    context,
    operation: 'describe',
    secret: { ...ref, type, tier, tags },
    grants,
    rules,
  }).visible
}

/** Whether a record failed because it was altered or rolled back, not because its key is unavailable for now. */
export function isTampered(error: unknown): boolean {
  return tamperCodes.some((code) => isVaultError(error, code))
}

const tamperCodes = [
  'VAULT_OPEN_FAILED',
  'VAULT_ROLLBACK_SUSPECTED',
  'VAULT_KEY_UNKNOWN',
  'VAULT_KEY_MISMATCH',
  'VAULT_ENVELOPE_INVALID',
  'VAULT_ENVELOPE_UNSUPPORTED',
] as const

function keyRequest({ runtime, signal }: Call, { tier }: StoredSecret, ahead: RowAhead | undefined): DataKeyRequest {
  // A forged tier does no harm here: the seal covers it, and is checked next.
  const fresh = runtime.config.tiers[tier]?.keyNotCached === true
  return fresh ? { signal, ahead, maxAgeMs: 0 } : { signal, ahead }
}

function sameRef(a: SecretRef, b: SecretRef): boolean {
  return a.name === b.name && a.owner === b.owner && a.server === b.server
}

/** The scope of the data keys of an owner and server. */
export function valuesScope({ owner, server }: Scope): DataKeyScope {
  return { kind: 'values', owner, server }
}
