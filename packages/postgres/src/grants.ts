// The rights of the roles that a vault runs as: what an application needs and nothing more, and what operators need.
import { ownOptions } from '@mcpvault/core/adapter'
import { identifier } from './names.ts'
import { putRoutine } from './put-routine.ts'
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
}

/**
 * The statements that give a role its rights, for the owner of the schema to run after `migrate`. They can be run
 * again. No role is given the right to remove audit rows, or to change the schema.
 *
 * @example
 * console.log(grants({ role: 'my_app' }))
 */
export function grants(options: GrantsOptions): string {
  const { role, schema = 'public', kind = 'app' } = ownOptions(options)
  const to = identifier(role)
  const named = (table: string): string => `${identifier(schema)}.${identifier(table)}`
  const all = (names: readonly string[]): string => names.map(named).join(', ')
  const everything = [...tables.ordinary, ...tables.appended, tables.streams, tables.migrations]
  return [
    `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${to};`,
    `REVOKE ALL ON ${all(everything)} FROM ${to};`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${all(tables.ordinary)} TO ${to};`,
    `GRANT SELECT, INSERT ON ${all(tables.appended)} TO ${to};`,
    `GRANT SELECT, INSERT, UPDATE ON ${named(tables.streams)} TO ${to};`,
    `GRANT SELECT ON ${named(tables.migrations)} TO ${to};`,
    `GRANT EXECUTE ON FUNCTION ${named(putRoutine)} TO ${to};`,
    ...(kind === 'operator' ? [`GRANT UPDATE ON ${named('mcpvault_audit')} TO ${to};`] : []),
  ].join('\n')
}
