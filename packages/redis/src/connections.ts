// Where the client connects to, and how: a connection that others on the network can read or answer is warned of.
import { isLoopbackHost, type StoreLogger, safeLogger, warnOfPlainConnections } from '@mcpvault/core/adapter'
import type { RedisClient, RedisNode, RedisSubscriber } from './client.ts'

export interface Clients {
  readonly client: RedisClient
  readonly subscriber: RedisSubscriber | undefined
}

interface Connection {
  readonly host: string | undefined
  readonly isEncrypted: boolean
  readonly isVerified: boolean
}

/** To be called once the client is connected: a client of a cluster learns its nodes from the first one. */
export function warnOfConnections({ client, subscriber }: Clients, logger: StoreLogger | undefined): void {
  const nodes = [
    ...(client.isCluster === true ? (client.nodes?.('master') ?? []) : [client]),
    ...(subscriber === undefined ? [] : [subscriber]),
  ]
  const remote = nodes.flatMap(connectionsOf).filter(({ host }) => !isLoopbackHost(host ?? ''))
  const plain = remote.filter(({ isEncrypted }) => !isEncrypted)
  warnOfPlainConnections(plain, { logger, fields: { store: 'redis', hosts: hostsOf(plain) } })
  const unverified = remote.filter(({ isEncrypted, isVerified }) => isEncrypted && !isVerified)
  if (unverified.length === 0) return
  const fields = { store: 'redis', option: 'tls.rejectUnauthorized', hosts: hostsOf(unverified) }
  safeLogger(logger)?.warn(fields, 'The certificate of the database is not verified.')
}

function connectionsOf({ options = {}, stream }: Pick<RedisNode, 'options' | 'stream'>): readonly Connection[] {
  const { host, path, tls, sentinels, sentinelTLS, enableTLSForSentinelMode } = options
  if (!sentinels?.length) return [{ host: path ? undefined : host, ...securityOf(tls) }]
  // The sentinels say where the server is, and without one more option TLS is not used for it.
  const found = stream?.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown'
  const server = { host: found, ...securityOf(enableTLSForSentinelMode && tls) }
  return [server, ...sentinels.map((sentinel) => ({ host: sentinel.host, ...securityOf(sentinelTLS) }))]
}

/** ioredis uses TLS for every value that is true. */
function securityOf(tls: unknown): Pick<Connection, 'isEncrypted' | 'isVerified'> {
  const isRefused = typeof tls === 'object' && tls !== null && 'rejectUnauthorized' in tls
  return { isEncrypted: Boolean(tls), isVerified: !isRefused || tls.rejectUnauthorized !== false }
}

const maxHosts = 10

function hostsOf(connections: readonly Connection[]): readonly string[] {
  return [...new Set(connections.map(({ host = '' }) => host))].slice(0, maxHosts)
}
