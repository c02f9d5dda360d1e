// The public entry of @mcpvault/core/adapter: what the stores on databases have in common, for stores of others too.

export { type HeartbeatOptions, heartbeat, untilAborted } from '../time/index.ts'
export { type AuditColumnValues, auditColumnsOf, auditColumnValues } from './audit-columns.ts'
export { backOffMs } from './back-off.ts'
export { type GuardedCall, guardCalls } from './calls.ts'
export {
  type Migration,
  type MigrationPlan,
  type MigrationReport,
  planMigrations,
  requireMigrations,
} from './migrations.ts'
export { missingAuditRows } from './missing-rows.ts'
export {
  decodeBytesList,
  decodeSecretRecord,
  encodeBytesList,
  encodeSecretRecord,
  type RecordSurroundings,
} from './record.ts'
