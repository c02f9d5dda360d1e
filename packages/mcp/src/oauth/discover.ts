// Finds the authorization server of an MCP server: RFC 9728 for the resource, RFC 8414 or OpenID for the server.
import { VaultError } from '@mcpvault/core'
import * as oauth4 from 'oauth4webapi'
import { z } from 'zod'
import { bounded } from './bounded.ts'
import { type EndpointOptions, parseEndpoint } from './endpoint.ts'
import { type RequestOptions, requestOptions } from './token-request.ts'

const text = z.string().optional().catch(undefined)
const texts = z.array(z.string()).optional().catch(undefined)

/** What is looked at of the metadata of a resource. What is not of its type is taken for absent. */
const resourceSchema = z.object({ resource: z.string(), authorization_servers: texts, scopes_supported: texts })

/** What is looked at of the metadata of an authorization server. */
const serverSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: text,
  token_endpoint: text,
  registration_endpoint: text,
  code_challenge_methods_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  authorization_response_iss_parameter_supported: z.boolean().optional().catch(undefined),
})

export type ServerMetadata = z.output<typeof serverSchema>

/** What a sign-in needs of the servers. */
export interface Discovered {
  readonly server: ServerMetadata
  /** What the tokens are for (RFC 8707). */
  readonly resource: string
  /** The scopes that the MCP server names. */
  readonly scopes: readonly string[] | undefined
}

/**
 * Asks the MCP server for its metadata, and the authorization server that it names for its own. A server without
 * metadata is its own authorization server. Throws `VAULT_NOT_SUPPORTED` when there is none, or one without PKCE.
 */
export async function discover(url: URL, signal: AbortSignal, options: EndpointOptions): Promise<Discovered> {
  const resource = new URL(url)
  resource.hash = ''
  const metadata = await resourceMetadata(resource, signal, options)
  const issuer = parseEndpoint(metadata?.authorization_servers?.[0] ?? resource.origin, 'issuer', options)
  const server = await serverMetadata(issuer, signal, options)
  if (server === undefined) throw unsupported('No authorization server says where it is: there is no metadata of it.')
  for (const name of ['authorization_endpoint', 'token_endpoint'] as const)
    parseEndpoint(server[name] ?? '', name, options)
  if (server.code_challenge_methods_supported?.includes('S256') !== true)
    throw unsupported('The authorization server does not offer PKCE with S256.')
  return { server, resource: metadata?.resource ?? resource.href, scopes: metadata?.scopes_supported }
}

/** The metadata of the resource, where its challenge says or at the places of RFC 9728. */
async function resourceMetadata(
  resource: URL,
  signal: AbortSignal,
  options: EndpointOptions,
): Promise<z.output<typeof resourceSchema> | undefined> {
  const origin = new URL(resource.origin)
  const named = await challengedUrl(resource, signal, options)
  const asked = [
    ...(named === undefined ? [] : [{ of: resource, at: named }]),
    { of: resource, at: undefined },
    { of: origin, at: undefined },
  ]
  for (const { of, at } of asked) {
    const request = requestOptions(at ?? of, signal, options)
    const found = await known(async () => {
      const response =
        at === undefined ? await oauth4.resourceDiscoveryRequest(of, request) : await get(at, signal, options)
      return resourceSchema.parse(await oauth4.processResourceDiscoveryResponse(of, response))
    }, signal)
    if (found !== undefined) return found
  }
  return undefined
}

/** The place that the server names when it is asked without a credential. */
async function challengedUrl(resource: URL, signal: AbortSignal, options: EndpointOptions): Promise<URL | undefined> {
  const response = await known(() => get(resource, signal, options), signal)
  await response?.body?.cancel()
  const challenge = response?.headers.get('www-authenticate') ?? ''
  const [, url] = /resource_metadata="([^"]{1,2000})"/.exec(challenge) ?? []
  return url === undefined ? undefined : parseEndpoint(url, 'resource_metadata', options)
}

async function get(url: URL, signal: AbortSignal, { fetch: send = fetch }: EndpointOptions): Promise<Response> {
  return bounded(await send(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal }))
}

async function serverMetadata(
  issuer: URL,
  signal: AbortSignal,
  options: EndpointOptions,
): Promise<ServerMetadata | undefined> {
  const request: RequestOptions = requestOptions(issuer, signal, options)
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    const found = await known(async () => {
      const response = await oauth4.discoveryRequest(issuer, { ...request, algorithm })
      return serverSchema.parse(await oauth4.processDiscoveryResponse(issuer, response))
    }, signal)
    if (found !== undefined) return found
  }
  return undefined
}

/** What the work gives; undefined when the server has nothing of the kind there, or something else. */
async function known<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work()
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** The error for servers that cannot be used, with what they lack. */
export function unsupported(detail: string): VaultError {
  return new VaultError('VAULT_NOT_SUPPORTED', { detail })
}
