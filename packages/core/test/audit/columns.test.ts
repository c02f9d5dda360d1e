import { describe, expect, it } from 'vitest'
import { columnsMatch, decodeRow, eventColumns, readRow } from '../../src/audit/columns.ts'
import { type AuditRecord, encodeEvent } from '../../src/audit/event.ts'
import type { AuditEvent } from '../../src/contracts/index.ts'
import { codeOf, event, streamId } from './support.ts'

const _tenNames = [
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

function _textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8')
}

function _bytesOf(fields: unknown): Buffer {
  return Buffer.from(JSON.stringify(fields))
}

describe('columns', () => {
  const row = { stream: record.stream, sequence: 5, mac: Buffer.alloc(32), body: encodeEvent(record) }

  it('are what the event says, and absent where it says nothing', () => {
    expect(eventColumns({ event: fullEvent, at })).toEqual({
      at,
      action: 'secret.shared',
      outcome: 'denied',
      principal: 'alice',
      owner: 'alice',
      server: 'github',
      name: 'token',
      secretId: 'id-1',
      correlationId: 'call-1',
    })
    const bare: AuditEvent = { action: 'audit.opened', outcome: 'allowed', operation: 'open', principal: 'mcpvault' }
    expect(Object.keys(eventColumns({ event: bare, at }))).toEqual(['at', 'action', 'outcome', 'principal'])
  })

  it.each([
    ['at', new Date(0)],
    ['action', 'secret.listed'],
    ['outcome', 'allowed'],
    ['principal', 'mallory'],
    ['owner', 'mallory'],
    ['server', undefined],
    ['name', 'other'],
    ['secretId', undefined],
    ['correlationId', 'other'],
  ])('do not match when %s differs', (field, value) => {
    const columns = eventColumns({ event: fullEvent, at })
    expect(columnsMatch({ event: fullEvent, at }, columns)).toBe(true)
    expect(columnsMatch({ event: fullEvent, at }, { ...columns, [field]: value } as never)).toBe(false)
  })

  it('give the event of a row back', () => {
    expect(decodeRow({ ...row, columns: eventColumns(record) })).toEqual(record)
  })

  it('refuse a body of another place or of none', async () => {
    const columns = eventColumns(record)
    const others = [
      { sequence: 6 },
      { stream: streamId(2) },
      { body: Buffer.from('{}') },
      { body: Buffer.from([0xff]) },
    ]
    for (const other of others) {
      const moved = { ...row, columns, ...other }
      expect(readRow(moved)).toBeUndefined()
      expect(await codeOf(Promise.resolve().then(() => decodeRow(moved)))).toBe('VAULT_STORE_FAILED')
    }
  })
})
