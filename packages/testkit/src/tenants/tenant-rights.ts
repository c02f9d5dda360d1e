// The rights of tenants in the model: levels from ownership, grants and roles, and how far each reaches.
import type { Permission, SecretState } from '@mcpvault/core'
import { type Tenant, tenantRoles } from './tenants.ts'

export interface Grant {
  readonly permission: Permission
  readonly deployment: string | undefined
}

export interface TenantSecret {
  readonly state: SecretState
  readonly tags: readonly string[]
  readonly grants: ReadonlyMap<string, Grant>
  readonly versions: readonly { readonly version: number; readonly value: string }[]
  /** The version that its history begins with. */
  readonly first: number
}

/** Who asks for what, and where. */
export interface TenantCall {
  readonly actor: Tenant
  readonly deployment: string | undefined
  readonly owner: string
  readonly name: string
}

export const ranks = { none: 0, read: 1, write: 2, admin: 3, owner: 4 } as const

type Held = Pick<TenantSecret, 'tags' | 'grants'>

/** The highest level that a tenant has in this call. */
export function levelOf(call: TenantCall, secret: Held): keyof typeof ranks {
  const { actor, owner } = call
  if (actor.id === owner) return 'owner'
  const roles = actor.roles.map((role) => tenantRoles[role])
  const matching = roles.filter(({ tag }) => tag === undefined || secret.tags.includes(tag))
  const levels = [...matching.map(({ level }) => level), heldGrant(call, secret)?.permission ?? 'none'] as const
  return levels.reduce((highest, level) => (ranks[level] > ranks[highest] ? level : highest), 'none')
}

/** Where a tenant may change grants: everywhere, in one deployment, or nowhere. */
export function reachOf(call: TenantCall, secret: Held): 'everywhere' | 'nowhere' | { readonly deployment: string } {
  const { actor, owner } = call
  if (actor.id === owner || actor.roles.includes('admin')) return 'everywhere'
  const grant = heldGrant(call, secret)
  if (grant?.permission !== 'admin') return 'nowhere'
  return grant.deployment === undefined ? 'everywhere' : { deployment: grant.deployment }
}

/** Whether all these grants are within a tenant's reach. */
export function covers(call: TenantCall, secret: Held, grants: readonly (Grant | undefined)[]): boolean {
  const reach = reachOf(call, secret)
  if (reach === 'everywhere' || reach === 'nowhere') return reach === 'everywhere'
  return grants.every((grant) => grant === undefined || grant.deployment === reach.deployment)
}

function heldGrant({ actor, deployment }: TenantCall, { grants }: Held): Grant | undefined {
  const grant = grants.get(actor.id)
  return grant?.deployment === undefined || grant.deployment === deployment ? grant : undefined
}
