// What a principal may do: permissions on one secret, roles as rules, and the hook that narrows.
import type { Permission } from './permission.ts'
import type { CallContext, Principal } from './principal.ts'
import type { Tier } from './secret.ts'

/**
 * What a rule of a role may allow. `write` includes `read` and `rotate`; `admin` includes `write`, and without conditions
 * on tags, types and tiers it may also share, destroy, and change type, tier and tags.
 */
export type RuleAction = Permission | 'rotate' | 'audit' | 'operate'

/**
 * One rule: every condition that is present must hold. A string matches exactly; a `RegExp` is not taken, since one
 * that backtracks can block a server. `*` at the end of `name`, `owner` or `server` matches any rest.
 * `audit` (read the whole trail) and `operate` (keys, sweeps, erasure) concern the whole vault: a rule that allows
 * them has no condition.
 */
export interface PolicyRule {
  readonly allow: readonly RuleAction[]
  readonly owner?: string
  readonly server?: string
  readonly name?: string
  /** The secret has at least one of these tags. */
  readonly tags?: readonly string[]
  /** The secret has none of these tags. */
  readonly withoutTags?: readonly string[]
  readonly types?: readonly string[]
  readonly tiers?: readonly Tier[]
}

/** Roles by name. A principal without a matching rule, grant or ownership may do nothing. */
export interface Policy {
  readonly roles: Readonly<Record<string, readonly PolicyRule[]>>
}

/** What can be asked of the access decision. */
export type Operation =
  | 'describe'
  | 'get'
  | 'history'
  | 'list'
  | 'require'
  | 'create'
  | 'set'
  | 'update'
  | 'restore'
  | 'activate'
  | 'deactivate'
  | 'delete'
  | 'undelete'
  | 'rotate'
  /** A change of type, tier or tags, which roles' rules look at: it can widen who may read. */
  | 'reclassify'
  | 'destroy'
  | 'share'
  | 'unshare'
  | 'grants'
  | 'auditLog'
  | 'operate'

/** What the decision and the `authorize` hook get to know of the secret. */
export interface SecretFacts {
  readonly owner: string
  readonly server: string
  readonly name: string
  readonly type: string
  readonly tier: Tier
  readonly tags: readonly string[]
}

/** What the `authorize` hook is asked. Frozen; without a value. */
export interface AuthorizeRequest {
  readonly principal: Principal
  readonly context: CallContext
  readonly operation: Operation
  /** Absent for operations that concern no single secret: `auditLog`, and `operate` for each verb of an operator. */
  readonly secret?: SecretFacts
  /**
   * True when an owner destroys a record whose seal is broken. Only owner, server and name of `secret` are right then; the
   * rest is type `custom`, tier 1 and no tags, whatever the record says.
   */
  readonly untrusted?: true
}

/**
 * Asked after the rules have allowed an operation: it can refuse, never allow more. Anything but `true`, an error,
 * and no answer in time all refuse.
 */
export type AuthorizeHook = (request: AuthorizeRequest) => boolean | PromiseLike<boolean>
