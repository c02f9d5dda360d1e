// Whether a database is fit for the store: this release's schema, UTF-8, and commits that are on the disk.
import { VaultError } from '@mcpvault/core'
import { requireMigrations } from '@mcpvault/core/adapter'
import type { Connection } from './client.ts'
import { migrations } from './schema.ts'
import type { Statements } from './statements.ts'

export interface Inspection {
  readonly sql: Statements
  readonly durability: 'strict' | 'best-effort'
}

type SettingsRow = readonly [
  encoding?: string | undefined,
  fsync?: string | undefined,
  synchronousCommit?: string | undefined,
]
type InspectRow = readonly [
  encoding: string,
  fsync: string,
  synchronousCommit: string,
  checksums: Readonly<Record<string, string>> | null,
]

/** Throws unless the schema is exactly this release's and the server fit for it: one round trip for all of it. */
export async function inspectDatabase(connection: Connection, { sql, durability }: Inspection): Promise<void> {
  const [[encoding, fsync, synchronousCommit, checksums] = []] = await connection.rows<InspectRow>(sql.inspect)
  const steps = Object.entries(checksums ?? {})
  requireMigrations(migrations, new Map(steps.map(([version, checksum]) => [Number(version), checksum])))
  requireSettings([encoding, fsync, synchronousCommit], durability)
}

/** Throws unless the server is fit for a schema. */
export async function inspectServer(connection: Connection, { sql, durability }: Inspection): Promise<void> {
  const [settings = []] = await connection.rows<SettingsRow>(sql.settings)
  requireSettings(settings, durability)
}

// Roles and pools have settings of their own, so each process looks at those that it has.
function requireSettings(
  [encoding, fsync, synchronousCommit]: SettingsRow,
  durability: Inspection['durability'],
): void {
  if (encoding !== 'UTF8') {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'pool',
      detail: 'must lead to a database whose encoding is UTF8, so that every name can be stored.',
    })
  }
  if (durability === 'best-effort' || (fsync === 'on' && synchronousCommit !== 'off')) return
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'durability',
    detail: "must be 'best-effort' for a server that acknowledges commits before they are on its disk.",
  })
}
