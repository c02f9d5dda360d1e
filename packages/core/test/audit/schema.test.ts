import { describe, expect, it } from 'vitest'
import { type AuditRecord, encodeEvent } from '../../src/audit/event.ts'
import { auditEventSchema } from '../../src/audit/index.ts'
import type { AuditEvent } from '../../src/contracts/index.ts'
import { check } from './json-schema.ts'
import { event, streamId } from './support.ts'

const tenNames = [
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

const at = new Date('2026-01-01T00:00:00.000Z')
const record: AuditRecord = { event, at, stream: streamId(1), sequence: 5 }

const fullEvent: AuditEvent = {
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
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8')
}

function _bytesOf(fields: unknown): Buffer {
  return Buffer.from(JSON.stringify(fields))
}

describe('auditEventSchema', () => {
  it('[T50] asks for the ten names and knows every field that is written', () => {
    expect(auditEventSchema.required).toEqual(tenNames)
    for (const shown of [event, fullEvent]) {
      const fields = JSON.parse(textOf(encodeEvent({ ...record, event: shown })))
      expect(check(auditEventSchema, fields)).toEqual([])
      expect(Object.keys(auditEventSchema.properties)).toEqual(expect.arrayContaining(Object.keys(fields)))
    }
  })

  const foreign = {
    timestamp: '2024-01-15T10:30:00Z',
    event_type: 'secret_access',
    user_id: 'user_123',
    secret_name: 'openai_api_key',
    operation: 'decrypt',
    source_ip: '192.0.2.100',
    user_agent: 'mcp-server/1.0',
    success: true,
    encryption_key_version: 2,
    correlation_id: 'req_abc123',
  }

  it('[T50] accepts a record of another system with the ten names', () => {
    expect(check(auditEventSchema, foreign)).toEqual([])
    expect(check(auditEventSchema, { ...foreign, encryption_key_version: 'v2' })).toEqual([])
    expect(check(auditEventSchema, { ...foreign, encryption_key_version: null })).toEqual([])
  })

  it.each(tenNames)('[T50] refuses a record without %s', (name) => {
    const { [name]: _, ...rest } = foreign as Record<string, unknown>
    expect(check(auditEventSchema, rest)).toEqual([`${name} is missing`])
  })

  it.each([
    ['timestamp', 'yesterday'],
    ['event_type', ''],
    ['event_type', 7],
    ['success', 'yes'],
    ['user_id', 7],
    ['encryption_key_version', true],
    ['sequence', -1],
    ['sequence', 1.5],
    ['stream', 'XYZ'],
    ['outcome', 'other'],
    ['roles', [7]],
    ['duration_ms', -1],
    ['error_code', 'E_OTHER'],
    ['envelope_digest', 'ab'],
  ])('refuses %s with %j', (name, value) => {
    expect(check(auditEventSchema, { ...foreign, [name]: value })).toEqual([`${name} is wrong`])
  })
})
