// The access decision: pure, deny by default, from ownership, grants and roles.
import type { CallContext, Principal, SecretFacts, StoredGrant } from '../contracts/index.ts'
import { type AccessLevel, higherLevel, includesLevel, levelNeeded, type SecretOperation } from './levels.ts'
import type { RoleRules } from './policy.ts'
import { exceedsReach, type GrantChange } from './reach.ts'

/** Everything that the decision looks at. */
export interface AccessQuestion {
  readonly principal: Principal
  readonly context: CallContext
  readonly operation: SecretOperation
  /** As the sealed record says it, or as the new secret would be. */
  readonly secret: SecretFacts
  /** Sorted by principal. */
  readonly grants: readonly StoredGrant[]
  readonly rules: RoleRules
  /** What `share` or `unshare` would change; absent for a change of all grants. */
  readonly change?: GrantChange | undefined
}

export interface AccessDecision {
  readonly allowed: boolean
  /** Whether the principal may know that the secret exists. */
  readonly visible: boolean
  readonly level: AccessLevel
  /** Whether the principal has the level that is asked for, but the change reaches further than its right. */
  readonly exceeds: boolean
}

/** Decides one operation on one secret. */
export function decideAccess(question: AccessQuestion): AccessDecision {
  const { principal, operation, secret, grants, rules, change } = question
  if (principal.id === secret.owner) return { allowed: true, visible: true, level: 'owner', exceeds: false }
  const role = rules.onSecret(principal, secret)
  const own = heldGrant(question)
  const level = own === undefined ? role.level : higherLevel(own.permission, role.level)
  const hasLevel = includesLevel(level, levelNeeded[operation]) || (operation === 'rotate' && role.mayRotate)
  const visible = hasLevel || role.mayRotate || includesLevel(level, 'read')
  const before = change && findGrant(grants, change.grantee)
  const exceeds = hasLevel && exceedsReach({ operation, own, role, before, change })
  return { allowed: hasLevel && !exceeds, visible, level, exceeds }
}

/** The principal's grant, when it holds in this call. */
function heldGrant({ grants, principal, context }: AccessQuestion): StoredGrant | undefined {
  const grant = findGrant(grants, principal.id)
  const elsewhere = grant?.deploymentId !== undefined && grant.deploymentId !== context.deploymentId
  return elsewhere ? undefined : grant
}

/** The grant of one principal, by binary search: a secret may be shared with very many. */
export function findGrant(grants: readonly StoredGrant[], principal: string): StoredGrant | undefined {
  let low = 0
  let high = grants.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const grant = grants[middle]
    if (grant === undefined || grant.principal === principal) return grant
    if (grant.principal < principal) low = middle + 1
    else high = middle - 1
  }
  return undefined
}
