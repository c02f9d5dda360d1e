// Brings a schema to this release's, once, also when several processes try at the same time.
import { type MigrationReport, planMigrations } from '@mcpvault/core/adapter'
import type { Connection } from './client.ts'
import { isPathOf, routines, searchPathOf } from './routines.ts'
import { createMigrations, migrations } from './schema.ts'
import type { Statements } from './statements.ts'

export interface MigrateOptions {
  readonly sql: Statements
  readonly schema: string
}

// The two numbers of the advisory lock: they spell "mcpv" and "migr".
const lockKeys = [0x6d_63_70_76, 0x6d_69_67_72] as const

/** Takes the missing steps, within a transaction of the connection. Others wait for it for at most a minute. */
export async function migrateSchema(connection: Connection, { sql, schema }: MigrateOptions): Promise<MigrationReport> {
  await connection.rows(sql.lockTimeout)
  await connection.rows(sql.migrationLock, lockKeys)
  // Making a schema takes a right that an application seldom has, so one that is there is left alone.
  if ((await connection.rows(sql.hasSchema, [schema])).length === 0) await connection.rows(sql.createSchema)
  await connection.rows(sql.searchPath, [searchPathOf(schema)])
  await connection.rows({ text: createMigrations })
  const stored = await connection.rows<readonly [version: number, checksum: string]>(sql.migrations)
  const { missing, report } = planMigrations(migrations, new Map(stored))
  for (const { version, name, text, checksum } of missing) {
    await connection.rows({ text })
    await connection.rows(sql.insertMigration, [version, name, checksum])
  }
  // A schema that was renamed, or restored under another name, has routines that look for the old one.
  const [[paths] = []] = await connection.rows<readonly [paths?: Readonly<Record<string, string>>]>(sql.paths, [schema])
  for (const { name, create } of routines) if (!isPathOf(schema, paths?.[name])) await connection.rows({ text: create })
  return report
}
