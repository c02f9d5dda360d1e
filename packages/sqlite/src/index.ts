// The public entry of @mcpvault/sqlite.
export type { MigrationReport } from '@mcpvault/core/adapter'
export type { SqliteDatabase, SqliteDriver, SqliteStatement, SqliteValue } from './client.ts'
export { backupSqliteFile, restoreSqliteFile, type SqliteFileCopy } from './restore.ts'
export { type SqliteSource, type SqliteStore, type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts'
