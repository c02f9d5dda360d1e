// Events for tests: one with every field, and the names that every body has.
import type { AuditRecord } from '../../src/audit/log/event.ts'
import type { AuditEvent } from '../../src/contracts/index.ts'
import { event, streamId } from './support.ts'

/** The names that audit records commonly share. */
export const tenNames = [
  'timestamp',
  'event_type',
  'user_id',
  'secret_name',
  'operation',
  'source_ip',
  'user_agent',
  'success',
  'encryption_key_version',
  'correlation_id',
]

export const at = new Date('2026-01-01T00:00:00.000Z')

/** A record of the plainest event. */
export const record: AuditRecord = { event, at, stream: streamId(1), sequence: 5 }

/** An event with every field set. */
export const fullEvent: AuditEvent = {
  action: 'secret.shared',
  outcome: 'denied',
  operation: 'share',
  principal: 'alice',
  roles: ['developer'],
  owner: 'alice',
  server: 'github',
  name: 'token',
  secretId: 'id-1',
  version: 3,
  grantee: 'bob',
  count: 2,
  errorCode: 'VAULT_ACCESS_DENIED',
  keyId: 'main#2',
  envelopeDigest: 'ab'.repeat(32),
  sourceIp: '192.0.2.1',
  userAgent: 'agent/1.0',
  correlationId: 'call-1',
  deploymentId: 'eu-1',
  reason: 'rotation',
  durationMs: 1.25,
  keyAgeMs: 600_000,
  hidden: true,
}
