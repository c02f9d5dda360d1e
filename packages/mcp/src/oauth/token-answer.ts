// The answer of a token endpoint, as servers send it: numbers as texts, lists of scopes, no type, errors with status 200.
import { VaultError } from '@mcpvault/core'
import { z } from 'zod'
import { parsed } from './parsed.ts'

/** What a token endpoint sends. Other fields are let through and not kept. */
export interface TokenAnswer {
  readonly access_token: string
  readonly refresh_token?: string | null | undefined
  readonly token_type?: string | null | undefined
  /** Seconds from now, as a number or as a text. */
  readonly expires_in?: number | string | null | undefined
  /** Seconds or milliseconds since 1970, or an ISO 8601 text. */
  readonly expires_at?: number | string | Date | null | undefined
  readonly scope?: string | readonly string[] | null | undefined
}

const optionalText = z.preprocess(
  (value) => (value === null || value === '' ? undefined : value),
  z.string().optional(),
)
const seconds = z.preprocess(
  (value) => (value === null || value === '' ? undefined : typeof value === 'string' ? Number(value) : value),
  z.number().min(0).max(3e9).optional(),
)

const answerSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: optionalText,
  token_type: optionalText,
  expires_in: seconds,
  expires_at: z.union([z.number(), z.string(), z.date(), z.null()]).optional(),
  scope: z.preprocess((value) => (Array.isArray(value) ? value.join(' ') : value), optionalText),
})

/** The fields of a credential that the answer gives. Throws `VAULT_VALUE_INVALID` for one without an access token. */
export function tokenFields(
  answer: unknown,
  receivedAt: Date,
): Readonly<Record<'access_token' | 'refresh_token' | 'token_type' | 'expires_at' | 'scope', string | undefined>> {
  const { access_token, refresh_token, token_type, expires_in, expires_at, scope } = parsed(
    answerSchema,
    answer,
    'answer',
  )
  const endMs = expires_in === undefined ? instantOf(expires_at) : receivedAt.getTime() + expires_in * 1_000
  if (Number.isNaN(endMs)) throw new VaultError('VAULT_VALUE_INVALID', { field: 'answer.expires_at', detail: badTime })
  const end = endMs === undefined ? undefined : new Date(endMs).toISOString()
  return { access_token, refresh_token, token_type, scope, expires_at: end }
}

const badTime = 'must be seconds or milliseconds since 1970, or a time in ISO 8601.'

/** Times in seconds are below this until the year 5138, times in milliseconds above it since 1973. */
const firstMs = 1e11
/** The end of the year 9999: later times are written in another form. */
const lastMs = 253_402_300_799_999

function instantOf(given: number | string | Date | null | undefined): number | undefined {
  if (given === undefined || given === null || given === '') return undefined
  const number = given instanceof Date ? given.getTime() : Number(given)
  const ms = given instanceof Date || number >= firstMs ? number : number * 1_000
  const instant = new Date(Number.isNaN(ms) ? String(given) : ms).getTime()
  return instant >= 0 && instant <= lastMs ? instant : Number.NaN
}

/** The texts that a client looks at: of an OpenID identity, which nobody asked for, nothing is checked. */
const texts = ['refresh_token', 'token_type', 'scope', 'error', 'error_description'] as const

/**
 * The same answer in the form of RFC 6749, which is what the library checks. Its strictness must not lose a token that a
 * server has spent: what is optional and makes no sense is left out. Undefined for one that is no JSON object.
 */
export async function plainAnswer(response: Response): Promise<Response | undefined> {
  const given = jsonObject(await response.text())
  if (given === undefined) return undefined
  const { access_token, expires_in, expires_at } = given
  const body: Record<string, unknown> = { access_token }
  for (const name of texts) body[name] = textOf(given[name])
  if (!response.ok || body['error'] !== undefined)
    return Response.json(body, { status: response.ok ? 400 : response.status })
  // Some call it bot or user: it is sent as a bearer token, whatever it is called.
  if (!/^(?:bearer|dpop)$/i.test(String(body['token_type']))) body['token_type'] = 'bearer'
  body['expires_in'] = seconds.safeParse(expires_in).data
  if (isInstant(expires_at)) body['expires_at'] = expires_at
  return Response.json(body)
}

/** A text, a number as a text, and a list as words; undefined for all else. */
function textOf(value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.join(' ') : typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text !== '' ? text : undefined
}

function isInstant(value: unknown): value is number | string {
  if (typeof value !== 'number' && typeof value !== 'string') return false
  const ms = instantOf(value)
  return ms !== undefined && !Number.isNaN(ms)
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // An object of JSON has string keys; what they hold is checked by the library.
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
