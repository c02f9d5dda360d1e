// The access decision: pure, deny by default, from ownership, grants and roles.
import type { CallContext, Principal, SecretFacts, StoredGrant } from '../contracts/index.ts'
import { type AccessLevel, higherLevel, includesLevel, levelNeeded, type SecretOperation } from './levels.ts'
import type { RoleRules } from './policy.ts'

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
}

export interface AccessDecision {
  readonly allowed: boolean
  /** Whether the principal may know that the secret exists. */
  readonly visible: boolean
  readonly level: AccessLevel
}

/** Decides one operation on one secret. */
export function decideAccess(question: AccessQuestion): AccessDecision {
  const { principal, operation, secret, rules } = question
  if (principal.id === secret.owner) return { allowed: true, visible: true, level: 'owner' }
  const role = rules.onSecret(principal, secret)
  const level = higherLevel(grantLevel(question), role.level)
  const allowed = includesLevel(level, levelNeeded[operation]) || (operation === 'rotate' && role.mayRotate)
  return { allowed, visible: allowed || role.mayRotate || includesLevel(level, 'read'), level }
}

function grantLevel({ grants, principal, context }: AccessQuestion): AccessLevel {
  const grant = findGrant(grants, principal.id)
  if (grant === undefined) return 'none'
  const elsewhere = grant.deploymentId !== undefined && grant.deploymentId !== context.deploymentId
  return elsewhere ? 'none' : grant.permission
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
