// Which connections of a client are warned of: decided by the hosts and the TLS options that the driver really uses.
import type { StoreLogger } from '@mcpvault/core/adapter'
import { MongoClient } from 'mongodb'
import { describe, expect, it, test, vi } from 'vitest'
import type { Fields } from '../src/client.ts'
import { warnOfConnections } from '../src/connections.ts'
import { mongoStore } from '../src/index.ts'

const plain = 'The connection to the database is not encrypted.'
const unverified = 'The certificate of the database is not verified.'
const away = 'db.example.com'

/** What is logged for an address, and for which hosts or option, by a logger that fails. */
function warningsOf(address: string, { hello = {}, options = {} }: { hello?: Fields; options?: object } = {}) {
  const warn = vi.fn<StoreLogger['warn']>(() => {
    throw new Error('The log is full.')
  })
  warnOfConnections(new MongoClient(address, options).options, { hello, logger: { warn } })
  return warn.mock.calls.map(([fields, message]) => [message, fields['option'] ?? fields['hosts']])
}

describe('[T2] an address', () => {
  it.each([
    ['mongodb://127.0.0.1', []],
    ['mongodb://localhost,127.0.0.2:27018', []],
    ['mongodb://[::1]', []],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock/app', []],
    [`mongodb://${away}/?tls=true`, []],
    [`mongodb://${away}/?ssl=true`, []],
    [`mongodb+srv://${away}/app`, []],
    [`mongodb://${away}/app`, [[plain, [away]]]],
    [`mongodb://alice:p%40ss%2Fword@${away}/app`, [[plain, [away]]]],
    [`mongodb://127.0.0.1,${away}/?replicaSet=rs`, [[plain, [away]]]],
    [`mongodb+srv://${away}/app?tls=false`, [[plain, [away]]]],
    [`mongodb+srv://${away}/app?ssl=false`, [[plain, [away]]]],
    [`mongodb://${away}/?tls=true&tlsInsecure=true`, [[unverified, 'tlsInsecure']]],
    [`mongodb://${away}/?tls=true&tlsAllowInvalidCertificates=true`, [[unverified, 'tlsAllowInvalidCertificates']]],
    [`mongodb://${away}/?tls=true&tlsAllowInvalidHostnames=true`, [[unverified, 'tlsAllowInvalidHostnames']]],
    [`mongodb+srv://${away}/?tlsInsecure=true`, [[unverified, 'tlsInsecure']]],
    ['mongodb://127.0.0.1/?tls=true&tlsInsecure=true', []],
  ])('%s is warned of: %j', (address, expected) => {
    expect(warningsOf(address)).toEqual(expected)
  })

  it.each([
    ['mongodb://127.0.0.1/?replicaSet=rs', [[plain, [away]]]],
    ['mongodb://127.0.0.1/?replicaSet=rs&tls=true', []],
    ['mongodb://127.0.0.1/?directConnection=true', []],
  ])('%s of a member whose set is elsewhere is warned of: %j', (address, expected) => {
    expect(warningsOf(address, { hello: { hosts: ['127.0.0.1:27017', `${away}:27017`] } })).toEqual(expected)
  })

  it('whose password has a reserved character is refused by the driver, so that no other host is reached', () => {
    for (const password of ['p@ss', 'pa/ss', 'pa#ss', 'pa?ss', 'pa:ss']) {
      expect(() => new MongoClient(`mongodb://alice:${password}@${away}/app`)).toThrow()
    }
  })
})

describe('[T2] options', () => {
  it.each([
    [{ tls: true }, []],
    [{ tls: false }, [[plain, [away]]]],
    [{ tls: true, rejectUnauthorized: false }, [[unverified, 'tlsAllowInvalidCertificates']]],
    [{ tls: true, checkServerIdentity: (host: string) => new Error(host) }, []],
  ])('%j are warned of: %j', (options, expected) => {
    expect(warningsOf(`mongodb://${away}`, { options })).toEqual(expected)
  })
})

test('a client that reaches a secondary alone is refused while it is one', async () => {
  const hello = { setName: 'rs', isWritablePrimary: false, secondary: true }
  const client = new MongoClient('mongodb://127.0.0.1/?directConnection=true')
  vi.spyOn(client, 'db').mockReturnValue(Object.assign(client.db('app'), { command: async () => hello }))
  const store = await mongoStore({ client })
  const find = async () => await store.secrets.find({ owner: 'alice', server: 'github', name: 'token' }, 'current')
  await expect(find()).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', field: 'client', retryable: true })
  await client.close()
})
