// Warns of connections that others can read on their way.
import { isIP } from 'node:net'
import type { RedisClient, RedisSettings } from './client.ts'

export interface StoreLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Tells the logger once when a node on another machine is reached without TLS. */
export function warnOfPlainConnections(client: RedisClient, logger: StoreLogger | undefined): void {
  const nodes = client.isCluster === true ? (client.nodes?.('master') ?? []) : [client]
  if (!nodes.some(({ options }) => options !== undefined && isPlain(options))) return
  logger?.warn({ store: 'redis' }, 'The connections to the database are not encrypted.')
}

/** The driver's own default is this machine. */
function isPlain({ host = 'localhost', path, tls }: RedisSettings): boolean {
  if (tls !== undefined || path !== undefined) return false
  return !(host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')))
}
