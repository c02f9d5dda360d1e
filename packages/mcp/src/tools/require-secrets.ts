// Looks at start-up whether the declared secrets can be used, and reports all that cannot at once.
import { type Principal, type Vault, VaultError } from '@mcpvault/core'
import type { MissingSecret } from '../errors.ts'
import { type HowToStore, missingError, reasonIn } from '../missing.ts'
import { type ParsedDeclaration, parseDeclarations, type SecretDeclarations } from './declarations.ts'

export interface RequireSecretsOptions {
  /** For whom the server runs, as over stdio; for a server of many users the account of the service. */
  readonly principal: Principal
  /** The declarations of one tool or of several. Optional ones are not asked for. */
  readonly secrets: SecretDeclarations | readonly SecretDeclarations[]
  /** Said after each missing secret, such as the address of a settings page. */
  readonly howToStore?: HowToStore
  readonly signal?: AbortSignal
}

/**
 * Checks that the declared secrets can be used. Nothing is decrypted, so fields are not looked at. Throws
 * `MCP_SECRET_MISSING`, whose message and `missing` have every secret that cannot be used; what else it throws is what
 * `scope.require` throws.
 *
 * @example
 * ```ts
 * await requireSecrets(vault, { principal: { id: 'alice' }, secrets: { token: 'github', api_key: 'search' } })
 * ```
 */
export async function requireSecrets(vault: Vault, options: RequireSecretsOptions): Promise<void> {
  const { principal, secrets, howToStore, signal } = options
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  const wanted = given.flatMap((each) => parseDeclarations(each)).filter(({ need }) => need === 'required')
  if (wanted.length > maxSecrets) {
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'secrets', detail: 'must be at most 1,000.' })
  }
  const session = vault.as(principal)
  const missing: MissingSecret[] = []
  for (const { owner, server, declarations } of byScope(wanted, principal.id)) {
    const report = await session.scope({ owner, server }).require([...declarations.keys()], { signal })
    for (const [name, { key }] of declarations) {
      const reason = reasonIn(report, name)
      if (reason !== undefined) missing.push({ key, owner, server, name, reason })
    }
  }
  if (missing.length > 0) throw missingError(missing, { principalId: principal.id, howToStore })
}

const maxSecrets = 1_000

interface ScopeDeclarations {
  readonly owner: string
  readonly server: string
  /** By name: several tools may declare the same secret. */
  readonly declarations: Map<string, ParsedDeclaration>
}

function byScope(declarations: readonly ParsedDeclaration[], self: string): readonly ScopeDeclarations[] {
  const scopes = new Map<string, ScopeDeclarations>()
  for (const each of declarations) {
    const { server, owner = self } = each
    const id = JSON.stringify([owner, server])
    const scope = scopes.get(id) ?? { owner, server, declarations: new Map() }
    if (!scope.declarations.has(each.name)) scope.declarations.set(each.name, each)
    scopes.set(id, scope)
  }
  return [...scopes.values()]
}
