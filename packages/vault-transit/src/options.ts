// The options of the provider, checked.
import { type Awaitable, VaultError } from '@mcpvault/core'
import { isLoopbackHost, ownOptions } from '@mcpvault/core/adapter'

/** A token, and for how long it may be used. */
export interface TransitToken {
  readonly token: string
  /** Milliseconds from now. Default: until the server refuses it. */
  readonly expiresInMs?: number | undefined
}

/** Gets a token. It is asked again before the token expires, and once when the server refuses it. */
export type TokenSource = (options: { readonly signal: AbortSignal }) => Awaitable<TransitToken>

/** Where the engine is, and how it is used. */
export interface TransitOptions {
  /** The address of the server, such as `https://vault.example.com:8200`. Plain HTTP only to this machine. */
  readonly url: string
  /** The name of the key. It must have been made with `derived: true`. */
  readonly key: string
  /** Where the engine is mounted. Default `transit`. */
  readonly mount?: string
  /** A token, or a function that gets one. */
  readonly token: string | TokenSource
  /** The namespace of the mount. Default none. */
  readonly namespace?: string
  /** The time limit of one request in milliseconds. Default 5,000. */
  readonly timeoutMs?: number
  /** Replaces the `fetch` of Node, for example for a proxy. */
  readonly fetch?: typeof fetch
}

/** The checked options. */
export interface TransitSettings {
  /** Without a slash at the end. */
  readonly url: string
  readonly mount: string
  readonly key: string
  readonly token: TokenSource
  readonly namespace: string | undefined
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

const knownOptions = ['url', 'key', 'mount', 'token', 'namespace', 'timeoutMs', 'fetch']
const namePattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/
const pathPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/
const maxPathLength = 100
const maxTimeoutMs = 600_000

/** Throws `VAULT_CONFIG_INVALID`, with the name of the option. */
export function parseOptions(given: TransitOptions): TransitSettings {
  if (typeof given !== 'object' || given === null) throw new TypeError('vaultTransit needs an object of options')
  const options = ownOptions(given)
  const unknown = Object.keys(options).find((name) => !knownOptions.includes(name))
  if (unknown !== undefined) throw invalidOption(unknown, 'is no option of vaultTransit.')
  const { key, mount = 'transit', token, namespace, timeoutMs = 5_000, fetch = globalThis.fetch } = options
  if (typeof key !== 'string' || !namePattern.test(key))
    throw invalidOption('key', 'must be the name of a transit key.')
  checkedPath('mount', mount)
  if (namespace !== undefined) checkedPath('namespace', namespace)
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > maxTimeoutMs)
    throw invalidOption('timeoutMs', 'must be an integer from 1 to 600,000.')
  if (typeof fetch !== 'function') throw invalidOption('fetch', 'must be a function.')
  return { url: serverUrl(options.url), mount, key, token: tokenSource(token), namespace, timeoutMs, fetch }
}

/** The address of a server, without a slash at the end. Throws `VAULT_CONFIG_INVALID`. */
export function serverUrl(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalidOption('url', 'must be the address of the server, such as https://vault.example.com:8200.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalidOption('url', 'must have no user, password, query or fragment.')
  // Data keys travel in clear inside of the connection.
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    throw invalidOption('url', 'must begin with https:// unless the server is on this machine.')
  return url.href.replace(/\/+$/, '')
}

function tokenSource(token: TransitOptions['token']): TokenSource {
  if (typeof token === 'function') return token
  if (!isToken(token)) throw invalidOption('token', 'must be a token or a function that gets one.')
  return () => ({ token })
}

/** Whether a text can be sent as a token. */
export function isToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]{1,8192}$/.test(token)
}

/** A path of the server. Throws `VAULT_CONFIG_INVALID`. */
export function checkedPath(field: string, path: string): string {
  if (typeof path === 'string' && path.length <= maxPathLength && pathPattern.test(path)) return path
  throw invalidOption(field, 'must be a path of letters, digits and . _ - without a slash at its ends.')
}

function invalidOption(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
