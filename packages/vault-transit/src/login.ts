// Signs in by an auth method of the server, such as AppRole or Kubernetes.
import { type Awaitable, VaultError } from '@mcpvault/core'
import { ownOptions } from '@mcpvault/core/adapter'
import { exchange, objectIn } from './http.ts'
import { checkedPath, serverUrl, type TokenSource } from './server-options.ts'

/** How to sign in. */
export interface LoginOptions {
  /** The address of the server, as for `vaultTransit`. */
  readonly url: string
  /** The path that the method signs in at, such as `auth/approle/login`. */
  readonly path: string
  /** What it wants to know. A function is asked at each sign-in, since what it reads may have changed. */
  readonly body: Readonly<Record<string, string>> | (() => Awaitable<Readonly<Record<string, string>>>)
  readonly namespace?: string
  readonly fetch?: typeof fetch
}

/**
 * A token source that signs in. Throws `VAULT_CONFIG_INVALID` for an option that cannot be used, with its name.
 *
 * @example
 * const token = login({
 *   url: 'https://vault.example.com:8200',
 *   path: 'auth/kubernetes/login',
 *   body: async () => ({ role: 'mcp-server', jwt: await readFile('/var/run/secrets/tokens/vault', 'utf8') }),
 * })
 */
export function login(given: LoginOptions): TokenSource {
  const options = ownOptions(given)
  const { body, namespace, fetch = globalThis.fetch } = options
  const url = serverUrl(options.url)
  const path = checkedPath('path', options.path)
  return async ({ signal }) => {
    const sent = typeof body === 'function' ? await body() : body
    const answer = await exchange({ operation: 'login', url, path, namespace, body: sent, fetch, signal })
    const { client_token: token, lease_duration: seconds } = objectIn(answer['auth'])
    if (typeof token !== 'string') throw new VaultError('VAULT_KEY_DENIED', { detail: 'The sign-in gave no token.' })
    return { token, expiresInMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : undefined }
  }
}
