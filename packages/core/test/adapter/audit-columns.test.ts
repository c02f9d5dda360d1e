// The columns of audit rows: as values in one order, and back.
import { fc } from '@mcpvault/testkit/property'
import { expect, it } from 'vitest'
import { auditColumnsOf, auditColumnValues } from '../../src/adapter/index.ts'
import type { AuditColumns } from '../../src/contracts/index.ts'

const all: AuditColumns = {
  at: new Date(1_500),
  action: 'secret.updated',
  outcome: 'denied',
  principal: 'alice',
  owner: 'bob',
  server: 'github',
  name: 'token',
  secretId: 'id',
  correlationId: 'call',
}
const { at, action, outcome, principal } = all
const few: AuditColumns = { at, action, outcome, principal }

it('stand in the order of their type, with null for what is absent', () => {
  expect(auditColumnValues(all)).toEqual([
    1_500,
    'secret.updated',
    'denied',
    'alice',
    'bob',
    'github',
    'token',
    'id',
    'call',
  ])
  expect(auditColumnValues(few)).toEqual([1_500, 'secret.updated', 'denied', 'alice', null, null, null, null, null])
})

it('come back from values with the time as text', () => {
  expect(
    auditColumnsOf(['1500', 'secret.updated', 'denied', 'alice', 'bob', 'github', 'token', 'id', 'call']),
  ).toStrictEqual(all)
})

it('come back as they were, without the names of what is absent', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  const columns = fc.record(
    {
      at: fc.date({ noInvalidDate: true }),
      action: fc.constant(action),
      outcome: fc.constantFrom('allowed' as const, 'denied' as const),
      principal: text,
      owner: text,
      server: text,
      name: text,
      secretId: text,
      correlationId: text,
    },
    { requiredKeys: ['at', 'action', 'outcome', 'principal'] },
  )
  fc.assert(
    fc.property(columns, (each) => {
      expect(auditColumnsOf(auditColumnValues(each))).toStrictEqual({ ...each })
    }),
  )
})
