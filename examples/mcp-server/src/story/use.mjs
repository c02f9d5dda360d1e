// Chapter 2: two users call the same tools at the same time, and each acts in their own name.

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./stage.mjs').Cast} cast
 */
export async function useAsTwoUsers({ narrator, expect, tokens, logins }, { alice, bob, api, url }) {
  narrator.chapter('One MCP server over HTTP, two users at the same time')

  const rounds = 10
  const calls = Array.from({ length: rounds }, () => [alice, bob])
    .flat()
    .map(async (who) => ({ who, answer: await who.call('whoami') }))
  for (const { who, answer } of await Promise.all(calls)) {
    expect.equal(answer.text, who.user, 'each user is known to the API by their own token')
  }
  narrator.good(`whoami, ${rounds} calls each`, 'alice is always alice, bob is always bob')

  const first = await alice.call('create_issue', { title: 'Ship it' })
  const second = await bob.call('create_issue', { title: 'Test it' })
  expect.equal(first.text.endsWith('by alice'), true, 'the issue of alice is by alice')
  expect.equal(second.text.endsWith('by bob'), true, 'the issue of bob is by bob')
  narrator.fact('alice create_issue', first.text)
  narrator.fact('bob create_issue', second.text)

  const forged = await bob.call('create_issue', { title: 'Not mine', user: 'alice', principal: 'alice' })
  expect.equal(forged.text.endsWith('by bob'), true, 'arguments of a tool do not choose the user')
  narrator.fact('bob, "user": "alice"', forged.text)

  const { status } = await fetch(url, { method: 'POST', body: '{}' })
  expect.equal(status, 401, 'a request without a login is refused')
  narrator.fact('nobody, no login', `refused with ${status}`)

  const all = [...alice.heard, ...bob.heard, ...api.requests].join('\n')
  for (const token of [...Object.values(tokens), ...Object.values(logins)])
    expect.equal(all.includes(token), false, 'no message holds a token')
  narrator.good('tokens seen in', 'no message of the server, no URL')
}
