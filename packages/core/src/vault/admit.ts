// Lets a principal through to a secret, or not: what it may not know of looks absent, and the trail knows better.
import { type AccessDecision, decideAccess, hookAllows, type SecretOperation } from '../access/index.ts'
import type { SecretFacts, SecretRef, StoredGrant, StoredSecret, VersionSelection } from '../contracts/index.ts'
import { type Call, denied } from './call.ts'
import { type LoadedRecord, loadRecord, type TrustedRecord } from './load.ts'

/** What is asked about one secret. */
export interface Admission {
  readonly ref: SecretRef
  readonly operation: SecretOperation
  readonly versions: VersionSelection
  /** Whether a deleted secret counts as there. Default `no`. */
  readonly deleted?: 'no' | 'yes'
  /** Told of the decision before it takes effect. */
  readonly onDecision?: (decision: AccessDecision) => void
}

/**
 * Loads a secret and decides. Undefined when there is none, or none that the principal may know of. Throws
 * `VAULT_ACCESS_DENIED` for a known secret, and what stands in the way of an untrusted one.
 */
export async function admit(call: Call, admission: Admission): Promise<TrustedRecord | undefined> {
  return admitLoaded(call, admission, await loadRecord(call, admission.ref, admission.versions))
}

/** The same for a record that is loaded already. */
export async function admitLoaded(
  call: Call,
  admission: Omit<Admission, 'versions'>,
  loaded: LoadedRecord | undefined,
): Promise<TrustedRecord | undefined> {
  const { operation, deleted = 'no' } = admission
  if (loaded === undefined) return absent(call)
  if (!loaded.trusted) {
    if (loaded.known) throw loaded.error
    call.outcome = 'failed'
    return undefined
  }
  const { record } = loaded
  call.facts.secretId = record.id
  call.facts.keyId = loaded.dek.keyId
  const decision = await decideFor(call, { operation, secret: factsOf(record), grants: record.grants })
  admission.onDecision?.(decision)
  if (!decision.visible) {
    call.outcome = 'denied'
    return undefined
  }
  if (!decision.allowed) throw denied(call)
  if (record.state === 'deleted' && deleted === 'no') return absent(call)
  return loaded
}

function absent(call: Call): undefined {
  call.outcome = 'missing'
  return undefined
}

/** One question of access, put to the rules and then to the hook. */
export async function decideFor(
  call: Call,
  question: {
    readonly operation: SecretOperation
    readonly secret: SecretFacts
    readonly grants: readonly StoredGrant[]
  },
): Promise<AccessDecision> {
  const { principal, context, runtime, signal } = call
  const { rules, authorize, clock, limits } = runtime.config
  const { operation, secret, grants } = question
  const decision = decideAccess({ principal, context, operation, secret, grants, rules })
  if (!decision.allowed || authorize === undefined) return decision
  const request = Object.freeze({ principal, context, operation, secret: Object.freeze(secret) })
  const allowed = await hookAllows(request, { hook: authorize, clock, limitMs: limits.authorizeMs, signal })
  return { ...decision, allowed }
}

/** What the rules look at, of a stored secret. */
export function factsOf({ ref, type, tier, tags }: StoredSecret): SecretFacts {
  return { owner: ref.owner, server: ref.server, name: ref.name, type, tier, tags }
}
