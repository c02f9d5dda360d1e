// Two users of one server process over streamable HTTP: the login of each request decides, and nothing else does.
import { expect, it } from 'vitest'
import { loginOf, startHttpCast } from './support/http-cast.ts'

it('[N1] two users of one process are told apart in concurrent calls, each by their own client', async () => {
  const { alice, bob } = await startHttpCast()
  const calls = Array.from({ length: 50 }, () => [alice, bob]).flat()
  const answers = await Promise.all(calls.map((user) => user.call('whoami')))
  expect(answers).toEqual(calls.map(({ user }) => ({ ok: true, text: user })))
})

it('[N19] the arguments of a tool do not choose the user', async () => {
  const { bob } = await startHttpCast()
  const claims = {
    user: 'alice',
    principal: { id: 'alice' },
    authInfo: { extra: { userId: 'alice' } },
    userId: 'alice',
  }
  expect(await bob.call('create_issue', { title: 'Test', ...claims })).toEqual({ ok: true, text: '#1 "Test" by bob' })
})

it('each call has a correlation id of its own, although the request ids of the clients repeat', async () => {
  const { alice, bob, vault, operator } = await startHttpCast()
  await Promise.all([alice, bob].flatMap((user) => [user.call('whoami'), user.call('whoami')]))
  const { items } = await vault.as(operator).auditLog({ actions: ['secret.accessed'] })
  const ids = items.map(({ event }) => event.correlationId)
  expect(ids).toHaveLength(4)
  expect(new Set(ids).size).toBe(4)
  expect(ids).not.toContain(undefined)
})

it.each([
  ['no login', {}, 'POST', '', 401],
  ['an unknown login', { authorization: 'Bearer login-of-dave' }, 'POST', '', 401],
  ['the login in another scheme', { authorization: `Basic ${loginOf('alice')}` }, 'POST', '', 401],
  ['another path', { authorization: `Bearer ${loginOf('alice')}` }, 'POST', '/other', 404],
  ['another method', { authorization: `Bearer ${loginOf('alice')}` }, 'PUT', '', 405],
  ['no session', { authorization: `Bearer ${loginOf('alice')}` }, 'POST', '', 400],
  ['a session of nobody', { authorization: `Bearer ${loginOf('alice')}`, 'mcp-session-id': 'x' }, 'POST', '', 404],
] as const)('a request with %s is refused', async (_what, headers, method, path, status) => {
  const { url } = await startHttpCast()
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'whoami', arguments: {} },
  })
  const sent = { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const response = await fetch(`${url}${path}`, { method, headers: sent, body })
  expect(response.status).toBe(status)
  expect(await response.text()).not.toContain('alice')
})
