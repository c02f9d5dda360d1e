// Chapter 3: carol has stored nothing. She is asked by a link, and the call that she made goes on.
import { browserOf } from '../browser.mjs'

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./stage.mjs').Cast} cast
 */
export async function askInTheBrowser({ narrator, expect, tokens, logins }, { connect }) {
  narrator.chapter('A user without a token is asked in the browser')
  const carol = await connect('carol', { openLink })
  const answer = await carol.call('whoami')
  expect.equal(answer.text, 'carol', 'the call of carol goes on with the token that she typed in')
  narrator.good('the same call goes on', answer.text)

  const all = carol.heard.join('\n')
  expect.equal(all.includes('/connect/'), true, 'the client of carol got a link')
  expect.equal(all.includes(tokens.carol), false, 'no message to the client of carol holds her token')
  await carol.close()

  /** @param {string} link */
  async function openLink(link) {
    narrator.fact('carol whoami', 'has no token: her client gets a link, the call waits')
    const other = await browserOf({ login: logins.alice }).open(link)
    expect.equal(other.status, 403, 'nobody else can open the link of carol')
    narrator.fact('alice opens the link', `refused with ${other.status}: it is for carol`)

    const browser = browserOf({ login: logins.carol })
    expect.equal(await browser.typeIn(link, tokens.carol), 200, 'carol can store her token on the page')
    narrator.fact('carol types it in', 'on a page of the vault; no model and no client sees it')
    expect.equal((await browser.open(link)).status, 410, 'a link works once')
  }
}
