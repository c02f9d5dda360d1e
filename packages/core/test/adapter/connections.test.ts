// Connections that others can read: this machine's own are none of them.
import { expect, it, vi } from 'vitest'
import { isLoopbackHost, warnOfPlainConnections } from '../../src/adapter/index.ts'

it.each(['', 'localhost', 'LOCALHOST', '::1', '[::1]', '127.0.0.1', '127.255.0.9'])('%j is this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(true)
})

it.each(['db.example.com', '10.0.0.1', '127.example.com', 'localhost.example.com', '::2', '[fe80::1]', '0.0.0.0'])(
  '%s is another machine',
  (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  },
)

it('a plain connection to another machine is warned about once', () => {
  const warn = vi.fn()
  const fields = { store: 'a store' }
  const away = { host: 'db.example.com', isEncrypted: false }
  warnOfPlainConnections([{ host: 'localhost', isEncrypted: false }, away, away], { logger: { warn }, fields })
  expect(warn).toHaveBeenCalledExactlyOnceWith(fields, 'The connection to the database is not encrypted.')
})

it('nothing else is warned about', () => {
  const warn = vi.fn()
  const connections = [
    { host: 'db.example.com', isEncrypted: true },
    { host: '127.0.0.1', isEncrypted: false },
    { host: undefined, isEncrypted: false },
  ]
  warnOfPlainConnections(connections, { logger: { warn }, fields: {} })
  expect(warn).not.toHaveBeenCalled()
  warnOfPlainConnections([{ host: 'db.example.com', isEncrypted: false }], { logger: undefined, fields: {} })
})
