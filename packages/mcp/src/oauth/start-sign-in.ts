// startSignIn: sends the browser of a user to the authorization server of an MCP server.
import { matchHost, type SecretScope, VaultError } from '@mcpvault/core'
import * as oauth4 from 'oauth4webapi'
import { type RefreshConfig, withoutAbsent } from './credentials.ts'
import { discover, type ServerMetadata, unsupported } from './discover.ts'
import { type EndpointOptions, parseEndpoint } from './endpoint.ts'
import { keepPending, limited, type PendingSignIn } from './pending-sign-in.ts'
import { requestOptions } from './token-request.ts'

/** A client that is registered with an authorization server. */
export interface SignInClient extends Pick<RefreshConfig, 'client_id' | 'client_secret' | 'auth_method'> {
  /**
   * The issuer that it is registered with. Give it with every `client_secret`: an MCP server that names another
   * authorization server is refused, and does not get the secret sent there. Default any.
   */
  readonly issuer?: string | undefined
}

/** Options of `startSignIn`. */
export interface SignInOptions extends EndpointOptions {
  /** The name under which `finishSignIn` stores the tokens. */
  readonly name: string
  /** The MCP server that the tokens are for. */
  readonly url: string | URL
  /** Where the authorization server sends the browser afterwards: an https URL of yours, or of this machine. */
  readonly redirectUri: string
  /** A client that is registered already. Without it, one is registered (RFC 7591). */
  readonly client?: SignInClient
  /** What the authorization server shows its user. Default `MCPVault`. */
  readonly clientName?: string
  /** Scopes to ask for, with blanks between. Default what the MCP server names. */
  readonly scope?: string
  /** The hosts that the tokens may be sent to. Default the host of the MCP server. */
  readonly hosts?: readonly string[]
  readonly signal?: AbortSignal
}

/** Where the user goes next. */
export interface SignInStarted {
  /** For the browser. It has no secret: the verifier of PKCE stays in the vault. */
  readonly authorizationUrl: string
  /** After this, the sign-in has to begin again. */
  readonly expiresAt: Date
}

/**
 * Begins a sign-in for the owner of the scope, with PKCE (RFC 7636), for 10 minutes. The servers are found by RFC 9728
 * and RFC 8414. What the server must remember is sealed in the vault, under a name that only the state of this sign-in
 * gives; nothing has to be kept in a session or in the browser. Throws `VAULT_NOT_SUPPORTED` when the servers lack what
 * it takes, and `VAULT_VALUE_INVALID` for a URL without https.
 *
 * @example
 * const options = { name: 'oauth', url: 'https://mcp.example.com/mcp', redirectUri: 'https://app.example.com/callback' }
 * const authorizationUrl = async () => (await startSignIn(github, options)).authorizationUrl
 * console.log(typeof authorizationUrl)
 */
export async function startSignIn(scope: SecretScope, options: SignInOptions): Promise<SignInStarted> {
  const url = parseEndpoint(options.url, 'url', options)
  const signal = limited(options.signal)
  const { redirectUri } = options
  // The browser goes there, and nothing of this process.
  parseEndpoint(redirectUri, 'redirectUri', { allowInsecureLoopback: true, allowPrivateHosts: true })
  // A name that cannot be, or may not be looked at, is known before the user is sent away.
  await scope.describe(options.name, { signal })
  const hosts = options.hosts ?? [url.host]
  if (matchHost(url, hosts) === undefined)
    throw new VaultError('VAULT_VALUE_INVALID', { field: 'hosts', detail: 'must have the host of the MCP server.' })
  const { server, resource, scopes } = await discover(url, signal, options)
  if (options.client?.issuer !== undefined && options.client.issuer !== server.issuer)
    throw unsupported('The MCP server names another authorization server than the issuer of the client.')
  const client = options.client ?? (await register(server, { ...options, signal }))
  const verifier = oauth4.generateRandomCodeVerifier()
  const state = oauth4.generateRandomState()
  const pending: PendingSignIn = {
    name: options.name,
    verifier,
    issuer: server.issuer,
    // Both were checked by `discover`.
    authorization_endpoint: server.authorization_endpoint ?? '',
    token_endpoint: server.token_endpoint ?? '',
    issues_iss: server.authorization_response_iss_parameter_supported === true ? 'true' : 'false',
    client_id: client.client_id,
    client_secret: client.client_secret,
    auth_method: client.auth_method ?? (client.client_secret === undefined ? 'none' : 'client_secret_basic'),
    redirect_uri: redirectUri,
    resource,
    hosts: [...hosts],
  }
  const expiresAt = await keepPending(scope, { state, pending, signal })
  const asked = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth4.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource,
    scope: options.scope ?? scopes?.join(' '),
  }
  const authorizationUrl = new URL(pending.authorization_endpoint)
  for (const [name, value] of Object.entries(withoutAbsent(asked))) authorizationUrl.searchParams.set(name, value)
  return { authorizationUrl: authorizationUrl.href, expiresAt }
}

const authMethods = ['none', 'client_secret_basic', 'client_secret_post'] as const

async function register(
  server: ServerMetadata,
  options: SignInOptions & { readonly signal: AbortSignal },
): Promise<SignInClient> {
  const { redirectUri, clientName = 'MCPVault', signal } = options
  if (server.registration_endpoint === undefined)
    throw unsupported('The authorization server registers no clients by itself: give the option client.')
  const endpoint = parseEndpoint(server.registration_endpoint, 'registration_endpoint', options)
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const method = authMethods.find((name) => methods.includes(name))
  if (method === undefined)
    throw unsupported('The authorization server takes no way in which a client can prove itself here.')
  const metadata = {
    client_name: clientName,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    // Servers that know OpenID take a redirect to this machine from a native application alone.
    application_type: new URL(redirectUri).protocol === 'http:' ? 'native' : 'web',
  }
  try {
    const request = requestOptions(endpoint, signal, options)
    const as = { issuer: server.issuer, registration_endpoint: endpoint.href }
    const response = await oauth4.dynamicClientRegistrationRequest(as, metadata, request)
    const given = await oauth4.processDynamicClientRegistrationResponse(response)
    const { client_id, client_secret, token_endpoint_auth_method } = given
    // A server may settle for another way than it was asked for.
    const auth_method = authMethods.find((name) => name === token_endpoint_auth_method) ?? method
    return { client_id, client_secret: typeof client_secret === 'string' ? client_secret : undefined, auth_method }
  } catch {
    signal.throwIfAborted()
    throw unsupported('The authorization server refused to register a client: give the option client.')
  }
}
