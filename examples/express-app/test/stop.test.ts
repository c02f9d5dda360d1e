// A stop in good order: what was asked before the signal is answered, and then the process ends.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { passwords, startApp } from './support/app.ts'
import { signedIn } from './support/visitor.ts'

it('a request that runs when the app is stopped gets its answer', async () => {
  const api = createServer()
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  onTestFinished(() => {
    api.closeAllConnections()
    api.close()
  })
  const { port } = api.address() as AddressInfo // A server that listens on a port has one.
  const app = await startApp({ ISSUES_API_URL: `http://127.0.0.1:${port}` })
  expect(app.said()).not.toContain('token')
  const alice = await signedIn(app.url, 'alice', passwords.alice)
  const headers = { cookie: alice.cookies(), 'content-type': 'application/json' }
  const path = '/vault/api/v1/secrets/github/github_token'
  const body = JSON.stringify({ value: 'a token of alice' })
  expect((await fetch(new URL(path, app.url), { method: 'PUT', headers, body })).status).toBe(201)

  const asked = new Promise<{ readonly authorization: string | undefined; readonly response: ServerResponse }>(
    (resolve) => {
      api.once('request', (request, response) => resolve({ authorization: request.headers.authorization, response }))
    },
  )
  const board = alice.get('/')
  const { authorization, response } = await asked
  expect(authorization).toBe('Bearer a token of alice')
  const stopped = app.stop()
  // New connections are refused from the moment on at which the app has taken the signal.
  await expect
    .poll(
      () =>
        fetch(app.url).then(
          () => 'open',
          () => 'closed',
        ),
      { timeout: 20_000 },
    )
    .toBe('closed')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify([{ number: 7, title: '<b>Bold</b>' }]))
  const answer = await board
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('&#60;b&#62;Bold&#60;/b&#62;')])
  expect(await stopped).toBe(0)
})
