// The access decision: ownership, grants, deny by default.
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import {
  compilePolicy,
  decideAccess,
  findGrant,
  includesLevel,
  levelNeeded,
  type RoleRules,
  type SecretOperation,
} from '../../src/access/index.ts'
import type { CallContext, Permission, Principal, StoredGrant } from '../../src/contracts/index.ts'

const secret = { owner: 'alice', server: 'github', name: 'token', type: 'api_key', tier: 1, tags: ['ci'] } as const
const operations = Object.keys(levelNeeded).filter((key): key is SecretOperation => key in levelNeeded)

function grant(principal: string, permission: Permission, deploymentId?: string): StoredGrant {
  const base = { principal, permission, grantedBy: 'alice', grantedAt: new Date(0) }
  return deploymentId === undefined ? base : { ...base, deploymentId }
}

function decide(question: {
  readonly principal: Principal
  readonly operation: SecretOperation
  readonly grants?: readonly StoredGrant[]
  readonly context?: CallContext
  readonly rules?: RoleRules
}) {
  return decideAccess({ context: {}, grants: [], rules: compilePolicy(), secret, ...question })
}

describe('decideAccess', () => {
  it('[T3] allows a principal without rule or grant nothing, and shows it nothing', () => {
    for (const operation of operations) {
      const decision = decide({ principal: { id: 'mallory', roles: ['ghost'] }, operation })
      expect(decision).toEqual({ allowed: false, visible: false, level: 'none', exceeds: false })
    }
  })

  it('[S31] allows the owner everything', () => {
    for (const operation of operations) {
      expect(decide({ principal: { id: 'alice' }, operation })).toEqual({
        allowed: true,
        visible: true,
        level: 'owner',
        exceeds: false,
      })
    }
  })

  // Owner, read, write and admin by operation: the whole matrix, written out.
  const matrix: Readonly<Record<SecretOperation, string>> = {
    describe: 'o r w a',
    get: 'o r w a',
    history: 'o r w a',
    list: 'o r w a',
    require: 'o r w a',
    create: 'o - w a',
    set: 'o - w a',
    update: 'o - w a',
    restore: 'o - w a',
    activate: 'o - w a',
    deactivate: 'o - w a',
    delete: 'o - w a',
    undelete: 'o - w a',
    rotate: 'o - w a',
    reclassify: 'o - - a',
    destroy: 'o - - a',
    share: 'o - - a',
    unshare: 'o - - a',
    grants: 'o - - a',
  }
  it.each(Object.entries(matrix))('[S19][N20] %s is for %s', (operation, row) => {
    const found = operations.find((candidate) => candidate === operation)
    expect(found).toBeDefined()
    if (found === undefined) return
    const [, read, write, admin] = row.split(' ')
    const allowed = (permission: Permission): boolean =>
      decide({ principal: { id: 'bob' }, operation: found, grants: [grant('bob', permission)] }).allowed
    expect(allowed('read')).toBe(read === 'r')
    expect(allowed('write')).toBe(write === 'w')
    expect(allowed('admin')).toBe(admin === 'a')
  })

  it('shows a secret to anyone who may read it, also where the operation is refused', () => {
    const decision = decide({ principal: { id: 'bob' }, operation: 'destroy', grants: [grant('bob', 'read')] })
    expect(decision).toEqual({ allowed: false, visible: true, level: 'read', exceeds: false })
  })

  it('holds a grant for a deployment to calls of that deployment', () => {
    const grants = [grant('bob', 'read', 'prod-7')]
    const allowed = (context: CallContext): boolean =>
      decide({ principal: { id: 'bob' }, operation: 'get', grants, context }).allowed
    expect(allowed({ deploymentId: 'prod-7' })).toBe(true)
    expect(allowed({ deploymentId: 'prod-8' })).toBe(false)
    expect(allowed({})).toBe(false)
  })

  it('holds no level for a grant of another deployment, beside what roles give', () => {
    const grants = [grant('bob', 'admin', 'prod')]
    expect(decide({ principal: { id: 'bob' }, operation: 'get', grants })).toEqual({
      allowed: false,
      visible: false,
      level: 'none',
      exceeds: false,
    })
  })

  it('takes the higher of grant and role', () => {
    const rules = compilePolicy({ roles: { writer: [{ allow: ['write'] }], reader: [{ allow: ['read'] }] } })
    const ask = (roles: readonly string[], permission: Permission): boolean =>
      decide({ principal: { id: 'bob', roles }, operation: 'set', grants: [grant('bob', permission)], rules }).allowed
    expect(ask(['writer'], 'read')).toBe(true)
    expect(ask(['reader'], 'write')).toBe(true)
    expect(ask(['reader'], 'read')).toBe(false)
  })

  it('lets a role that may only rotate rotate, and know of the secret', () => {
    const rules = compilePolicy({ roles: { rotator: [{ allow: ['rotate'] }] } })
    const principal = { id: 'bob', roles: ['rotator'] }
    expect(decide({ principal, operation: 'rotate', rules })).toEqual({
      allowed: true,
      visible: true,
      level: 'none',
      exceeds: false,
    })
    expect(decide({ principal, operation: 'get', rules })).toEqual({
      allowed: false,
      visible: true,
      level: 'none',
      exceeds: false,
    })
  })

  it('finds exactly the grant of a principal among many', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 50 }), fc.string(), (names, other) => {
        const grants = [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => grant(name, 'read'))
        for (const name of names) expect(findGrant(grants, name)?.principal).toBe(name)
        if (!names.includes(other)) expect(findGrant(grants, other)).toBeUndefined()
      }),
    )
  })

  it('orders the levels', () => {
    const order = ['none', 'read', 'write', 'admin', 'owner'] as const
    for (const [rank, level] of order.entries()) {
      for (const [neededRank, needed] of order.entries()) expect(includesLevel(level, needed)).toBe(rank >= neededRank)
    }
  })
})
