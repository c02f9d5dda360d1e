// Columns: projections of bodies, and rows read back.
import { describe, expect, it } from 'vitest'
import { columnsMatch, decodeRow, eventColumns, readRow } from '../../src/audit/log/columns.ts'
import { encodeEvent } from '../../src/audit/log/event.ts'
import type { AuditEvent } from '../../src/contracts/index.ts'
import { at, fullEvent, record } from './events.ts'
import { streamId } from './support.ts'

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

  it('refuse a body of another place or of none, today and tomorrow', () => {
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
      const detail = expect.stringContaining('holds no event')
      const refusal = { code: 'VAULT_STORE_FAILED', retryable: false, detail }
      expect(() => decodeRow(moved)).toThrowError(expect.objectContaining(refusal))
    }
  })
})
