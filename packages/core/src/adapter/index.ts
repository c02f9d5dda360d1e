// The public entry of @mcpvault/core/adapter: what the stores on databases have in common, for stores of others too.

export { matchesAuditFilter, matchesSecretQuery, ownOptions } from '../contracts/index.ts'
export {
  afterTurn,
  type BackOffOptions,
  backOffMs,
  callSafely,
  type HeartbeatOptions,
  heartbeat,
  untilAborted,
} from '../time/index.ts'
export { type AppendSteps, appendOnce, missingAuditRows, refuseFork } from './append-once.ts'
export { type AuditColumnValues, auditColumnsOf, auditColumnValues } from './audit-columns.ts'
export { type BatchOptions, batchCalls } from './batch.ts'
export { decodeBytesList, decodeWraps, encodeBytesList } from './bytes-list.ts'
export { type GuardedCall, guardCalls } from './calls.ts'
export { type ChangeMessages, changeMessages } from './changes.ts'
export {
  type ClientConnection,
  isLoopbackHost,
  type PlainConnectionOptions,
  warnOfPlainConnections,
} from './connections.ts'
export { allEnvelopes, type EnvelopeOf, oneEnvelope } from './envelopes.ts'
export { refuseOtherClient, type WantedClient } from './given-client.ts'
export { type Inspection, type InspectionOptions, inspectionOf, type LookBefore } from './inspection.ts'
export {
  type KeyService,
  keyServiceProvider,
  type ServiceOpening,
  type ServiceWrap,
  type WrapBinding,
} from './key-service.ts'
export {
  type Migration,
  type MigrationPlan,
  type MigrationReport,
  planMigrations,
  requireMigrations,
} from './migrations.ts'
export { decodeSecretRecord, encodeSecretRecord, type RecordColumns } from './record.ts'
export { type StoreLogger, safeLogger } from './safe-logger.ts'
