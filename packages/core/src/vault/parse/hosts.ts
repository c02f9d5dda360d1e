// The hosts that a secret may be sent to, as a URL shows them: `api.example.com`, `*.example.com`, with a port or without.
import { VaultError } from '../../errors/index.ts'
import { parseStrings } from './shapes.ts'

const maxHosts = 64
/** A wildcard, a name or an address, and a port. */
const form = /^(\*\.)?([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?$/

/**
 * Checks hosts as `set` does, for `matchHost`: 1 to 64 of them, given back in lower case, sorted and without repeats.
 * Throws `VAULT_VALUE_INVALID` with the field `hosts`, and TypeError for anything but an array of strings.
 *
 * @example
 * ```ts
 * import { parseHosts } from '@mcpvault/core'
 *
 * console.log(parseHosts(['API.example.com', '*.example.com:8443'])) // [ '*.example.com:8443', 'api.example.com' ]
 * ```
 */
export function parseHosts(hosts: unknown): readonly string[] {
  const given = parseStrings(hosts, 'hosts')
  if (given.length === 0 || given.length > maxHosts)
    throw invalid('must have 1 to 64 entries; a secret takes null for none.')
  return [...new Set(given.map(parseHost))].sort()
}

function parseHost(given: string): string {
  const host = given.toLowerCase()
  const [, wildcard, name = '', port = '1'] = form.exec(host) ?? []
  if (!isHost(name) || Number(port) > 65_535) throw invalid(hostForm)
  // Everything under a top-level domain is nobody's, and an address has nothing under it.
  if (wildcard !== undefined && !/\.[a-z0-9-]*[a-z][a-z0-9-]*$/.test(name)) throw invalid(wildcardForm)
  return host
}

/** Whether a URL shows the name as it is: one that it would rewrite, such as `127.1`, would never match. */
function isHost(name: string): boolean {
  if (name === '' || name.startsWith('.') || name.endsWith('.') || name.includes('..')) return false
  const url = `http://${name}`
  return URL.canParse(url) && new URL(url).host === name
}

const hostForm =
  'must have only hosts such as api.example.com, *.example.com or api.example.com:8443, without a scheme or a path; ' +
  'other alphabets as xn-- names.'
const wildcardForm = 'must have a name of at least two parts after *., such as *.example.com.'

function invalid(detail: string): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', { detail, field: 'hosts' })
}
