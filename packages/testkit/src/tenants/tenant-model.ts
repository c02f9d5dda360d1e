// What tenants may do to each other's secrets, as a model that knows no vault.
import type { Permission, SecretState } from '@mcpvault/core'

interface TenantSecret {
  readonly value: string
  readonly state: SecretState
  readonly grants: ReadonlyMap<string, Permission>
}

/** Who asks for what. */
export interface TenantCall {
  readonly actor: string
  readonly owner: string
  readonly name: string
}

type StateVerb = 'activate' | 'deactivate' | 'delete' | 'undelete'

const denied = 'VAULT_ACCESS_DENIED'
const ranks = { none: 0, read: 1, write: 2, admin: 3, owner: 4 } as const
const moves: Readonly<Record<StateVerb, { readonly from: readonly SecretState[]; readonly to: SecretState }>> = {
  activate: { from: ['inactive'], to: 'active' },
  deactivate: { from: ['active'], to: 'inactive' },
  delete: { from: ['active', 'inactive'], to: 'deleted' },
  undelete: { from: ['deleted'], to: 'active' },
}

/** The answers that a vault must give: a plain value, or the code of its error. */
export function tenantModel() {
  const secrets = new Map<string, TenantSecret>()
  const keyOf = ({ owner, name }: Pick<TenantCall, 'owner' | 'name'>): string => `${owner}/${name}`

  const levelOf = ({ actor, owner, name }: TenantCall): keyof typeof ranks =>
    actor === owner ? 'owner' : (secrets.get(`${owner}/${name}`)?.grants.get(actor) ?? 'none')

  /** The secret, when the actor may do this; else the answer that it gets. */
  function admitted<A>(call: TenantCall, rule: { readonly needs: Permission; readonly absent: A }) {
    const secret = secrets.get(keyOf(call))
    const level = levelOf(call)
    if (secret === undefined || level === 'none') return { answer: rule.absent }
    return ranks[level] < ranks[rule.needs] ? { answer: denied } : { secret }
  }

  const visible = (actor: string, of: (owner: string) => boolean) =>
    [...secrets].filter(([key, { grants }]) => {
      const [owner = ''] = key.split('/')
      return of(owner) && (owner === actor || grants.has(actor))
    })

  return {
    set(call: TenantCall, value: string): unknown {
      const before = secrets.get(keyOf(call))
      if (before === undefined ? call.actor !== call.owner : ranks[levelOf(call)] < ranks.write) return denied
      const isRevived = before === undefined || before.state === 'deleted'
      // Who may not take away grants does not take them away by using a deleted name again.
      const isFresh = before === undefined || (isRevived && ranks[levelOf(call)] >= ranks.admin)
      const grants = isFresh ? new Map<string, Permission>() : before.grants
      secrets.set(keyOf(call), { value, state: isRevived ? 'active' : before.state, grants })
      return 'set'
    },
    get(call: TenantCall): unknown {
      const { secret, answer } = admitted(call, { needs: 'read', absent: undefined })
      if (secret === undefined) return answer
      if (secret.state === 'inactive') return 'VAULT_INACTIVE'
      return secret.state === 'deleted' ? undefined : secret.value
    },
    move(call: TenantCall, verb: StateVerb): unknown {
      const { secret, answer } = admitted(call, { needs: 'write', absent: false })
      if (secret === undefined) return answer
      if (!moves[verb].from.includes(secret.state)) return false
      secrets.set(keyOf(call), { ...secret, state: moves[verb].to })
      return true
    },
    destroy(call: TenantCall): unknown {
      const { secret, answer } = admitted(call, { needs: 'admin', absent: false })
      return secret === undefined ? answer : secrets.delete(keyOf(call))
    },
    share(call: TenantCall, grant: { readonly grantee: string; readonly permission: Permission }): unknown {
      const { secret, answer } = admitted(call, { needs: 'admin', absent: undefined })
      if (secret === undefined) return answer
      if (secret.state === 'deleted') return undefined
      if (grant.grantee === call.owner) return 'VAULT_VALUE_INVALID'
      secrets.set(keyOf(call), { ...secret, grants: new Map(secret.grants).set(grant.grantee, grant.permission) })
      return grant.permission
    },
    unshare(call: TenantCall, grantee: string): unknown {
      const { secret, answer } = admitted(call, { needs: 'admin', absent: false })
      if (secret === undefined) return answer
      const grants = new Map(secret.grants)
      const had = grants.delete(grantee)
      secrets.set(keyOf(call), { ...secret, grants })
      return had
    },
    grants(call: TenantCall): unknown {
      const { secret, answer } = admitted(call, { needs: 'admin', absent: undefined })
      if (secret === undefined) return answer
      return secret.state === 'deleted' ? undefined : [...secret.grants].map((grant) => grant.join(' ')).sort()
    },
    /** Names and states in one owner's scope. */
    list({ actor, owner }: TenantCall): unknown {
      return visible(actor, (whose) => whose === owner)
        .map(([key, { state }]) => `${key} ${state}`)
        .sort()
    },
    listAll({ actor }: TenantCall): unknown {
      return visible(actor, () => true)
        .map(([key, { state }]) => `${key} ${state}`)
        .sort()
    },
    getAll({ actor, owner }: TenantCall): unknown {
      return visible(actor, (whose) => whose === owner)
        .filter(([, { state }]) => state === 'active')
        .map(([key, { value }]) => `${key} ${value}`)
        .sort()
    },
  }
}
