// Which connections of a client are warned of: decided by the hosts and the TLS options that ioredis really uses.
import type { StoreLogger } from '@mcpvault/core/adapter'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { describe, expect, it, vi } from 'vitest'
import type { RedisClient, RedisNode } from '../src/client.ts'
import { warnOfConnections } from '../src/connections.ts'

const [plain, unverified] = [
  'The connection to the database is not encrypted.',
  'The certificate of the database is not verified.',
]
const away = 'db.example.com'

/** What is logged for the client, and for which hosts, by a logger that fails. */
function warningsOf(client: RedisClient, subscriber?: Redis): readonly (readonly [string, unknown])[] {
  const warn = vi.fn<StoreLogger['warn']>(() => {
    throw new Error('The log is full.')
  })
  warnOfConnections({ client, subscriber }, { warn })
  return warn.mock.calls.map(([fields, message]) => [message, fields['hosts']])
}

const lazy = { lazyConnect: true } as const

describe('[T2] an address', () => {
  it.each([
    ['redis://127.0.0.1:6379', []],
    ['redis://[::1]:6379', []],
    ['redis://localhost', []],
    ['/tmp/redis.sock', []],
    [`rediss://${away}`, []],
    [`redis://${away}`, [[plain, [away]]]],
    [`${away}:6379`, [[plain, [away]]]],
    [`redis://${away}/?path=`, [[plain, [away]]]],
    // The password goes on behind the sign; ioredis connects to what it takes for the host.
    ['redis://user:1#x@127.0.0.1', [[plain, ['user']]]],
  ])('%s is warned of: %j', (address, expected) => {
    expect(warningsOf(new Redis(address, lazy))).toEqual(expected)
    expect(warningsOf(new Redis6(address, lazy))).toEqual(expected)
  })
})

describe('[T2] settings', () => {
  const sentinels = [{ host: '127.0.0.1', port: 26_379 }]
  const cases: readonly (readonly [title: string, RedisOptions, expected: unknown])[] = [
    ['TLS without options', { host: away, tls: {} }, []],
    ['no TLS', { host: away }, [[plain, [away]]]],
    ['a socket of this machine', { host: away, path: '/tmp/redis.sock' }, []],
    ['an unverified certificate', { host: away, tls: { rejectUnauthorized: false } }, [[unverified, [away]]]],
    ['an unverified certificate of this machine', { host: '127.0.0.1', tls: { rejectUnauthorized: false } }, []],
    ['plain sentinels', { sentinels: [{ host: away }], enableTLSForSentinelMode: true, tls: {} }, [[plain, [away]]]],
    [
      'a server of sentinels whose TLS is not used, since one option is missing',
      { sentinels, tls: {} },
      [[plain, ['unknown']]],
    ],
    ['a server of sentinels with TLS', { sentinels, tls: {}, enableTLSForSentinelMode: true }, []],
    ['sentinels with TLS and a plain server', { sentinels: [{ host: away }], sentinelTLS: {} }, [[plain, ['unknown']]]],
    [
      'sentinels of which one is remote',
      { sentinels: [...sentinels, { host: away }], enableTLSForSentinelMode: true, tls: {} },
      [[plain, [away]]],
    ],
  ]
  it.each(cases)('of %s', (_, options, expected) => {
    expect(warningsOf(new Redis({ ...lazy, name: 'main', ...options }))).toEqual(expected)
  })

  it('of a server that the sentinels put on this machine are those of a local server', () => {
    const callBuffer = async (): Promise<null> => null
    const client = { callBuffer, options: { sentinels }, stream: { remoteAddress: '::ffff:127.0.0.1' } }
    expect(warningsOf(client)).toEqual([])
    expect(warningsOf({ ...client, stream: { remoteAddress: '10.0.0.7' } })).toEqual([[plain, ['10.0.0.7']]])
  })

  it('of a subscriber count too', () => {
    expect(warningsOf(new Redis(lazy), new Redis({ ...lazy, host: away }))).toEqual([[plain, [away]]])
  })

  it('of a cluster are those of its nodes', () => {
    const nodes = (...options: readonly RedisOptions[]): RedisClient => {
      const cluster: RedisClient = new Cluster([{ host: '127.0.0.1', port: 1 }], lazy)
      const list: RedisNode[] = options.map((each) => new Redis({ ...lazy, ...each }))
      return { isCluster: true, callBuffer: cluster.callBuffer, nodes: () => list }
    }
    expect(warningsOf(nodes({ host: '127.0.0.1' }, { host: '127.0.0.2' }))).toEqual([])
    expect(warningsOf(nodes({ host: '127.0.0.1' }, { host: away, tls: {} }))).toEqual([])
    expect(warningsOf(nodes({ host: '127.0.0.1' }, { host: away }))).toEqual([[plain, [away]]])
  })
})
