// Chapter 4: a server that knows no vault gets the token of its one user, and nothing else, in its environment.
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../env-server.mjs', import.meta.url))

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./stage.mjs').Cast} cast
 */
export async function runUnchanged({ narrator, expect }, { connectStdio }) {
  narrator.chapter('A server that nobody can change, started with one secret')
  const alice = await connectStdio('alice', { program: 'run.mjs', args: [process.execPath, program] })
  const { text } = await alice.call('whoami')
  expect.equal(text, 'alice', 'the server has the token of alice')
  narrator.good('alice whoami', `${text}, by ISSUES_TOKEN in its environment`)

  const names = (await alice.call('variables')).text.split(' ')
  expect.equal(names.includes('ISSUES_TOKEN'), true, 'the token is in the environment')
  const hasKey = names.some((name) => name.startsWith('MCPVAULT_KEY'))
  expect.equal(hasKey, false, 'no key of the vault is in the environment of the child')
  narrator.fact('key of the vault', 'not in its environment')
  // Its process has written its last events when it ends.
  await alice.close()
}
