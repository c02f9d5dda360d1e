// Chapter 5: the audit trail of all of that, and the proof that it is whole.
import { keyFromFile } from '@mcpvault/core'
import { openVault } from '../open-vault.mjs'

const shown = ['secret.created', 'secret.shared', 'secret.accessed']

/**
 * Shows the trail and returns the record of the refused read.
 *
 * @param {import('./stage.mjs').Stage} stage
 */
export async function showTrail({ narrator, expect, databasePath, keyPath }) {
  narrator.chapter('The audit trail')
  const { vault, operator, close } = openVault({ databasePath, keys: keyFromFile(keyPath) })

  const { items } = await vault.as(operator).auditLog({ limit: 1_000 })
  const records = items.filter(({ event }) => shown.includes(event.action)).reverse()
  narrator.table([['principal', 'event', 'secret', 'outcome', 'times'], ...countRepeats(records.map(cellsOf))])

  const denied = records.filter(({ event }) => event.outcome === 'denied' && event.owner === 'alice')
  expect.equal(denied.length, 2, 'the trail knows both refusals')
  const named = records.every(({ event }) => event.correlationId !== undefined)
  expect.equal(named, true, 'each event names its call')

  const report = await vault.operator(operator).verifyAudit()
  expect.equal(report.ok, true, 'the trail verifies')
  narrator.fact('verifyAudit()', `ok: ${report.events} events of ${report.streams} writers, every one as written`)
  await close()
  const refused = denied.find(({ event }) => event.name === 'billing_key')
  if (refused === undefined) throw new Error('The demo expected the refused read in the trail.')
  return refused
}

/** @param {import('@mcpvault/core').AuditRecord} record */
function cellsOf({ event }) {
  return [event.principal, event.action, `${event.owner}/${event.name}`, event.outcome]
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
