// How far a right reaches, by the decision alone: one deployment, the conditions of a role, or everywhere.
import { describe, expect, it } from 'vitest'
import { compilePolicy, decideAccess, type GrantChange, type SecretOperation } from '../../src/access/index.ts'
import type { Permission, Principal, StoredGrant } from '../../src/contracts/index.ts'

const secret = { owner: 'alice', server: 'github', name: 'token', type: 'api_key', tier: 1, tags: ['ci'] } as const
const rules = compilePolicy({
  roles: {
    admin: [{ allow: ['admin'] }],
    'admin-of-names': [{ allow: ['admin'], owner: 'alice', server: 'git*', name: 'tok*' }],
    'admin-of-ci': [{ allow: ['admin'], tags: ['ci'] }],
    'admin-but-prod': [{ allow: ['admin'], withoutTags: ['prod'] }],
    'admin-of-type': [{ allow: ['admin'], types: ['api_key'] }],
    'admin-of-tier': [{ allow: ['admin'], tiers: [1] }],
    writer: [{ allow: ['write'] }],
  },
})

interface Holder {
  readonly roles: readonly string[]
  readonly own?: StoredGrant
}

interface Act {
  readonly operation: SecretOperation
  /** Carol's grant before; of every deployment where it has none. */
  readonly before?: { readonly deploymentId?: string }
  readonly change?: GrantChange
}

const inProd = { deploymentId: 'prod' } as const
const inTest = { deploymentId: 'test' } as const
const gives = (given: GrantChange['given']): GrantChange => ({ grantee: 'carol', given })

/** What stays in the deployment. */
const within: readonly [string, Act][] = [
  ['gives a grant there', { operation: 'share', change: gives(inProd) }],
  ['changes one there', { operation: 'share', before: inProd, change: gives(inProd) }],
  ['takes one away there', { operation: 'unshare', before: inProd, change: gives(undefined) }],
  ['takes away what nobody has', { operation: 'unshare', change: gives(undefined) }],
]

/** What reaches further. */
const beyond: readonly [string, Act][] = [
  ['gives a grant for everywhere', { operation: 'share', change: gives({}) }],
  ['gives one in another deployment', { operation: 'share', change: gives(inTest) }],
  ['widens a grant', { operation: 'share', before: inProd, change: gives({}) }],
  ['narrows a grant for everywhere', { operation: 'share', before: {}, change: gives(inProd) }],
  ['moves one from elsewhere', { operation: 'share', before: inTest, change: gives(inProd) }],
  ['takes away a grant for everywhere', { operation: 'unshare', before: {}, change: gives(undefined) }],
  ['takes away one from elsewhere', { operation: 'unshare', before: inTest, change: gives(undefined) }],
  ['takes away all', { operation: 'unshare' }],
  ['changes tags, type or tier', { operation: 'reclassify' }],
  ['destroys', { operation: 'destroy' }],
]

/** What any permission `admin` allows. */
const ordinary = (['get', 'set', 'delete', 'grants'] as const).map((operation): [string, Act] => [
  operation,
  { operation },
])

const narrow: readonly [string, Holder][] = [
  ['a grant in one deployment', { roles: [], own: grantOf('hal', 'admin', inProd) }],
  ['the same beside conditions', { roles: ['admin-of-ci'], own: grantOf('hal', 'admin', inProd) }],
]
const conditional: readonly [string, Holder][] = [
  ['tags', { roles: ['admin-of-ci'] }],
  ['tags that are absent', { roles: ['admin-but-prod'] }],
  ['the type', { roles: ['admin-of-type'] }],
  ['the tier', { roles: ['admin-of-tier'] }],
  ['the tier, beside a lower right without conditions', { roles: ['admin-of-tier', 'writer'] }],
  ['tags, beside a lower grant', { roles: ['admin-of-ci'], own: grantOf('hal', 'write') }],
]
const wide: readonly [string, Holder][] = [
  ['a grant', { roles: [], own: grantOf('hal', 'admin') }],
  ['a role', { roles: ['admin'] }],
  ['a role over names, which never change', { roles: ['admin-of-names'] }],
  ['a role, beside a narrow grant', { roles: ['admin'], own: grantOf('hal', 'admin', inProd) }],
]

describe('the permission admin', () => {
  it.each(narrow)('[S36] reaches as far as its deployment: %s', (_, holder) => {
    for (const [what, act] of [...ordinary, ...within]) expect([what, decide(holder, act)]).toEqual([what, allowed])
    for (const [what, act] of beyond) expect([what, decide(holder, act)]).toEqual([what, exceeding])
  })

  it.each(conditional)('[S36] changes no grants and no conditions under conditions on %s', (_, holder) => {
    for (const [what, act] of ordinary) expect([what, decide(holder, act)]).toEqual([what, allowed])
    for (const [what, act] of [...within, ...beyond]) expect([what, decide(holder, act)]).toEqual([what, exceeding])
  })

  it.each(wide)('[S36] reaches everywhere by %s', (_, holder) => {
    const acts = [...ordinary, ...within, ...beyond]
    for (const [what, act] of acts) expect([what, decide(holder, act)]).toEqual([what, allowed])
  })

  it('is missed, and not exceeded, by who has less', () => {
    const holder = { roles: ['writer'], own: grantOf('hal', 'write', inProd) }
    const refused = { allowed: false, visible: true, level: 'write', exceeds: false }
    for (const [what, act] of [...within, ...beyond]) expect([what, decide(holder, act)]).toEqual([what, refused])
  })
})

const allowed = { allowed: true, visible: true, level: 'admin', exceeds: false }
const exceeding = { allowed: false, visible: true, level: 'admin', exceeds: true }

function decide({ roles, own }: Holder, { operation, before, change }: Act) {
  const principal: Principal = { id: 'hal', roles }
  const grants = [before && grantOf('carol', 'read', before), own].filter((grant) => grant !== undefined)
  return decideAccess({ principal, context: inProd, operation, secret, grants, rules, change })
}

function grantOf(principal: string, permission: Permission, part: { readonly deploymentId?: string } = {}) {
  return { principal, permission, grantedBy: 'alice', grantedAt: new Date(0), ...part }
}
