// Brings a database to this release's schema, once, also when several processes try at the same time.
import { createHash } from 'node:crypto'
import { VaultError } from '@mcpvault/core'
import type { Client } from './client.ts'
import { isSchemaMissing } from './errors.ts'
import { createMigrations, type Migration, migrations } from './schema.ts'
import { sql } from './statements.ts'
import { transact } from './transact.ts'

/** What `migrate` did. */
export interface MigrationReport {
  /** The schema's version now. */
  readonly version: number
  /** The versions of the steps that this call took; none when the schema was there already. */
  readonly applied: readonly number[]
}

/** Takes the missing steps in one transaction. */
export function migrateSchema(client: Client, now: Date): MigrationReport {
  if (client.get(sql.encoding)?.[0] !== 'UTF-8') {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      detail: 'The database must be encoded in UTF-8.',
      field: 'database',
    })
  }
  return transact(client, { body: () => takeMissingSteps(client, now) })
}

function takeMissingSteps(client: Client, now: Date): MigrationReport {
  client.exec(createMigrations)
  const stored = new Map(client.all(sql.migrations))
  refuseNewer(stored.keys())
  const applied: number[] = []
  for (const { version, name, sql: text } of migrations) {
    const checksum = checksumOf(text)
    const before = stored.get(version)
    if (before === checksum) continue
    if (before !== undefined) {
      throw new VaultError('VAULT_CONFIG_INVALID', {
        detail: 'A migration that this database had is not the one of this release.',
      })
    }
    client.exec(text)
    client.run(sql.insertMigration, version, name, checksum, now.getTime())
    applied.push(version)
  }
  return { version: latestVersion(migrations), applied }
}

/** Throws unless the database has exactly this release's schema. */
export function requireSchema(client: Client): void {
  const stored = new Map(storedMigrations(client))
  refuseNewer(stored.keys())
  for (const { version, sql: text } of migrations) {
    if (stored.get(version) !== checksumOf(text)) throw new VaultError('VAULT_STORE_NOT_READY')
  }
}

function storedMigrations(client: Client): readonly (readonly [number, string])[] {
  try {
    return client.all(sql.migrations)
  } catch (error) {
    if (isSchemaMissing(error)) return []
    throw error
  }
}

function refuseNewer(versions: Iterable<number>): void {
  const known = latestVersion(migrations)
  for (const version of versions) {
    if (version <= known) continue
    throw new VaultError('VAULT_STORE_NOT_READY', { detail: 'A newer release made this schema. Update the package.' })
  }
}

function latestVersion(steps: readonly Migration[]): number {
  return steps.at(-1)?.version ?? 0
}

function checksumOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
