// Loads a record from the store, and trusts it only after its seal and its revision have been checked.
import { decideAccess } from '../../access/index.ts'
import type { DataKeyScope, Scope, SecretRef, StoredSecret, VersionSelection } from '../../contracts/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import type { DataKey, RowAhead } from '../../keys/index.ts'
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
  const { owner, server, name } = record.ref
  const isAsked = name === ref.name && owner === ref.owner && server === ref.server
  if (record.isDamaged === true || !isAsked) return untrusted(new VaultError('VAULT_OPEN_FAILED', { ref }))
  // A forged tier does no harm here: the seal covers it, and is checked next.
  const isFresh = call.runtime.config.tiers[record.tier]?.keyNotCached === true
  let dek: DataKey
  try {
    const request = { signal: call.signal, ahead, ...(isFresh ? { maxAgeMs: 0 } : {}) }
    dek = await call.runtime.keys.byId(record.dekId, valuesScope(ref), request)
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

/** The scope of the data keys of an owner and server. */
export function valuesScope({ owner, server }: Scope): DataKeyScope {
  return { kind: 'values', owner, server }
}
