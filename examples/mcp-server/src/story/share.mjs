// Chapter 5: alice shares one secret with bob, and what she does not share looks absent to him.
import { serverName } from '../tools.mjs'

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./stage.mjs').Cast} cast
 */
export async function shareOneSecret({ narrator, expect }, { bob, vault }) {
  narrator.chapter('Sharing one secret, and no other')

  const before = await bob.call('read_board', { owner: 'alice' })
  expect.equal(before.ok, false, 'bob cannot use the key before it is shared')
  narrator.fact('bob read_board', codeOf(before))

  const alice = vault.as({ id: 'alice' }).scope({ server: serverName })
  const grant = await alice.share('board_key', { with: 'bob', permission: 'read' })
  expect.equal(grant?.permission, 'read', 'the share is stored')
  narrator.fact('alice shares', 'board_key with bob, to read')

  const after = await bob.call('read_board', { owner: 'alice' })
  expect.equal(after.ok, true, 'bob can use what is shared')
  narrator.good('bob read_board', after.text)

  const refused = await bob.call('read_invoices', { owner: 'alice' })
  const absent = await bob.call('read_invoices', { owner: 'nobody' })
  expect.equal(refused.ok, false, 'bob cannot use what is not shared')
  expect.equal(refused.text, absent.text, 'what may not be known of looks absent')
  narrator.fact('bob read_invoices', codeOf(refused))
}

/**
 * What a refusal begins with; the rest of it says what to do.
 *
 * @param {{ text: string }} answer
 */
function codeOf({ text }) {
  return `refused, ${text.split(':')[0]}`
}
