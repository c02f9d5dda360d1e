// The options of whatever asks the server, checked: its address, a token, a namespace, a time limit.
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

/** How the server is asked. */
export interface ServerOptions {
  /** The address of the server, such as `https://vault.example.com:8200`. Plain HTTP only to this machine. */
  readonly url: string
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
export interface ServerSettings {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: TokenSource
  readonly namespace: string | undefined
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

const serverOptionNames = ['url', 'token', 'namespace', 'timeoutMs', 'fetch'] as const

const pathPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/
const maxPathLength = 100
const maxTimeoutMs = 600_000

/** Throws `VAULT_CONFIG_INVALID`, with the name of the option. */
export function parseServer(options: ServerOptions): ServerSettings {
  const { token, namespace, timeoutMs = 5_000, fetch = globalThis.fetch } = options
  if (namespace !== undefined) checkedPath('namespace', namespace)
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > maxTimeoutMs)
    throw invalidOption('timeoutMs', 'must be an integer from 1 to 600,000.')
  if (typeof fetch !== 'function') throw invalidOption('fetch', 'must be a function.')
  return { url: serverUrl(options.url), token: tokenSource(token), namespace, timeoutMs, fetch }
}

/**
 * The own options of a function that asks the server and has some more. Throws TypeError for no object, and
 * `VAULT_CONFIG_INVALID` for an option that there is not.
 */
export function optionsOf<T extends ServerOptions>(
  given: T,
  { of, more }: { readonly of: string; readonly more: readonly string[] },
): T {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${of} needs an object of options`)
  const options = ownOptions(given)
  const known: readonly string[] = [...serverOptionNames, ...more]
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalidOption(unknown, `is no option of ${of}.`)
  return options
}

/** The address of a server, without a slash at the end. Throws `VAULT_CONFIG_INVALID`. */
export function serverUrl(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalidOption('url', 'must be the address of the server, such as https://vault.example.com:8200.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalidOption('url', 'must have no user, password, query or fragment.')
  // Data keys and secrets travel in clear inside of the connection.
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    throw invalidOption('url', 'must begin with https:// unless the server is on this machine.')
  return url.href.replace(/\/+$/, '')
}

function tokenSource(token: ServerOptions['token']): TokenSource {
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

export function invalidOption(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
