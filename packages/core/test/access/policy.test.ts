// Policies: what rules match, what is refused, and the four roles of the example.
import { describe, expect, it } from 'vitest'
import { compilePolicy, decideAccess, examplePolicy, type SecretOperation } from '../../src/access/index.ts'
import type { Policy, PolicyRule, SecretFacts } from '../../src/contracts/index.ts'

const secret: SecretFacts = {
  owner: 'acme',
  server: 'io.github.acme/files',
  name: 'DB_URL',
  type: 'database_url',
  tier: 2,
  tags: ['a', 'b'],
}
const principal = { id: 'bob', roles: ['r'] }

function level(rule: PolicyRule, facts: Partial<SecretFacts> = {}): string {
  return compilePolicy({ roles: { r: [rule] } }).onSecret(principal, { ...secret, ...facts }).level
}

describe('compilePolicy', () => {
  const matching: readonly [string, PolicyRule][] = [
    ['no condition', { allow: ['read'] }],
    ['the owner', { allow: ['read'], owner: 'acme' }],
    ['a prefix of the owner', { allow: ['read'], owner: 'ac*' }],
    ['the server', { allow: ['read'], server: 'io.github.acme/files' }],
    ['a prefix of the server', { allow: ['read'], server: 'io.github.acme/*' }],
    ['the name', { allow: ['read'], name: 'DB_URL' }],
    ['a prefix of the name', { allow: ['read'], name: 'DB_*' }],
    ['any name', { allow: ['read'], name: '*' }],
    ['one of the tags', { allow: ['read'], tags: ['b', 'z'] }],
    ['no excluded tag', { allow: ['read'], withoutTags: ['z'] }],
    ['the type', { allow: ['read'], types: ['database_url'] }],
    ['the tier', { allow: ['read'], tiers: [1, 2] }],
    ['all of several conditions', { allow: ['read'], owner: 'acme', name: 'DB_*', tags: ['a'], tiers: [2] }],
  ]
  it.each(matching)('gives the level when %s matches', (_, rule) => expect(level(rule)).toBe('read'))

  const others: readonly [string, PolicyRule][] = [
    ['another owner', { allow: ['read'], owner: 'acm' }],
    ['a longer owner', { allow: ['read'], owner: 'acme2' }],
    ['another server', { allow: ['read'], server: 'io.github.acme/' }],
    ['another name', { allow: ['read'], name: 'db_url' }],
    ['another prefix', { allow: ['read'], name: 'DBX*' }],
    ['none of the tags', { allow: ['read'], tags: ['z'] }],
    ['an excluded tag', { allow: ['read'], withoutTags: ['z', 'b'] }],
    ['another type', { allow: ['read'], types: ['api_key'] }],
    ['another tier', { allow: ['read'], tiers: [1, 3] }],
    ['only some of the conditions', { allow: ['read'], owner: 'acme', tiers: [1] }],
  ]
  it.each(others)('gives nothing for %s', (_, rule) => expect(level(rule)).toBe('none'))

  it('asks for a grant where a policy is not given, and has no roles then', () => {
    expect(compilePolicy().onSecret({ id: 'bob' }, secret)).toEqual({
      level: 'none',
      lasting: 'none',
      mayRotate: false,
    })
    expect(compilePolicy().onVault(principal, 'operate')).toBe(false)
  })

  it('gives a principal without roles nothing', () => {
    const rules = compilePolicy({ roles: { r: [{ allow: ['admin', 'operate'] }] } })
    expect(rules.onSecret({ id: 'bob' }, secret).level).toBe('none')
    expect(rules.onVault({ id: 'bob' }, 'operate')).toBe(false)
  })

  it('takes the highest level of all rules that match', () => {
    const rules = compilePolicy({
      roles: { r: [{ allow: ['read'] }, { allow: ['admin'], tags: ['a'] }, { allow: ['write'] }] },
    })
    expect(rules.onSecret(principal, secret)).toEqual({ level: 'admin', lasting: 'write', mayRotate: false })
    expect(rules.onSecret(principal, { ...secret, tags: [] }).level).toBe('write')
  })

  it('knows whether a principal could have any secret of others', () => {
    const any = (allow: PolicyRule['allow']) => compilePolicy({ roles: { r: [{ allow }] } }).onAnySecret(principal)
    expect([any(['read']), any(['rotate']), any(['audit']), any(['operate'])]).toEqual([true, true, false, false])
    const rules = compilePolicy({ roles: { r: [{ allow: ['audit'] }, { allow: ['read'], tags: ['a'] }] } })
    expect(rules.onAnySecret(principal)).toBe(true)
    expect(compilePolicy().onAnySecret({ id: 'bob' })).toBe(false)
  })

  it('knows audit and operate only where a rule allows them', () => {
    const rules = compilePolicy({ roles: { auditor: [{ allow: ['audit'] }], operator: [{ allow: ['operate'] }] } })
    const may = (role: string) => [
      rules.onVault({ id: 'x', roles: [role] }, 'audit'),
      rules.onVault({ id: 'x', roles: [role] }, 'operate'),
    ]
    expect(may('auditor')).toEqual([true, false])
    expect(may('operator')).toEqual([false, true])
    expect(may('nobody')).toEqual([false, false])
    expect(rules.onVault({ id: 'x' }, 'audit')).toBe(false)
  })

  const shape = /be \{ roles: /
  const rule = /objects with an allow list/
  const actions = /allow some of read, write, admin, rotate, audit and operate/
  const conditions = /conditions owner, server, name, tags, withoutTags, types, tiers\./
  const pattern = /a string for each owner, server and name/
  const list = /no empty tags, withoutTags, types or tiers/
  const whole = /audit or operate concerns the whole vault/
  const broken: readonly [string, RegExp, unknown][] = [
    ['no object', shape, 'admin'],
    ['nothing', shape, null],
    ['no roles', shape, {}],
    ['roles as an array', shape, { roles: [] }],
    ['nothing for roles', shape, { roles: null }],
    ['an unknown key', /no key but roles/, { roles: {}, extra: 1 }],
    ['rules that are no array', /an array of rules for each role/, { roles: { r: { allow: ['read'] } } }],
    ['a rule that is no object', rule, { roles: { r: ['read'] } }],
    ['nothing for a rule', rule, { roles: { r: [null] } }],
    ['no allow', actions, { roles: { r: [{}] } }],
    ['an empty allow', actions, { roles: { r: [{ allow: [] }] } }],
    ['an unknown action', actions, { roles: { r: [{ allow: ['read', 'own'] }] } }],
    ['an unknown condition', conditions, { roles: { r: [{ allow: ['read'], tag: 'x' }] } }],
    ['a pattern that is no string', pattern, { roles: { r: [{ allow: ['read'], owner: /x/ }] } }],
    ['an empty pattern', pattern, { roles: { r: [{ allow: ['read'], name: '' }] } }],
    ['tags that are no array', list, { roles: { r: [{ allow: ['read'], tags: 'x' }] } }],
    ['empty tags', list, { roles: { r: [{ allow: ['read'], withoutTags: [] }] } }],
    ['only a condition', actions, { roles: { r: [{ owner: 'x' }] } }],
    ['audit with a condition', whole, { roles: { r: [{ allow: ['audit'], owner: 'x' }] } }],
    ['operate with a condition', whole, { roles: { r: [{ allow: ['read', 'operate'], tiers: [1] }] } }],
  ]
  it.each(broken)('refuses a policy with %s, and says what it must be', (_, detail, policy) => {
    const compile = compilePolicy as (policy: unknown) => unknown // Wrong shapes are the point.
    expect(() => compile(policy)).toThrowError(
      expect.objectContaining({
        code: 'VAULT_CONFIG_INVALID',
        field: expect.stringMatching(/^policy(\.roles)?$/),
        detail: expect.stringMatching(detail),
      }),
    )
  })

  it('is not changed by a later change of the policy', () => {
    const rules = { r: [{ allow: ['read'] as ('read' | 'admin')[] }] }
    const compiled = compilePolicy({ roles: rules })
    rules.r[0]?.allow.push('admin')
    expect(compiled.onSecret(principal, secret).level).toBe('read')
  })
})

// Role by kind of secret: which of read, write and rotate are allowed.
const kinds = [
  'environment_config',
  'application_secrets',
  'rotation_status',
  'development_secrets',
  'test_environment',
  'monitoring_credentials',
  'health_check_keys',
  'production',
] as const
const expected: Readonly<Record<string, Partial<Record<(typeof kinds)[number], string>> | 'all'>> = {
  system_admin: 'all',
  deployment_engineer: { environment_config: 'get set rotate', application_secrets: 'get', rotation_status: 'get' },
  developer: { development_secrets: 'get', test_environment: 'get set rotate' },
  monitoring_system: { monitoring_credentials: 'get', health_check_keys: 'get' },
}

describe('examplePolicy', () => {
  const rules = () => compilePolicy(examplePolicy satisfies Policy)
  const allowed = (role: string, tags: readonly string[], operation: SecretOperation): boolean =>
    decideAccess({
      principal: { id: 'someone', roles: [role] },
      context: {},
      operation,
      grants: [],
      rules: rules(),
      secret: { ...secret, tags },
    }).allowed

  it.each(Object.entries(expected))('[T26][T27][T28][T29] gives %s exactly its rights', (role, rights) => {
    for (const kind of kinds) {
      const wanted = rights === 'all' ? 'get set rotate' : (rights[kind] ?? '')
      const found = (['get', 'set', 'rotate', 'share', 'destroy'] as const).filter((operation) =>
        allowed(role, [kind], operation),
      )
      expect([kind, found.join(' ')]).toEqual([kind, wanted])
    }
  })

  it('[T26] lets only system_admin read the audit trail, and nobody operate', () => {
    const audits = Object.keys(expected).filter((role) => rules().onVault({ id: 'x', roles: [role] }, 'audit'))
    expect(audits).toEqual(['system_admin'])
    expect(Object.keys(expected).some((role) => rules().onVault({ id: 'x', roles: [role] }, 'operate'))).toBe(false)
  })

  it('[T28] keeps developers from production, whatever else a secret is tagged', () => {
    expect(allowed('developer', ['test_environment', 'production'], 'get')).toBe(false)
    expect(allowed('developer', ['development_secrets', 'production'], 'get')).toBe(false)
  })
})
