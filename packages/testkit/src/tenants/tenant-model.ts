// What tenants may do to each other's secrets, and what their own logs then show, as a model that knows no vault.
import type { Permission, SecretState } from '@mcpvault/core'
import { covers, type Grant, levelOf, ranks, reachOf, type TenantCall, type TenantSecret } from './tenant-rights.ts'

export type StateVerb = 'activate' | 'deactivate' | 'delete' | 'undelete'

/** What a principal's own log shows of one call: no id where it may not know of the secret. */
export interface Shown {
  readonly action: string
  readonly outcome: 'allowed' | 'denied' | 'missing' | 'failed'
  readonly hasId: boolean
}

/** What a call answers: a plain value or the code of its error; and what the log of the caller shows of it. */
export interface Reply {
  readonly answer: unknown
  readonly shown: readonly Shown[]
}

const denied = 'VAULT_ACCESS_DENIED'
/** As many versions as a vault keeps by default. */
const keptVersions = 10
const moves: Readonly<
  Record<StateVerb, { readonly from: readonly SecretState[]; readonly to: SecretState; readonly action: string }>
> = {
  activate: { from: ['inactive'], to: 'active', action: 'secret.activated' },
  deactivate: { from: ['active'], to: 'inactive', action: 'secret.deactivated' },
  delete: { from: ['active', 'inactive'], to: 'deleted', action: 'secret.deleted' },
  undelete: { from: ['deleted'], to: 'active', action: 'secret.undeleted' },
}

interface Rule {
  readonly needs: Permission
  readonly action: string
  readonly absent: unknown
  /** Whether a deleted secret counts as there. */
  readonly deleted: 'no' | 'yes'
  /** Whether the change reaches further than the caller's right. */
  readonly exceeds?: (secret: TenantSecret) => boolean
  /** The permission that the caller wants to give. */
  readonly gives?: Permission
}

