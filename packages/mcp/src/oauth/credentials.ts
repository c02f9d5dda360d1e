// The kinds of credentials, as `fields` values of a vault, and the helpers that make each from what people have.

import { z } from 'zod'
import { parsed } from './parsed.ts'
import { type TokenAnswer, tokenFields } from './token-answer.ts'

const text = z.string().min(1)
/** What may stand in a header: a token with a line end in it would be another header. */
const headerText = z.string().regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/)
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/)

/** A static token: `Authorization: Bearer ...`. */
const bearerFields = z.object({ kind: z.literal('bearer'), token: headerText })

/** A user and a password: `Authorization: Basic ...`. A user has no colon. */
const basicFields = z.object({ kind: z.literal('basic'), user: z.string().regex(/^[^:]+$/), password: text })

/** A key in a header or in the query of a URL. */
const apiKeyFields = z.discriminatedUnion('in', [
  z.object({ kind: z.literal('api-key'), in: z.literal('header'), name: headerName, value: headerText }),
  z.object({ kind: z.literal('api-key'), in: z.literal('query'), name: text, value: text }),
])

/** How a client proves itself to a token endpoint. */
const authMethod = z.enum(['none', 'client_secret_basic', 'client_secret_post'])

/** Tokens of OAuth, and what is needed to get the next ones. */
const oauthFields = z.object({
  kind: z.literal('oauth'),
  access_token: headerText,
  token_type: text.optional(),
  refresh_token: text.optional(),
  expires_at: z.iso.datetime().optional(),
  scope: text.optional(),
  issuer: text.optional(),
  token_endpoint: text.optional(),
  client_id: text.optional(),
  client_secret: text.optional(),
  auth_method: authMethod.optional(),
  refresh_scope: text.optional(),
  resource: text.optional(),
})

/** A value for an environment variable, such as of a program that calls the hosts. */
const envFields = z.object({
  kind: z.literal('env'),
  variable: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  value: text,
})

/** The schema of every kind, over the fields of a value. */
export const credentialSchema = z.union([bearerFields, basicFields, apiKeyFields, oauthFields, envFields])

/** A credential, as the fields of a value hold it. */
export type Credential = z.output<typeof credentialSchema>
/** Tokens of OAuth, as the fields of a value hold them. */
export type OAuthCredential = z.output<typeof oauthFields>

/** What `set` of a vault takes: `scope.set(name, value, settings)`. */
export interface StorableCredential {
  readonly value: Readonly<Record<string, string>>
  readonly settings: { readonly hosts: readonly string[]; readonly freshUntil?: Date }
}

/** The hosts that a credential may be sent to, as `hosts` of `set` takes them. */
export interface BoundToHosts {
  readonly hosts: readonly string[]
}

/**
 * A static token for the header `Authorization: Bearer`. Throws `VAULT_VALUE_INVALID` with the field at fault, as all of
 * these helpers do.
 *
 * @example
 * const { value, settings } = bearer({ token: 'a token of alice', hosts: ['api.example.com'] })
 * await github.set('token', value, settings)
 */
export function bearer({ hosts, token }: BoundToHosts & { readonly token: string }): StorableCredential {
  return { value: parsed(bearerFields, { kind: 'bearer', token }, 'bearer'), settings: { hosts } }
}

/**
 * A user and a password for the header `Authorization: Basic`.
 *
 * @example
 * const { value, settings } = basic({ user: 'alice', password: 'of alice', hosts: ['*.example.com'] })
 */
export function basic(given: BoundToHosts & { readonly user: string; readonly password: string }): StorableCredential {
  const { hosts, user, password } = given
  return { value: parsed(basicFields, { kind: 'basic', user, password }, 'basic'), settings: { hosts } }
}

/**
 * A key for a header, or for a parameter of the query, which servers and proxies write into their logs: take the header
 * where the server takes both.
 *
 * @example
 * const { value, settings } = apiKey({ in: 'header', name: 'x-api-key', value: 'of alice', hosts: ['api.example.com'] })
 */
export function apiKey(
  given: BoundToHosts & { readonly in: 'header' | 'query'; readonly name: string; readonly value: string },
): StorableCredential {
  const { hosts, name, value } = given
  return { value: parsed(apiKeyFields, { kind: 'api-key', in: given.in, name, value }, 'apiKey'), settings: { hosts } }
}

/** How the next tokens are asked for. */
export interface RefreshConfig {
  readonly token_endpoint: string
  readonly client_id: string
  readonly client_secret?: string | undefined
  /** Default `client_secret_basic` with a secret, `none` without. */
  readonly auth_method?: z.output<typeof authMethod> | undefined
  /** Scopes to ask for; absent asks for those of before. */
  readonly scope?: string | undefined
  /** The resource (RFC 8707) that the token is for, such as the URL of an MCP server. */
  readonly resource?: string | undefined
  readonly issuer?: string | undefined
}

/**
 * Tokens as a token endpoint has sent them, numbers included, with what is needed to refresh them. Without an expiry the
 * token is taken to work until a server refuses it.
 *
 * @example
 * const answer = { access_token: 'a token', refresh_token: 'another', expires_in: 3600 }
 * const refresh = { token_endpoint: 'https://login.example.com/token', client_id: 'my-server' }
 * const { value, settings } = oauth({ answer, refresh, hosts: ['api.example.com'] })
 * await github.set('oauth', value, settings)
 */
export function oauth(
  given: BoundToHosts & {
    readonly answer: TokenAnswer
    readonly refresh?: RefreshConfig | undefined
    /** When the answer came. Default now. */
    readonly receivedAt?: Date
  },
): StorableCredential {
  const { hosts, answer, refresh, receivedAt = new Date() } = given
  const { scope: refresh_scope, ...config } = refresh ?? {}
  const fields = { kind: 'oauth', ...config, refresh_scope, ...tokenFields(answer, receivedAt) }
  const value = withoutAbsent(parsed(oauthFields, withoutAbsent(fields), 'oauth'))
  return { value, settings: { hosts, freshUntil: freshUntilOf(value['expires_at']) ?? noKnownEnd } }
}

/** Later than any token works. */
const noKnownEnd = new Date('9999-12-31T23:59:59.000Z')

/** The instant of the field `expires_at`. */
export function freshUntilOf(expiresAt: string | undefined): Date | undefined {
  return expiresAt === undefined ? undefined : new Date(expiresAt)
}

/**
 * A value for an environment variable of a program, which is not sent by a request.
 *
 * @example
 * const { value, settings } = env({ variable: 'API_KEY', value: 'of alice', hosts: ['api.example.com'] })
 */
export function env(given: BoundToHosts & { readonly variable: string; readonly value: string }): StorableCredential {
  const { hosts, variable, value } = given
  return { value: parsed(envFields, { kind: 'env', variable, value }, 'env'), settings: { hosts } }
}

/**
 * The credential that the fields of a value hold. Throws `VAULT_VALUE_INVALID` for other fields.
 *
 * @example
 * const { value, settings } = bearer({ token: 'a token of alice', hosts: ['api.example.com'] })
 * await github.set('token', value, settings)
 * const token = await github.get('token')
 * console.log(token && parseCredential(token.fields()).kind) // bearer
 */
export function parseCredential(fields: Readonly<Record<string, string>>): Credential {
  return parsed(credentialSchema, fields, 'credential')
}

/** The fields that are there. */
export function withoutAbsent(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) present[name] = value
  return present
}
