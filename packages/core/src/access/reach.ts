// How far a right reaches: who holds one in one deployment only, or under conditions, changes nothing beyond them.
import type { StoredGrant } from '../contracts/index.ts'
import { includesLevel, type SecretOperation } from './levels.ts'
import type { RoleAccess } from './policy.ts'

/** A grant that is given to a principal, or taken from it. */
export interface GrantChange {
  readonly grantee: string
  /** The grant that it then has; undefined when it is taken away. */
  readonly given: Pick<StoredGrant, 'deploymentId'> | undefined
}

/** What the principal has on the secret, and what it wants to change. */
export interface ReachQuestion {
  readonly operation: SecretOperation
  /** The principal's own grant, when it holds in this call. */
  readonly own: StoredGrant | undefined
  readonly role: RoleAccess
  /** The grant that the grantee of `change` has now. */
  readonly before: StoredGrant | undefined
  /** Absent for a change of all grants. */
  readonly change: GrantChange | undefined
}

/**
 * Whether the operation changes more than the principal's permission `admin` covers. Grants, tags, type and tier hold in
 * every deployment and outlast the conditions of a role, and nothing is left of a destroyed secret. So they take an
 * `admin` without a deployment and without conditions on tags, type or tier. An `admin` of one deployment gives, changes
 * and takes away the grants of that deployment.
 */
export function exceedsReach(question: ReachQuestion): boolean {
  const { operation, before, change } = question
  if (!reachingOperations.has(operation)) return false
  const reach = reachOf(question)
  if (reach === 'everywhere') return false
  if (reach === 'nowhere' || change === undefined) return true
  return [before, change.given].some((grant) => grant !== undefined && grant.deploymentId !== reach.deploymentId)
}

const reachingOperations: ReadonlySet<SecretOperation> = new Set(['share', 'unshare', 'destroy', 'reclassify'])

type Reach = 'everywhere' | 'nowhere' | { readonly deploymentId: string }

function reachOf({ own, role }: ReachQuestion): Reach {
  if (includesLevel(role.lasting, 'admin')) return 'everywhere'
  if (own?.permission !== 'admin') return 'nowhere'
  return own.deploymentId === undefined ? 'everywhere' : { deploymentId: own.deploymentId }
}
