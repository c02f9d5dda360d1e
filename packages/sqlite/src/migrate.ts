// Brings a database to this release's schema, once, also when several processes try at the same time.
import { type MigrationReport, planMigrations, requireMigrations } from '@mcpvault/core/adapter'
import type { Client } from './client.ts'
import { isSchemaMissing } from './errors.ts'
import { createMigrations, migrations } from './schema.ts'
import { sql } from './statements.ts'
import { transact } from './transaction.ts'

/** Takes the missing steps in one transaction. */
export function migrateSchema(client: Client, now: Date): MigrationReport {
  return transact(client, { run: () => takeMissingSteps(client, now) })
}

function takeMissingSteps(client: Client, now: Date): MigrationReport {
  client.exec(createMigrations)
  const { missing, report } = planMigrations(migrations, new Map(client.all(sql.migrations)))
  for (const { version, name, text, checksum } of missing) {
    client.exec(text)
    client.run(sql.insertMigration, version, name, checksum, now.getTime())
  }
  return report
}

/** Throws unless the database has exactly this release's schema. */
export function requireSchema(client: Client): void {
  requireMigrations(migrations, new Map(storedMigrations(client)))
}

function storedMigrations(client: Client): readonly (readonly [number, string])[] {
  try {
    return client.all(sql.migrations)
  } catch (error) {
    if (isSchemaMissing(error)) return []
    throw error
  }
}
