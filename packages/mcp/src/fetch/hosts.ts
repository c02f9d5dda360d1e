// Where a secret may go: to the hosts that it is bound to, over https or to this machine.
import { VaultError } from '@mcpvault/core'

const maxHosts = 64
/** A wildcard, a name or an address, and a port. */
const form = /^(\*\.)?([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?$/

/** 1 to 64 hosts in lower case. Throws `VAULT_CONFIG_INVALID` with the field `hosts`. */
export function parseHosts(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw new TypeError('hosts must be an array')
  if (given.length < 1 || given.length > maxHosts) throw invalid('must have 1 to 64 entries.')
  return given.map(parseHost)
}

function parseHost(given: unknown): string {
  const host = typeof given === 'string' ? given.toLowerCase() : ''
  const [, wildcard, name = '', port = '1'] = form.exec(host) ?? []
  // A name that a URL shows in another form, such as 127.1, would never match.
  const isHost = !/^\.|\.\.|\.$/.test(name) && URL.canParse(`http://${name}`) && new URL(`http://${name}`).host === name
  if (!isHost || Number(port) > 65_535) {
    throw invalid('must have only hosts such as api.example.com, *.example.com or api.example.com:8443.')
  }
  // Everything under a top-level domain is nobody's, and an address has nothing under it.
  if (wildcard !== undefined && !/\.[a-z0-9-]*[a-z][a-z0-9-]*$/.test(name)) {
    throw invalid('must have a name of at least two parts after *., such as *.example.com.')
  }
  return host
}

/** Whether nobody on the way can read along: https, or http to this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

function invalid(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'hosts', detail })
}
