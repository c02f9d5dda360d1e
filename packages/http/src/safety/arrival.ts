// How a request arrived: from which address, over TLS or not, through a trusted proxy or not.
import { isIP } from 'node:net'
import type { HandlerConfig } from '../options.ts'

/** What a mount knows of the connection. A host that cannot tell leaves it out. */
export interface Connection {
  readonly remoteAddress: string | undefined
  readonly encrypted: boolean
}

/** A request's way here. */
export interface Arrival {
  /** The client's address, for the audit trail. */
  readonly address: string | undefined
  readonly isEncrypted: boolean
  /** The client is on this machine, with no proxy between that anybody knows of. */
  readonly isLoopback: boolean
  /** What the client wrote as the host, as an origin has it. */
  readonly host: string
}

type Trust = Pick<HandlerConfig, 'trustedProxies'>

/** Reads it from the connection; headers count only when a trusted proxy sent them. */
export function arrivalOf(request: Request, given: unknown, { trustedProxies }: Trust): Arrival {
  const { headers, url } = request
  const { protocol, host: hostOfUrl } = new URL(url)
  const host = headers.get('host') ?? hostOfUrl
  const connection = isConnection(given) ? given : undefined
  // Without a connection the URL is all that there is: the host made it, and a runtime that ends TLS says so there.
  if (connection === undefined) {
    const isEncrypted = protocol === 'https:'
    return { address: undefined, isEncrypted, isLoopback: false, host: plainHost(host, isEncrypted ? 443 : 80) }
  }
  const address = plainAddress(connection.remoteAddress)
  const isProxy = address !== undefined && trustedProxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  if (!isProxy) {
    return {
      address,
      isEncrypted: connection.encrypted,
      host: plainHost(host, connection.encrypted ? 443 : 80),
      // A proxy on this machine that nobody named would make the whole world look local.
      isLoopback: isLoopbackAddress(address) && !forwardingHeaders.some((name) => headers.has(name)),
    }
  }
  const protocols = listOf(headers.get('x-forwarded-proto'))
  const isEncrypted = protocols.length > 0 && protocols.every((each) => each.toLowerCase() === 'https')
  return {
    address: clientOf(listOf(headers.get('x-forwarded-for')), trustedProxies) ?? address,
    isEncrypted,
    isLoopback: false,
    host: plainHost(listOf(headers.get('x-forwarded-host')).at(-1) ?? host, isEncrypted ? 443 : 80),
  }
}

const forwardingHeaders = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'forwarded',
  'via',
] as const

/** As an origin has it: lower case, and without the port that its scheme has anyway. */
function plainHost(host: string, port: 80 | 443): string {
  return host.toLowerCase().replace(new RegExp(`:${port}$`), '')
}

/** A router may call a handler with something of its own in this place; that says nothing. */
function isConnection(given: unknown): given is Connection {
  return typeof given === 'object' && given !== null && 'encrypted' in given && typeof given.encrypted === 'boolean'
}

/** The last address in the list that is no trusted proxy: what stands before it, the client may have written itself. */
function clientOf(forwarded: readonly string[], proxies: HandlerConfig['trustedProxies']): string | undefined {
  const addresses = forwarded.map(plainAddress)
  return addresses.findLast((each) => each === undefined || !proxies.check(each, isIP(each) === 6 ? 'ipv6' : 'ipv4'))
}

function listOf(header: string | null): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Without the prefix of an IPv4 address in an IPv6 socket, without a zone, and without a port, which some proxies add. */
function plainAddress(address: string | undefined): string | undefined {
  const bare = address?.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  const plain = bare?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  return plain !== undefined && isIP(plain) !== 0 ? plain : undefined
}

function isLoopbackAddress(address: string | undefined): boolean {
  return address === '::1' || address?.startsWith('127.') === true
}
