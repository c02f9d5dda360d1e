// Chapter 7: the audit trail of all of that, and the proof that it is whole.
import { keyFromFile } from '@mcpvault/core'
import { openVault } from '../open-vault.mjs'

/**
 * Shows the trail and returns the record of the refused read.
 *
 * @param {import('./stage.mjs').Stage} stage
 */
export async function showTrail({ narrator, expect, databasePath, keyPath }) {
  narrator.chapter('The audit trail')
  const { vault, operator, close } = openVault({ databasePath, keys: keyFromFile(keyPath) })

  const report = await vault.operator(operator).verifyAudit()
  expect.equal(report.ok, true, 'the trail verifies')
  const { items } = await vault.as(operator).auditLog({ limit: 1_000 })
  // The newest are about this look at the trail, and came after what was verified.
  const records = items.slice(items.length - report.events).reverse()
  expect.equal(records.length, report.events, 'every event that was verified is shown')
  narrator.table([['principal', 'event', 'secret', 'outcome', 'times'], ...countRepeats(records.map(cellsOf))])
  narrator.good('verifyAudit()', `ok: all ${report.events} events are as they were written`)

  const denied = records.filter(({ event }) => event.outcome === 'denied' && event.owner === 'alice')
  expect.equal(denied.length, 2, 'the trail knows both refusals')
  const named = records.every(({ event }) => event.principal === 'mcpvault' || event.correlationId !== undefined)
  expect.equal(named, true, 'each event of a user names its call')
  await close()
  const refused = denied.find(({ event }) => event.name === 'billing_key')
  if (refused === undefined) throw new Error('The demo expected the refused read in the trail.')
  return refused
}

/** @param {import('@mcpvault/core').AuditRecord} record */
function cellsOf({ event }) {
  const { principal, action, owner, name = '*', outcome } = event
  // The page keeps a record of each link, by which it works once.
  if (principal === 'links') return [principal, 'all events', 'links/*', '-']
  if (owner === undefined) return [principal, action, '-', outcome]
  return [principal, action, action === 'key.generated' ? 'each owner' : `${owner}/${name}`, outcome]
}

/**
 * Equal rows as one, with their number, in the order of their first.
 *
 * @param {readonly (readonly string[])[]} rows
 */
function countRepeats(rows) {
  /** @type {Map<string, { row: readonly string[], times: number }>} */
  const counted = new Map()
  for (const row of rows) {
    const key = row.join('\n')
    counted.set(key, { row, times: (counted.get(key)?.times ?? 0) + 1 })
  }
  return [...counted.values()].map(({ row, times }) => [...row, `${times}`])
}
