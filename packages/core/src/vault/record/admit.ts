// Decides whether a principal may use a secret. One that it may not know of looks absent; the trail has the reason.
import {
  type AccessDecision,
  type AccessLevel,
  decideAccess,
  type GrantChange,
  hookAllows,
  type SecretOperation,
} from '../../access/index.ts'
import type {
  AuthorizeRequest,
  SecretFacts,
  SecretRef,
  StoredGrant,
  StoredSecret,
  VersionSelection,
} from '../../contracts/index.ts'
import type { DataKey } from '../../keys/index.ts'
import { type Call, denied, type EventFacts, type Outcome, withFacts } from '../operation.ts'
import type { Runtime } from '../runtime.ts'
import { type Asked, checkRecord, type LoadedRecord, loadRecord, type UntrustedRecord } from './load.ts'

/** What is asked about one secret. */
export interface Question {
  readonly operation: SecretOperation
  /** Whether a deleted secret counts as there. Default `no`. */
  readonly deleted?: 'no' | 'yes'
  /** Of `share` and `unshare`. */
  readonly change?: GrantChange
}

/** What is asked about a secret that is still to be found. */
export interface SecretQuestion extends Question {
  readonly ref: SecretRef
  /** Default `current`. */
  readonly versions?: VersionSelection
}

/** A trusted record that the principal may use like this. */
export interface Granted {
  readonly kind: 'granted'
  readonly level: AccessLevel
  readonly record: StoredSecret
  readonly dek: DataKey
  readonly facts: EventFacts
}

/** Why the principal does not get the secret. */
export type Refusal =
  /** There is no such secret, or it is deleted. */
  | { readonly kind: 'absent'; readonly facts: EventFacts }
  /** `hidden`: the principal may not know of it. `denied`: it may, but not do this. */
  | {
      readonly kind: 'hidden' | 'denied'
      readonly level: AccessLevel
      readonly detail?: string
      readonly facts: EventFacts
    }
  | UntrustedRecord

export type Admission = Granted | Refusal

/** Finds a secret, checks it, and decides. */
export async function admit(call: Call, question: SecretQuestion): Promise<Admission> {
  const { ref, versions = 'current' } = question
  return judge(call, question, await loadRecord(call, ref, versions))
}

/** The same for a record that was already loaded, together with others. */
export async function admitRecord(call: Call, record: StoredSecret, question: Question & Asked): Promise<Admission> {
  return judge(call, question, await checkRecord(call, record, question))
}

/** Runs `use` on a secret that the principal may use like this. Otherwise the outcome is that of `turnedAway`. */
export async function withSecret<T, R>(
  call: Call,
  question: SecretQuestion & { readonly absent: T },
  use: (secret: Granted) => Promise<R>,
): Promise<R | Outcome<T>> {
  const admission = await admit(call, question)
  if (admission.kind !== 'granted') return turnedAway(call, admission, { result: question.absent })
  return withFacts(admission.facts, () => use(admission))
}

/** The outcome for a caller who was refused: a secret that it may not know of looks absent. */
export function turnedAway<T>(
  call: Call,
  refusal: Refusal,
  absent: { readonly result: T } | { readonly failure: unknown },
): Outcome<T> {
  switch (refusal.kind) {
    case 'absent':
      return { ...absent, event: { ...refusal.facts, outcome: 'missing' } }
    case 'hidden':
      return { ...absent, event: { ...refusal.facts, outcome: 'denied', hidden: true } }
    case 'denied':
      return { failure: denied(call, refusal.detail), event: refusal.facts }
    case 'untrusted':
      return refusal.known
        ? { failure: refusal.error, event: {} }
        : { ...absent, event: { outcome: 'failed', hidden: true } }
  }
}

async function judge(call: Call, question: Question, loaded: LoadedRecord | undefined): Promise<Admission> {
  if (loaded === undefined) return { kind: 'absent', facts: {} }
  if (loaded.kind === 'untrusted') return loaded
  const { operation, deleted = 'no', change } = question
  const { record, dek } = loaded
  const facts = { secretId: record.id, keyId: dek.keyId }
  const decision = await decideFor(call, { operation, secret: factsOf(record), grants: record.grants, change })
  const { allowed, visible, level, exceeds } = decision
  if (exceeds) return { kind: 'denied', level, detail: tooFar, facts: { ...facts, action: 'access.escalation' } }
  if (!visible || !allowed) return { kind: visible ? 'denied' : 'hidden', level, facts }
  if (record.state === 'deleted' && deleted === 'no') return { kind: 'absent', facts }
  return { kind: 'granted', level, record, dek, facts }
}

/** Why a right that is held in one deployment, or under conditions, was not enough. */
export const tooFar = 'The permission is held in one deployment or under conditions, and this reaches further.'

/** Decides one operation on one secret: the rules first, then the hook. */
export async function decideFor(
  call: Call,
  question: {
    readonly operation: SecretOperation
    readonly secret: SecretFacts
    readonly grants: readonly StoredGrant[]
    readonly change?: GrantChange | undefined
  },
): Promise<AccessDecision> {
  const { principal, context, runtime } = call
  const { rules, authorize } = runtime.config
  const { operation, secret, grants, change } = question
  const decision = decideAccess({ principal, context, operation, secret, grants, rules, change })
  if (!decision.allowed || authorize === undefined) return decision
  return { ...decision, allowed: await isAuthorized(call, { operation, secret }) }
}

/** What the hook needs of a call. */
export type Asking = Pick<Call, 'principal' | 'context' | 'signal'> & { readonly runtime: Pick<Runtime, 'config'> }

/** Whether the hook lets pass what the rules have allowed. */
export async function isAuthorized(
  { principal, context, runtime, signal }: Asking,
  { secret, ...asked }: Omit<AuthorizeRequest, 'principal' | 'context'>,
): Promise<boolean> {
  const { authorize: hook, clock, limits } = runtime.config
  if (hook === undefined) return true
  // A copy, frozen to its leaves: a hook cannot change what the vault goes on with.
  const facts = secret && { secret: Object.freeze({ ...secret, tags: Object.freeze([...secret.tags]) }) }
  const request = Object.freeze({ principal, context, ...asked, ...facts })
  return hookAllows(request, { hook, clock, limitMs: limits.authorizeMs, signal })
}

/** The facts of a stored secret that the rules look at. */
export function factsOf({ ref, type, tier, tags }: Pick<StoredSecret, 'ref' | 'type' | 'tier' | 'tags'>): SecretFacts {
  return { owner: ref.owner, server: ref.server, name: ref.name, type, tier, tags }
}
