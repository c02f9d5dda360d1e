// Warns of connections to a database that others on the network can read.
import { isIPv4 } from 'node:net'
import { type StoreLogger, safeLogger } from './safe-logger.ts'

/** Where a client of the caller's connects to. */
export interface ClientConnection {
  /** A name or an address; undefined or empty for the driver's default and for a socket of this machine. */
  readonly host: string | undefined
  readonly isEncrypted: boolean
}

export interface PlainConnectionOptions {
  readonly logger: StoreLogger | undefined
  /** Logged with the warning, such as `{ store: 'redis' }`. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Warns once when a connection to another machine is not encrypted.
 *
 * @example
 * warnOfPlainConnections([{ host: 'db.example.com', isEncrypted: false }], { logger: console, fields: { store: 'redis' } })
 */
export function warnOfPlainConnections(
  connections: readonly ClientConnection[],
  { logger, fields }: PlainConnectionOptions,
): void {
  const isPlain = connections.some(({ host, isEncrypted }) => !isEncrypted && !isLoopbackHost(host ?? ''))
  if (isPlain) safeLogger(logger)?.warn(fields, 'The connection to the database is not encrypted.')
}

/**
 * Whether a host of a client or a URL is this machine's own loopback interface. The empty host counts as it: drivers
 * connect to this machine then.
 *
 * @example
 * isLoopbackHost(new URL('http://[::1]:8200').hostname)
 */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return ['', 'localhost', '::1'].includes(bare) || (isIPv4(bare) && bare.startsWith('127.'))
}
