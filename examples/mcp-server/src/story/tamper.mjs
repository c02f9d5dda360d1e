// Chapter 8: someone writes to the database file. One event and one secret change, and both are found.
import { isVaultError, keyFromFile } from '@mcpvault/core'
import { changeOnDisk } from '../bytes-on-disk.mjs'
import { openVault } from '../open-vault.mjs'
import { serverName } from '../tools.mjs'
import { readEnvelope } from './envelope.mjs'

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('@mcpvault/core').AuditRecord} record
 */
export async function tamper({ narrator, expect, databasePath, keyPath }, record) {
  narrator.chapter('Someone edits the database file')

  const place = `"stream":"${record.stream}","sequence":${record.sequence},"outcome":`
  const changedEvents = changeOnDisk(databasePath, {
    before: Buffer.from(`${place}"denied"`),
    after: Buffer.from(`${place}"absent"`),
  })
  expect.equal(changedEvents > 0, true, 'the event could be edited')
  narrator.fact('edited', `event ${record.sequence} of stream ${record.stream.slice(0, 8)}: no longer "denied"`)

  const envelope = await readEnvelope(databasePath)
  const forged = Buffer.from(envelope)
  forged[100] = (forged[100] ?? 0) ^ 1
  const changedSecrets = changeOnDisk(databasePath, { before: envelope, after: forged })
  expect.equal(changedSecrets > 0, true, 'the secret could be edited')
  narrator.fact('edited', 'one bit of the sealed token of alice')

  const { vault, operator, close } = openVault({ databasePath, keys: keyFromFile(keyPath) })
  const report = await vault.operator(operator).verifyAudit()
  const [found] = report.problems
  const isNamed = found?.problem === 'mac' && found.stream === record.stream && found.sequence === record.sequence
  expect.equal(report.problemCount, 1, 'one event is wrong, and all others hold')
  expect.equal(isNamed, true, 'the edited event is named')
  narrator.bad('verifyAudit()', `NOT ok: event ${record.sequence} of stream ${record.stream.slice(0, 8)} was altered`)

  const code = await codeOf(vault.as({ id: 'alice' }).scope({ server: serverName }).get('token'))
  expect.equal(code, 'VAULT_OPEN_FAILED', 'the edited secret is refused')
  narrator.bad("alice get('token')", `${code}: no byte of it is handed out`)
  await close()
}

/**
 * @param {Promise<unknown>} work
 * @returns {Promise<string | undefined>} the code that it failed with
 */
async function codeOf(work) {
  try {
    await work
    return undefined
  } catch (error) {
    if (isVaultError(error)) return error.code
    throw error
  }
}
