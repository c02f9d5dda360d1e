// Lets a principal through to a secret, or not: what it may not know of looks absent, and the trail knows better.
import { type AccessDecision, decideAccess, hookAllows, type SecretOperation } from '../../access/index.ts'
import type {
  Awaitable,
  SecretFacts,
  SecretRef,
  StoredGrant,
  StoredSecret,
  VersionSelection,
} from '../../contracts/index.ts'
import { whenReady } from '../../time/index.ts'
import { type Call, denied } from '../call.ts'
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
export function admit(call: Call, admission: Admission): Awaitable<TrustedRecord | undefined> {
  const loaded = loadRecord(call, admission.ref, admission.versions)
  return whenReady(loaded, (found) => admitLoaded(call, admission, found))
}

/** The same for a record that is loaded already. */
export function admitLoaded(
  call: Call,
  admission: Omit<Admission, 'versions'>,
  loaded: LoadedRecord | undefined,
): Awaitable<TrustedRecord | undefined> {
  const { operation, deleted = 'no', onDecision } = admission
  if (loaded === undefined) return absent(call)
  if (!loaded.trusted) {
    if (loaded.known) throw loaded.error
    call.outcome = 'failed'
    return undefined
  }
  const { record, dek } = loaded
  call.facts.secretId = record.id
  call.facts.keyId = dek.keyId
  const decided = decideFor(call, { operation, secret: factsOf(record), grants: record.grants })
  return whenReady(decided, (decision) => {
    onDecision?.(decision)
    if (!decision.visible) {
      call.outcome = 'denied'
      return undefined
    }
    if (!decision.allowed) throw denied(call)
    return record.state === 'deleted' && deleted === 'no' ? absent(call) : loaded
  })
}

function absent(call: Call): undefined {
  call.outcome = 'missing'
  return undefined
}

/** One question of access, put to the rules and then to the hook. */
export function decideFor(
  call: Call,
  question: {
    readonly operation: SecretOperation
    readonly secret: SecretFacts
    readonly grants: readonly StoredGrant[]
  },
): Awaitable<AccessDecision> {
  const { principal, context, runtime, signal } = call
  const { rules, authorize, clock, limits } = runtime.config
  const { operation, secret, grants } = question
  const decision = decideAccess({ principal, context, operation, secret, grants, rules })
  if (!decision.allowed || authorize === undefined) return decision
  // A copy, frozen to its leaves: a hook is told of the secret, and changes nothing of it.
  const facts = Object.freeze({ ...secret, tags: Object.freeze([...secret.tags]) })
  const request = Object.freeze({ principal, context, operation, secret: facts })
  const allows = hookAllows(request, { hook: authorize, clock, limitMs: limits.authorizeMs, signal })
  return allows.then((allowed) => ({ ...decision, allowed }))
}

/** What the rules look at, of a stored secret. */
export function factsOf({ ref, type, tier, tags }: Pick<StoredSecret, 'ref' | 'type' | 'tier' | 'tags'>): SecretFacts {
  return { owner: ref.owner, server: ref.server, name: ref.name, type, tier, tags }
}
