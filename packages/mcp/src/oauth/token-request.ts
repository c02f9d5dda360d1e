// One question to a token endpoint, by oauth4webapi, and what came of it.
import { VaultError } from '@mcpvault/core'
import * as oauth4 from 'oauth4webapi'
import { bounded } from './bounded.ts'
import type { RefreshConfig } from './credentials.ts'
import { type EndpointOptions, isInsecure, parseEndpoint } from './endpoint.ts'
import { plainAnswer } from './token-answer.ts'

/** The parts that each request of the library takes. */
export interface TokenClient {
  readonly server: oauth4.AuthorizationServer
  readonly client: oauth4.Client
  readonly authentication: oauth4.ClientAuth
  readonly request: RequestOptions
}

export interface RequestOptions {
  readonly signal: AbortSignal
  readonly [oauth4.allowInsecureRequests]: boolean
  readonly [oauth4.customFetch]: (url: string, init: CustomRequest) => Promise<Response>
}

type CustomRequest = oauth4.CustomFetchOptions<string, string | URLSearchParams | undefined>

/** The client of a token endpoint. Throws `VAULT_VALUE_INVALID` for an endpoint that is not taken. */
export function tokenClient(config: RefreshConfig, signal: AbortSignal, options: EndpointOptions): TokenClient {
  const { client_id, client_secret, auth_method } = config
  const endpoint = parseEndpoint(config.token_endpoint, 'token_endpoint', options)
  const method = auth_method ?? (client_secret === undefined ? 'none' : 'client_secret_basic')
  if (method !== 'none' && client_secret === undefined)
    throw new VaultError('VAULT_VALUE_INVALID', {
      field: 'client_secret',
      detail: 'must be there for this auth_method.',
    })
  return {
    server: { issuer: config.issuer ?? endpoint.origin, token_endpoint: endpoint.href },
    client: { client_id },
    authentication: authenticationOf(method, client_secret ?? ''),
    request: requestOptions(endpoint, signal, options),
  }
}

/** Options of one request to a URL that was checked. */
export function requestOptions(url: URL, signal: AbortSignal, options: EndpointOptions): RequestOptions {
  const { fetch: send = fetch } = options
  return {
    signal,
    [oauth4.allowInsecureRequests]: isInsecure(url, options),
    [oauth4.customFetch]: async (to, { body, ...init }) =>
      bounded(await send(to, body === undefined ? init : { ...init, body })),
  }
}

function authenticationOf(method: NonNullable<RefreshConfig['auth_method']>, secret: string): oauth4.ClientAuth {
  if (method === 'none') return oauth4.None()
  return method === 'client_secret_basic' ? oauth4.ClientSecretBasic(secret) : oauth4.ClientSecretPost(secret)
}

/** What an endpoint did with a request. */
export type Answered =
  | { readonly kind: 'tokens'; readonly answer: oauth4.TokenEndpointResponse }
  /** It will not take the token again: somebody must sign in. */
  | { readonly kind: 'refused' }
  /** It did nothing with it, so the same can be asked again, after this time where it says so. */
  | { readonly kind: 'busy'; readonly afterMs: number | undefined }
  | { readonly kind: 'failed'; readonly error: VaultError }

/** Sends a request, and reads its answer by `process`. Nothing of an answer gets into an error. */
export async function askForTokens(
  send: () => Promise<Response>,
  process: (response: Response) => Promise<oauth4.TokenEndpointResponse>,
): Promise<Answered> {
  let response: Response
  try {
    response = await send()
  } catch (error) {
    return wasNotSent(error) ? { kind: 'busy', afterMs: undefined } : failed(noAnswer, 'transient')
  }
  if (response.status === 429 || response.status >= 500) {
    await response.body?.cancel()
    return { kind: 'busy', afterMs: retryAfterMs(response.headers.get('retry-after')) }
  }
  const plain = await plainAnswer(response).catch(() => undefined)
  if (plain === undefined) return failed(noTokens, 'permanent')
  try {
    return { kind: 'tokens', answer: await process(plain) }
  } catch (error) {
    return error instanceof oauth4.ResponseBodyError ? refusalOf(error.error) : failed(noTokens, 'permanent')
  }
}

const noAnswer = 'The token endpoint gave no whole answer: whether the refresh token was spent is unknown.'
const noTokens = 'The token endpoint gave an answer without tokens.'

/** Names of refusals that a later request may not meet. */
const transient = ['temporarily_unavailable', 'server_error', 'slow_down']
/** What refuses the refresh token or the code itself; the second is what GitHub says. */
const spent = ['invalid_grant', 'bad_refresh_token']

/** The refusals that a setting of the credential causes. */
const details: Readonly<Record<string, string>> = {
  invalid_client: 'The token endpoint said invalid_client: check client_id, client_secret and auth_method.',
  unauthorized_client: 'The token endpoint said unauthorized_client: the client may not use this grant.',
  unsupported_grant_type: 'The token endpoint said unsupported_grant_type: it gives no tokens this way.',
  invalid_scope: 'The token endpoint said invalid_scope: check refresh_scope.',
  invalid_target: 'The token endpoint said invalid_target: check resource.',
  invalid_request: 'The token endpoint said invalid_request.',
}

function refusalOf(name: string): Answered {
  if (spent.includes(name)) return { kind: 'refused' }
  if (transient.includes(name)) return { kind: 'busy', afterMs: undefined }
  return failed(Object.hasOwn(details, name) ? details[name] : 'The token endpoint refused the request.', 'permanent')
}

function failed(detail: string | undefined, kind: 'transient' | 'permanent'): Answered {
  return { kind: 'failed', error: renewalFailed(detail, kind) }
}

/** The error of a renewal that keeps what is stored. */
export function renewalFailed(detail: string | undefined, kind: 'transient' | 'permanent'): VaultError {
  return new VaultError('VAULT_RENEWAL_FAILED', {
    retryable: kind === 'transient',
    ...(detail === undefined ? {} : { detail }),
  })
}

/** Failures before a connection is there. */
const unsent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']

function wasNotSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && unsent.includes(code)
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined
  const ms = /^[0-9]{1,6}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return ms >= 0 ? ms : undefined
}
