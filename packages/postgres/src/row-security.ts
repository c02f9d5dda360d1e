// Row level security: policies that show a principal its own and its shared rows, whatever a query asks for.
import { identifier } from './names.ts'
import { holdsRoutine } from './routines.ts'
import { tables } from './schema.ts'

/** The principal of a transaction is a setting of it. Without the setting this is NULL, and matches no row. */
const me = "current_setting('mcpvault.principal', true)"

interface PolicyOf {
  readonly table: string
  readonly name: string
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  readonly using?: string
  readonly check?: string
}

/** What a principal's transaction appends: its own events, and the vault's own about no secret, which open a stream. */
const mayRecord = `principal = ${me} OR (principal = 'mcpvault' AND owner IS NULL)`

/**
 * The statements that switch row security on. They can be run again. The owner of the tables is not held to it, and
 * neither is a role with BYPASSRLS: such a role does the work of operators. A table without a policy shows and takes no
 * row at all: data keys, streams, checkpoints, locks and the values of the vault are no principal's.
 */
export function rowSecurity(schema: string): readonly string[] {
  const inSchema = identifier(schema)
  const holds = (permissions: string, secret = 'secret'): string =>
    `${inSchema}.${holdsRoutine}(${secret}, '{${permissions}}')`
  const own = `owner = ${me}`
  const policies: readonly PolicyOf[] = [
    { table: 'secrets', name: 'manage_own', command: 'ALL', using: own, check: own },
    { table: 'secrets', name: 'view_shared', command: 'SELECT', using: holds('read,write,admin', 'key') },
    {
      table: 'secrets',
      name: 'write_shared',
      command: 'UPDATE',
      using: holds('write,admin', 'key'),
      check: holds('write,admin', 'key'),
    },
    { table: 'secrets', name: 'destroy_shared', command: 'DELETE', using: holds('admin', 'key') },
    ...['versions', 'tags'].flatMap((table): PolicyOf[] => [
      { table, name: 'manage_own', command: 'ALL', using: own, check: own },
      { table, name: 'view_shared', command: 'SELECT', using: holds('read,write,admin') },
      { table, name: 'write_shared', command: 'ALL', using: holds('write,admin'), check: holds('write,admin') },
    ]),
    { table: 'grants', name: 'manage_own', command: 'ALL', using: own, check: own },
    { table: 'grants', name: 'view_own_permissions', command: 'SELECT', using: `principal = ${me}` },
    { table: 'grants', name: 'administer_shared', command: 'ALL', using: holds('admin'), check: holds('admin') },
    { table: 'audit', name: 'view_own_logs', command: 'SELECT', using: `principal = ${me} OR owner = ${me}` },
    { table: 'audit', name: 'add_logs', command: 'INSERT', check: mayRecord },
  ]
  return [
    ...[...tables.ordinary, ...tables.appended, tables.streams].map(
      (table) => `ALTER TABLE ${inSchema}.${identifier(table)} ENABLE ROW LEVEL SECURITY`,
    ),
    ...policies.flatMap(({ table, name, command, using, check }) => [
      `DROP POLICY IF EXISTS ${name} ON ${inSchema}.mcpvault_${table}`,
      `CREATE POLICY ${name} ON ${inSchema}.mcpvault_${table} FOR ${command}` +
        `${using === undefined ? '' : ` USING (${using})`}${check === undefined ? '' : ` WITH CHECK (${check})`}`,
    ]),
  ]
}
