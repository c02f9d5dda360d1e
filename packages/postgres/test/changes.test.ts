// Messages of changes come over as they were sent, and what is no message is nothing.
import { expect, test } from 'vitest'
import { changeMessages } from '../src/changes.ts'

const messages = changeMessages()
const other = changeMessages()

test.each([
  { kind: 'everything' },
  { kind: 'dataKey', scope: { kind: 'values', owner: 'alice "a" \\ 🔑', server: 'github' } },
  { kind: 'dataKey', scope: { kind: 'audit', owner: '', server: '' } },
] as const)('%j is understood by another process, and left out by its own', (change) => {
  expect(other.parse(messages.format(change))).toEqual(change)
  expect(messages.parse(messages.format(change))).toBeUndefined()
})

test('a message of the longest names fits into a notification', () => {
  const name = '"'.repeat(256)
  const message = messages.format({ kind: 'dataKey', scope: { kind: 'values', owner: name, server: name } })
  expect(Buffer.byteLength(message)).toBeLessThan(8_000)
})

test.each([
  '',
  'text',
  '{}',
  'null',
  '[]',
  '["origin"]',
  '[1, {"kind": "everything"}]',
  '["origin", null]',
  '["origin", {"kind": "secret"}]',
  '["origin", {"kind": "dataKey"}]',
  '["origin", {"kind": "dataKey", "scope": null}]',
  '["origin", {"kind": "dataKey", "scope": {"kind": "values", "owner": "alice"}}]',
  '["origin", {"kind": "dataKey", "scope": {"kind": "other", "owner": "alice", "server": "github"}}]',
])('%s is no message', (text) => {
  expect(messages.parse(text)).toBeUndefined()
})
