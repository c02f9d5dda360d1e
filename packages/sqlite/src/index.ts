// The public entry of @mcpvault/sqlite.
export type { SqliteDatabase, SqliteDriver, SqliteStatement, SqliteValue } from './client.ts'
export type { MigrationReport } from './migrate.ts'
export { type SqliteSource, type SqliteStore, type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts'
