// The public entry of the Postgres store.
export type { MigrationReport } from '@mcpvault/core/adapter'
export type { PostgresClient, PostgresPool, PostgresQuery } from './client.ts'
export { type GrantsOptions, grants } from './grants.ts'
export { type PostgresStore, type PostgresStoreOptions, postgresStore } from './postgres-store.ts'
export { type PostgresConfig, type PostgresUrlOptions, postgresUrl } from './url.ts'
