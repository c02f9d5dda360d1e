// The JSON Schema of events: it knows every field, and takes records of other systems.
import { describe, expect, it } from 'vitest'
import { auditEventSchema } from '../../src/audit/index.ts'
import { encodeEvent } from '../../src/audit/log/event.ts'
import { fullEvent, record, tenNames } from './events.ts'
import { check } from './json-schema.ts'
import { event } from './support.ts'

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8')
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
    ['key_age_ms', -1],
    ['error_code', 'E_OTHER'],
    ['envelope_digest', 'ab'],
  ])('refuses %s with %j', (name, value) => {
    expect(check(auditEventSchema, { ...foreign, [name]: value })).toEqual([`${name} is wrong`])
  })
})
