// Which of the hosts that a secret may be sent to a URL is for.

/** Of the schemes that carry credentials. */
const defaultPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80', 'wss:': '443', 'ws:': '80' }

/**
 * The most exact of `hosts` that the URL is for; undefined when it is for none of them. `api.example.com` is that host at
 * the default port of the scheme, `api.example.com:8443` that host at that port, and `*.example.com` each host below
 * `example.com`, without `example.com` itself. The scheme is not looked at: send credentials over https.
 *
 * @example
 * ```ts
 * import { matchHost } from '@mcpvault/core'
 *
 * console.log(matchHost('https://eu.example.com/v1', ['api.example.com', '*.example.com'])) // *.example.com
 * console.log(matchHost('https://example.org/', ['api.example.com', '*.example.com'])) // undefined
 * ```
 */
export function matchHost(url: string | URL, hosts: readonly string[]): string | undefined {
  const { protocol, hostname, port } = new URL(url)
  const defaultPort = defaultPorts[protocol]
  if (defaultPort === undefined) return undefined
  const actual = port === '' ? defaultPort : port
  const matching = hosts.filter((host) => {
    const [, name = '', wanted = defaultPort] = /^(.*?)(?::([0-9]+))?$/.exec(host) ?? []
    if (wanted !== actual) return false
    return name.startsWith('*.') ? hostname.endsWith(name.slice(1)) && hostname !== name.slice(1) : hostname === name
  })
  return matching.sort((a, b) => exactness(b) - exactness(a))[0]
}

/** A whole name before any wildcard, a longer wildcard before a shorter one, a port before none. */
function exactness(host: string): number {
  return (host.startsWith('*.') ? 0 : 1_000) + host.length
}
