// An authorization server for the tests of a file, and vaults whose clock a test sets forward.
import { createVault, generateKey, keyRing, memoryStore, systemClock } from '@mcpvault/core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startAuthorizationServer, type TestServer } from './authorization-server.ts'

/** Started before the tests and closed after them; nothing stands before it at the start of a test. */
export function useAuthorizationServer(): () => TestServer {
  let server: TestServer | undefined
  const started = (): TestServer => {
    if (server === undefined) throw new Error('The server is there only while the tests run.')
    return server
  }
  beforeAll(async () => {
    server = await startAuthorizationServer()
  })
  afterAll(() => server?.close())
  beforeEach(() => {
    started().before = () => false
  })
  return started
}

export function newVault() {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  let offsetMs = 0
  const clock = { ...systemClock, now: () => new Date(Date.now() + offsetMs) }
  const vault = createVault({ keys, store: memoryStore(), clock })
  const scopeOf = (id: string) => vault.as({ id }).scope({ server: 'crm' })
  return {
    scope: scopeOf('alice'),
    scopeOf,
    /** So much time is over. */
    later(ms: number): void {
      offsetMs += ms
    },
  }
}