/** The replies that a vault must give. */
export function tenantModel() {
  const secrets = new Map<string, TenantSecret>()
  const keyOf = ({ owner, name }: Pick<TenantCall, 'owner' | 'name'>): string => `${owner}/${name}`
  const put = (call: TenantCall, secret: TenantSecret): void => void secrets.set(keyOf(call), secret)
  const isWide = (call: TenantCall, secret: TenantSecret): boolean => reachOf(call, secret) === 'everywhere'

  /** Runs `use` on the secret when the caller may do this; else the reply of a refusal. */
  function admitted(
    call: TenantCall,
    rule: Rule,
    use: (secret: TenantSecret) => readonly [unknown, Shown['outcome']],
  ): Reply {
    const { action, absent } = rule
    const secret = secrets.get(keyOf(call))
    const level = secret === undefined ? 'none' : levelOf(call, secret)
    if (secret === undefined || level === 'none') return reply(absent, { action, outcome: 'missing', hasId: false })
    const isLow = ranks[level] < ranks[rule.needs]
    const isEscalation = isLow ? ranks[level] < ranks[rule.gives ?? 'read'] : rule.exceeds?.(secret) === true
    if (isLow || isEscalation) {
      return reply(denied, { action: isEscalation ? 'access.escalation' : action, outcome: 'denied', hasId: true })
    }
    if (secret.state === 'deleted' && rule.deleted === 'no')
      return reply(absent, { action, outcome: 'missing', hasId: true })
    const [answer, outcome] = use(secret)
    const isEscalated = outcome === 'denied'
    return reply(answer, { action: isEscalated ? 'access.escalation' : action, outcome, hasId: true })
  }

  /** The secret with other tags; undefined when the caller may not change them. */
  function retagged(call: TenantCall, secret: TenantSecret, tags: readonly string[] | undefined) {
    if (tags === undefined || tags.join() === secret.tags.join()) return secret
    const mayChange = ranks[levelOf(call, secret)] >= ranks.admin && isWide(call, secret)
    return mayChange ? { ...secret, tags } : undefined
  }

  const withValue = (secret: TenantSecret, value: string): TenantSecret => {
    const version = (secret.versions.at(-1)?.version ?? 0) + 1
    return { ...secret, versions: [...secret.versions, { version, value }].slice(-keptVersions) }
  }
  const served = ({ actor, owner }: TenantCall, { versions, first }: TenantSecret) =>
    versions.filter(({ version }) => actor.id === owner || version >= first)
  const visible = (call: TenantCall, whose: (owner: string, secret: TenantSecret) => boolean) =>
    [...secrets].filter(([key, secret]) => {
      const [owner = ''] = key.split('/')
      return whose(owner, secret) && levelOf({ ...call, owner }, secret) !== 'none'
    })
  const listed = 'secret.listed'

  return {
    set(call: TenantCall, value: string, tags: readonly string[] | undefined): Reply {
      const before = secrets.get(keyOf(call))
      const blank = { state: 'active', tags: tags ?? [], grants: new Map(), versions: [], first: 1 } as const
      const level = levelOf(call, before ?? blank)
      const isKnown = before !== undefined && level !== 'none'
      if (!isKnown) {
        const mayCreate = before === undefined && ranks[level] >= ranks.write
        if (mayCreate) put(call, withValue(blank, value))
        const outcome = mayCreate ? 'allowed' : 'denied'
        return reply(mayCreate ? 1 : denied, { action: 'secret.created', outcome, hasId: mayCreate })
      }
      const rule = { needs: 'write', action: 'secret.updated', absent: denied, deleted: 'yes' } as const
      return admitted(call, rule, (secret) => {
        const draft = retagged(call, secret, tags)
        if (draft === undefined) return [denied, 'denied']
        const written = withValue({ ...draft, state: secret.state === 'deleted' ? 'active' : secret.state }, value)
        const version = written.versions.at(-1)?.version ?? 1
        const isFresh = secret.state === 'deleted' && ranks[level] >= ranks.admin && isWide(call, secret)
        put(call, isFresh ? { ...written, grants: new Map(), first: version } : written)
        return [version, 'allowed']
      })
    },
    get(call: TenantCall, wanted: number | undefined): Reply {
      const rule = { needs: 'read', action: 'secret.accessed', absent: undefined, deleted: 'no' } as const
      return admitted(call, rule, (secret) => {
        if (secret.state === 'inactive') return ['VAULT_INACTIVE', 'failed']
        const found = served(call, secret).findLast(({ version }) => wanted === undefined || version === wanted)
        return [found?.value, found === undefined ? 'missing' : 'allowed']
      })
    },
    history: (call: TenantCall): Reply =>
      admitted(call, { needs: 'read', action: listed, absent: undefined, deleted: 'no' }, (secret) => [
        served(call, secret).map(({ version }) => version),
        'allowed',
      ]),
    restore(call: TenantCall, wanted: number): Reply {
      const rule = { needs: 'write', action: 'secret.updated', absent: undefined, deleted: 'no' } as const
      return admitted(call, rule, (secret) => {
        const found = served(call, secret).find(({ version }) => version === wanted)
        if (found === undefined) return [undefined, 'missing']
        const written = withValue(secret, found.value)
        put(call, written)
        return [written.versions.at(-1)?.version, 'allowed']
      })
    },
    update(call: TenantCall, tags: readonly string[]): Reply {
      const rule = { needs: 'write', action: 'secret.updated', absent: undefined, deleted: 'no' } as const
      return admitted(call, rule, (secret) => {
        const draft = retagged(call, secret, tags)
        if (draft === undefined) return [denied, 'denied']
        put(call, draft)
        return [tags, 'allowed']
      })
    },
    move(call: TenantCall, verb: StateVerb): Reply {
      const { from, to, action } = moves[verb]
      return admitted(call, { needs: 'write', action, absent: false, deleted: 'yes' }, (secret) => {
        if (!from.includes(secret.state)) return [false, secret.state === to ? 'allowed' : 'missing']
        put(call, { ...secret, state: to })
        return [true, 'allowed']
      })
    },
    destroy(call: TenantCall): Reply {
      const exceeds = (secret: TenantSecret): boolean => !isWide(call, secret)
      const rule = { needs: 'admin', action: 'secret.destroyed', absent: false, deleted: 'yes', exceeds } as const
      return admitted(call, rule, () => [secrets.delete(keyOf(call)), 'allowed'])
    },
    share(call: TenantCall, grantee: string, grant: Grant): Reply {
      const exceeds = (secret: TenantSecret): boolean => !covers(call, secret, [secret.grants.get(grantee), grant])
      const gives = grant.permission
      const rule = {
        needs: 'admin',
        action: 'secret.shared',
        absent: undefined,
        deleted: 'no',
        exceeds,
        gives,
      } as const
      return admitted(call, rule, (secret) => {
        if (grantee === call.owner) return ['VAULT_VALUE_INVALID', 'failed']
        put(call, { ...secret, grants: new Map(secret.grants).set(grantee, grant) })
        return [grant.permission, 'allowed']
      })
    },
    unshare(call: TenantCall, grantee: string): Reply {
      const exceeds = (secret: TenantSecret): boolean => !covers(call, secret, [secret.grants.get(grantee)])
      const rule = { needs: 'admin', action: 'secret.unshared', absent: false, deleted: 'yes', exceeds } as const
      return admitted(call, rule, (secret) => {
        const grants = new Map(secret.grants)
        const had = grants.delete(grantee)
        put(call, { ...secret, grants })
        return [had, had ? 'allowed' : 'missing']
      })
    },
    grants: (call: TenantCall): Reply =>
      admitted(call, { needs: 'admin', action: listed, absent: undefined, deleted: 'no' }, ({ grants }) => [
        [...grants].map(([id, { permission, deployment }]) => `${id} ${permission} ${deployment}`).sort(),
        'allowed',
      ]),
    /** Names and states in one owner's scope, in pages of two: no page is empty, but the only one. */
    list(call: TenantCall): Reply {
      const found = visible(call, (owner) => owner === call.owner)
      const pages = Math.max(1, Math.ceil(found.length / 2))
      const outcome = found.length > 0 || call.actor.id === call.owner ? 'allowed' : 'missing'
      const shown = Array.from({ length: pages }, (): Shown => ({ action: listed, outcome, hasId: false }))
      return { answer: [pages, ...statesOf(found)], shown }
    },
    listAll(call: TenantCall): Reply {
      const { id } = call.actor
      const found = visible(call, (owner, { grants }) => owner === id || grants.has(id))
      return reply(statesOf(found), { action: listed, outcome: 'allowed', hasId: false })
    },
    getAll(call: TenantCall): Reply {
      const found = visible(call, (owner) => owner === call.owner).filter(([, { state }]) => state === 'active')
      const answer = found.map(([key, { versions }]) => `${key} ${versions.at(-1)?.value}`).sort()
      const none = { outcome: call.actor.id === call.owner ? 'allowed' : 'missing', hasId: false } as const
      const each = found.map(() => ({ outcome: 'allowed', hasId: true }) as const)
      return { answer, shown: (each.length > 0 ? each : [none]).map((one) => ({ action: 'secret.accessed', ...one })) }
    },
  }
}

function reply(answer: unknown, shown: Shown): Reply {
  return { answer, shown: [shown] }
}

function statesOf(found: readonly (readonly [string, TenantSecret])[]): readonly string[] {
  return found.map(([key, { state }]) => `${key} ${state}`).sort()
}
