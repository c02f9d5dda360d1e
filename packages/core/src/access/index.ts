// Access decisions: pure functions of who asks, what for, and what the record and the policy say.
export { hookAllows } from './authorize.ts'
export { type AccessDecision, decideAccess, findGrant } from './decide.ts'
export { examplePolicy } from './example-policy.ts'
export { type AccessLevel, includesLevel, levelNeeded, type SecretOperation } from './levels.ts'
export { compilePolicy, type RoleRules } from './policy.ts'
export type { GrantChange } from './reach.ts'
