// The rights of the roles that a vault runs as: what each needs and nothing more.
import { ownOptions } from '@mcpvault/core/adapter'
import { identifier } from './names.ts'
import { putRoutine } from './put-routine.ts'
import { replaceRoutine } from './replace-routine.ts'
import { holdsRoutine } from './routines.ts'
import { tables } from './schema.ts'

export interface GrantsOptions {
  /** The role that the rights are given to. It exists already. */
  readonly role: string
  /** Default `public`. */
  readonly schema?: string
  /**
   * `app` reads and writes secrets, and adds audit rows, which it can neither change nor remove. `operator` may also
   * replace the names in an audit row, which erasing a user with `pseudonymise` does. Default `app`.
   */
  readonly kind?: 'app' | 'operator'
  /**
   * For the role of `pool` of a store with `rls`, which serves principals alone: it then has no right on data keys,
   * checkpoints, locks and the vault's own values, which are the work of `operatorPool`. Default false.
   */
  readonly rls?: boolean
}

/** The columns that the store changes. What a row is of, its key and its place, stays as it was inserted. */
const changed = Object.freeze({
  mcpvault_secrets: `id, revision, current_version, state, type, tier, dek_id, created_at, expires_at, last_used_at,
    use_count, record, lists`,
  mcpvault_versions: 'envelope',
  mcpvault_grants: 'permission, granted_by, granted_at, created_at, id',
  mcpvault_tags: 'created_at, id',
  mcpvault_locks: 'holder, ends_at',
  mcpvault_data_keys: 'state, revision, created_at, wraps',
  mcpvault_audit: `at, action, outcome, principal, owner, server, name, secret_id, correlation_id, redaction, body`,
} as const)

const ofSecrets = ['mcpvault_secrets', 'mcpvault_versions', 'mcpvault_grants', 'mcpvault_tags'] as const
const ofVault = ['mcpvault_locks', 'mcpvault_data_keys'] as const

/**
 * The statements that give a role its rights, for the owner of the schema to run after `migrate`. They can be run
 * again. No role is given the right to remove audit rows, to note a stream, or to change the schema.
 *
 * @example
 * console.log(grants({ role: 'my_app' }))
 */
export function grants(options: GrantsOptions): string {
  const { role, schema = 'public', kind = 'app', rls = false } = ownOptions(options)
  const to = identifier(role)
  const inSchema = identifier(schema)
  const allow = (rights: string, table: string): string =>
    `GRANT ${rights} ON ${inSchema}.${identifier(table)} TO ${to};`
  const everything = [...tables.ordinary, ...tables.appended, tables.streams, tables.migrations]
  const isPrincipals = rls && kind === 'app'
  return [
    `GRANT USAGE ON SCHEMA ${inSchema} TO ${to};`,
    `REVOKE ALL ON ${everything.map((table) => `${inSchema}.${identifier(table)}`).join(', ')} FROM ${to};`,
    ...[...ofSecrets, ...(isPrincipals ? [] : ofVault)].map((table) =>
      allow(`SELECT, INSERT, UPDATE (${changed[table]}), DELETE`, table),
    ),
    allow(`SELECT, INSERT${kind === 'operator' ? `, UPDATE (${changed.mcpvault_audit})` : ''}`, 'mcpvault_audit'),
    ...(isPrincipals
      ? []
      : [
          allow('SELECT, INSERT', 'mcpvault_meta'),
          allow('SELECT, INSERT', 'mcpvault_checkpoints'),
          allow('SELECT', tables.streams),
        ]),
    allow('SELECT', tables.migrations),
    ...[putRoutine, holdsRoutine, ...(isPrincipals ? [] : [replaceRoutine])].map(
      (name) => `GRANT EXECUTE ON FUNCTION ${inSchema}.${name} TO ${to};`,
    ),
  ].join('\n')
}
