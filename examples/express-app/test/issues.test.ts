// Reading the issues of an API that does not answer.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVault, generateKey, keyRing, memoryStore } from '@mcpvault/core'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readIssues } from '../src/issues.mjs'

it('ends within the limit, also for a caller who would wait longer', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // A server that listens on a port has one.
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const vault = createVault({ keys, store: memoryStore() })
  onTestFinished(() => vault.close())
  const session = vault.as({ id: 'alice' })
  await session.scope({ server: 'github' }).set('github_token', 'a token')

  const limit = new AbortController()
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
  onTestFinished(() => timeout.mockRestore())
  const { signal } = new AbortController()
  const read = readIssues(session, { owner: 'alice', issuesUrl: `http://127.0.0.1:${port}`, signal })
  const refused = expect(read).rejects.toThrow('too late')
  await once(server, 'request')
  expect(timeout).toHaveBeenCalledWith(10_000)
  limit.abort(new Error('too late'))
  await refused
})
