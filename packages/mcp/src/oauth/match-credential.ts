// Which credential a request gets, and why; and the request with it.
import { matchHost, type SecretInfo, VaultError } from '@mcpvault/core'
import type { Credential } from './credentials.ts'

/** What is looked at of a secret: `list` and `describe` of a vault give it. */
export type MatchableCredential = Pick<SecretInfo, 'name'> &
  Partial<Pick<SecretInfo, 'hosts' | 'isActive' | 'needsSignIn'>>

/** The credential that a request gets. */
export interface CredentialMatch {
  readonly name: string
  /** The host of the credential that the URL is for, such as `*.example.com`. */
  readonly host: string
  /** The same in a sentence for logs, without anything secret. */
  readonly why: string
  /** Somebody has to sign in again before it works. */
  readonly needsSignIn: boolean
}

/**
 * Says which credential may be sent to a URL: the one that names its host most exactly. Nothing is read or sent. Throws
 * `VAULT_NO_CREDENTIAL` when none in use names the host, or two name it alike, so that no request goes out without a
 * credential or with a wrong one.
 *
 * @example
 * await github.update('token', { hosts: ['api.example.com'] })
 * const { items } = await github.list()
 * console.log(matchCredential('https://api.example.com/v1', items).why) // token names the host api.example.com
 */
export function matchCredential(url: string | URL, credentials: readonly MatchableCredential[]): CredentialMatch {
  const matches = credentials.flatMap(({ name, hosts = [], isActive = true, needsSignIn = false }) => {
    const host = isActive ? matchHost(url, hosts) : undefined
    return host === undefined ? [] : [{ name, host, needsSignIn }]
  })
  const exact = matchHost(
    url,
    matches.map(({ host }) => host),
  )
  const [match, other] = matches.filter(({ host }) => host === exact)
  if (match === undefined) throw new VaultError('VAULT_NO_CREDENTIAL')
  if (other !== undefined) throw new VaultError('VAULT_NO_CREDENTIAL', { detail: alike, ref: { name: match.name } })
  return { ...match, why: `${match.name} names the host ${match.host}` }
}

const alike = 'Two credentials name this host alike: take it away from one of them.'

/** A request to send a credential with. */
export interface RequestParts {
  readonly url: string | URL
  readonly headers?: ConstructorParameters<typeof Headers>[0]
}

/**
 * The URL and headers of a request with the credential in it. What the headers had under its name is replaced. Throws
 * `VAULT_NOT_SUPPORTED` for a credential of the kind `env`, which no request carries.
 *
 * @example
 * const credential = parseCredential({ kind: 'bearer', token: 'a token of alice' })
 * const { url, headers } = applyCredential(credential, { url: 'https://api.example.com/v1' })
 * console.log(url.href, headers.has('authorization'))
 */
export function applyCredential(
  credential: Credential,
  { url, headers }: RequestParts,
): { readonly url: URL; readonly headers: Headers } {
  const request = { url: new URL(url), headers: new Headers(headers) }
  switch (credential.kind) {
    case 'bearer':
      request.headers.set('authorization', `Bearer ${credential.token}`)
      return request
    case 'oauth':
      request.headers.set('authorization', `Bearer ${credential.access_token}`)
      return request
    case 'basic': {
      const pair = Buffer.from(`${credential.user}:${credential.password}`).toString('base64')
      request.headers.set('authorization', `Basic ${pair}`)
      return request
    }
    case 'api-key':
      if (credential.in === 'header') request.headers.set(credential.name, credential.value)
      else request.url.searchParams.set(credential.name, credential.value)
      return request
    case 'env':
      throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'A credential of the kind env goes into an environment.' })
  }
}
