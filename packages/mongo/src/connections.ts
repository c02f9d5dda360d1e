// Where the client connects to, and how: a connection that others on the network can read or answer is warned of.
import { isLoopbackHost, type StoreLogger, safeLogger, warnOfPlainConnections } from '@mcpvault/core/adapter'
import type { Fields, MongoSettings } from './client.ts'

/** `hello` is the deployment's answer: a client goes on to the members of a replica set that it names. */
export function warnOfConnections(
  settings: MongoSettings,
  { hello, logger }: { readonly hello: Fields; readonly logger: StoreLogger | undefined },
): void {
  const hosts = [...new Set(hostsOf(settings, hello))].filter((host) => !isLoopbackHost(host)).slice(0, maxHosts)
  const isEncrypted = settings.tls === true
  const connections = hosts.map((host) => ({ host, isEncrypted }))
  warnOfPlainConnections(connections, { logger, fields: { store: 'mongo', hosts } })
  const option = unverified(settings)
  if (!isEncrypted || option === undefined || hosts.length === 0) return
  safeLogger(logger)?.warn({ store: 'mongo', option, hosts }, 'The certificate of the database is not verified.')
}

const maxHosts = 10

/** The empty host for a socket of this machine. */
function hostsOf(settings: MongoSettings, hello: Fields): readonly string[] {
  const { hosts = [], srvHost, directConnection, loadBalanced } = settings
  const named = hosts.map(({ host, socketPath }) => (socketPath === undefined ? (host ?? '') : ''))
  const fromDns = srvHost === undefined ? [] : [srvHost]
  const staysThere = directConnection === true || loadBalanced === true
  const members = staysThere ? [] : [hello['hosts'], hello['passives']].flatMap(membersIn)
  return [...named, ...fromDns, ...members]
}

/** Members are written as `host:port`. */
function membersIn(members: unknown): readonly string[] {
  return Array.isArray(members) ? members.map((member) => String(member).replace(/:\d+$/, '')) : []
}

/** The option that keeps the client from verifying whom it talks to. */
function unverified({ tlsInsecure, rejectUnauthorized, checkServerIdentity }: MongoSettings): string | undefined {
  if (tlsInsecure === true) return 'tlsInsecure'
  if (rejectUnauthorized === false) return 'tlsAllowInvalidCertificates'
  // The driver puts a function there that looks at nothing.
  const looksAtNothing = typeof checkServerIdentity === 'function' && checkServerIdentity.length === 0
  return looksAtNothing ? 'tlsAllowInvalidHostnames' : undefined
}
