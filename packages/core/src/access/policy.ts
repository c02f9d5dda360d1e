// Roles: a policy is checked and copied once, and then answers which level its rules give.
import {
  ownOptions,
  type Policy,
  type PolicyRule,
  type Principal,
  type RuleAction,
  type SecretFacts,
} from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type AccessLevel, higherLevel } from './levels.ts'

/** What a principal's roles give it. */
export interface RoleAccess {
  readonly level: AccessLevel
  /** The level of the rules without conditions on tags, type or tier, which can change. */
  readonly lasting: AccessLevel
  readonly mayRotate: boolean
}

/** A checked policy. */
export interface RoleRules {
  /** What the roles of `principal` allow on one secret. Unknown roles allow nothing. */
  onSecret(principal: Principal, secret: SecretFacts): RoleAccess
  /** Whether the roles of `principal` could allow anything on some secret. */
  onAnySecret(principal: Principal): boolean
  /** Whether the roles of `principal` allow an action on the whole vault. */
  onVault(principal: Principal, action: 'audit' | 'operate'): boolean
}

/** Checks and copies a policy. Throws `VAULT_CONFIG_INVALID` for unknown actions or conditions. */
export function compilePolicy(given: Policy = { roles: {} }): RoleRules {
  const policy = isRecord(given) ? ownOptions(given) : given
  if (!isRecord(policy) || !isRecord(policy.roles)) throw invalid('must be { roles: { name: [rule, ...] } }.')
  if (!hasOnly(policy, ['roles'])) throw invalid('must have no key but roles.')
  const roles = new Map<string, readonly CompiledRule[]>()
  for (const [role, rules] of Object.entries(policy.roles)) {
    if (!Array.isArray(rules)) throw invalid('must have an array of rules for each role.', 'policy.roles')
    roles.set(role, rules.map(compileRule))
  }
  // One list for each role: to join them for each decision would cost more than matching the rules.
  const ruleLists = ({ roles: held = [] }: Principal): readonly (readonly CompiledRule[])[] =>
    held.map((role) => roles.get(role) ?? [])

  return {
    onSecret(principal, secret) {
      let level: AccessLevel = 'none'
      let lasting: AccessLevel = 'none'
      let mayRotate = false
      for (const rules of ruleLists(principal)) {
        for (const rule of rules) {
          if (!rule.matches(secret)) continue
          level = higherLevel(level, rule.level)
          if (rule.lasts) lasting = higherLevel(lasting, rule.level)
          mayRotate ||= rule.actions.has('rotate')
        }
      }
      return { level, lasting, mayRotate }
    },
    onAnySecret: (principal) =>
      ruleLists(principal).some((rules) =>
        rules.some(({ level, actions }) => level !== 'none' || actions.has('rotate')),
      ),
    onVault: (principal, action) =>
      ruleLists(principal).some((rules) => rules.some((rule) => rule.actions.has(action))),
  }
}

interface CompiledRule {
  readonly actions: ReadonlySet<RuleAction>
  readonly level: AccessLevel
  /** Whether it goes on to match a secret, whatever is changed of the secret. */
  readonly lasts: boolean
  matches(secret: SecretFacts): boolean
}

const ruleActions: ReadonlySet<unknown> = new Set(['read', 'write', 'admin', 'rotate', 'audit', 'operate'])
const changeable = ['tags', 'withoutTags', 'types', 'tiers'] as const
const conditions = ['owner', 'server', 'name', ...changeable] as const

const unknownCondition = `must have only rules with the conditions ${conditions.join(', ')}.`

function compileRule(given: PolicyRule): CompiledRule {
  if (!isRecord(given)) throw invalid('must have only rules that are objects with an allow list.', 'policy.roles')
  const rule = ownOptions(given)
  if (!hasOnly(rule, ['allow', ...conditions])) throw invalid(unknownCondition, 'policy.roles')
  const allow: readonly unknown[] = Array.isArray(rule.allow) ? rule.allow : []
  if (allow.length === 0 || !allow.every((action) => ruleActions.has(action))) {
    throw invalid(
      'must have only rules that allow some of read, write, admin, rotate, audit and operate.',
      'policy.roles',
    )
  }
  const actions: ReadonlySet<RuleAction> = new Set(rule.allow)
  const conditional = conditions.some((condition) => rule[condition] !== undefined)
  if (conditional && (actions.has('audit') || actions.has('operate'))) {
    throw invalid(
      'A rule that allows audit or operate concerns the whole vault, so it has no condition.',
      'policy.roles',
    )
  }
  const tests = secretTests(rule)
  const lasts = changeable.every((condition) => rule[condition] === undefined)
  return { actions, level: levelOf(actions), lasts, matches: (secret) => tests.every((test) => test(secret)) }
}

function levelOf(actions: ReadonlySet<RuleAction>): AccessLevel {
  if (actions.has('admin')) return 'admin'
  if (actions.has('write')) return 'write'
  return actions.has('read') ? 'read' : 'none'
}

type SecretTest = (secret: SecretFacts) => boolean

function secretTests(rule: PolicyRule): readonly SecretTest[] {
  const tests: SecretTest[] = []
  for (const part of ['owner', 'server', 'name'] as const) {
    const pattern = rule[part]
    if (pattern === undefined) continue
    const matches = namePattern(pattern)
    tests.push((secret) => matches(secret[part]))
  }
  const { tags, withoutTags, types, tiers } = rule
  if (tags !== undefined) tests.push(anyOf(tags, (secret) => secret.tags))
  if (withoutTags !== undefined) {
    const hasOne = anyOf(withoutTags, (secret) => secret.tags)
    tests.push((secret) => !hasOne(secret))
  }
  if (types !== undefined) tests.push(anyOf(types, (secret) => [secret.type]))
  if (tiers !== undefined) tests.push(anyOf(tiers, (secret) => [secret.tier]))
  return tests
}

function namePattern(pattern: unknown): (text: string) => boolean {
  if (typeof pattern !== 'string' || pattern === '')
    throw invalid('must have a string for each owner, server and name of a rule.', 'policy.roles')
  if (!pattern.endsWith('*')) return (text) => text === pattern
  const prefix = pattern.slice(0, -1)
  return (text) => text.startsWith(prefix)
}

function anyOf<T>(wanted: readonly T[], values: (secret: SecretFacts) => readonly T[]): SecretTest {
  if (!Array.isArray(wanted) || wanted.length === 0)
    throw invalid('must have no empty tags, withoutTags, types or tiers in a rule: each is an array.', 'policy.roles')
  const set: ReadonlySet<T> = new Set(wanted)
  return (secret) => values(secret).some((value) => set.has(value))
}

function hasOnly(value: object, known: readonly string[]): boolean {
  return Object.keys(value).every((key) => known.includes(key))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(detail: string, field = 'policy'): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { detail, field })
}
