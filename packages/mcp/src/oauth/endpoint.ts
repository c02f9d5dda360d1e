// The URLs that credentials are sent to: https, or this machine itself where that is allowed.
import { VaultError } from '@mcpvault/core'
import { isLoopbackHost } from '@mcpvault/core/adapter'
import { isPrivateHost } from './private-host.ts'

/** What may be reached how. */
export interface EndpointOptions {
  /** Takes `http:` for a host of this machine, such as in tests. Default false. */
  readonly allowInsecureLoopback?: boolean
  /** Takes hosts that are addresses inside a network, such as `10.0.0.5` and `169.254.169.254`, and `localhost`. Default false. */
  readonly allowPrivateHosts?: boolean
  /** Sends the requests. Default the global `fetch`. */
  readonly fetch?: typeof fetch
}

/** The URL. Throws `VAULT_VALUE_INVALID` with the field, unless it is one that a credential may be sent to. */
export function parseEndpoint(url: string | URL, field: string, options: EndpointOptions): URL {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined
  if (parsed?.protocol === 'https:' || (parsed !== undefined && isInsecure(parsed, options))) {
    if (parsed.username === '' && parsed.password === '') return publicHost(parsed, field, options)
  }
  throw new VaultError('VAULT_VALUE_INVALID', { field, detail })
}

/** A server that somebody outside runs could else have requests sent inside. */
function publicHost(url: URL, field: string, { allowInsecureLoopback, allowPrivateHosts }: EndpointOptions): URL {
  const isAllowed = allowPrivateHosts === true || (allowInsecureLoopback === true && isLoopbackHost(url.hostname))
  if (isAllowed || !isPrivateHost(url)) return url
  throw new VaultError('VAULT_VALUE_INVALID', { field, detail: privateDetail })
}

const privateDetail = 'must not be an address inside a network. With allowPrivateHosts, such an address is taken.'

const detail =
  'must be an https URL without a user. With allowInsecureLoopback, http on this machine is taken, as in tests.'

/** Whether a URL goes without TLS, as the options allow. */
export function isInsecure({ protocol, hostname }: URL, { allowInsecureLoopback }: EndpointOptions): boolean {
  return protocol === 'http:' && allowInsecureLoopback === true && isLoopbackHost(hostname)
}
