// One exchange with the server: JSON both ways, answers of bounded size, no redirects.
import { transitFailure } from './failures.ts'

/** What is sent. */
export interface Exchange {
  /** Names the operation in errors. */
  readonly operation: string
  /** The address of the server, without a slash at the end. */
  readonly url: string
  /** Without `/v1/`, and encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly namespace: string | undefined
  readonly token?: string
  /** Sent as JSON with POST; without it the request is a GET. */
  readonly body?: Readonly<Record<string, unknown>> | undefined
  /** A longer answer is an error. Default 64 KiB. */
  readonly maxAnswerBytes?: number | undefined
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
}

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>

const defaultAnswerBytes = 64 * 1024

/** The answer to a request that succeeded. Throws a `TransitFailure`, and what `fetch` throws. */
export async function exchange({
  operation,
  url,
  path,
  query,
  namespace,
  token,
  body,
  maxAnswerBytes = defaultAnswerBytes,
  fetch,
  signal,
}: Exchange): Promise<Json> {
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
  const response = await fetch(`${url}/v1/${path}${search}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'x-vault-request': 'true',
      ...(token === undefined ? {} : { 'x-vault-token': token }),
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    // A redirect would send the token to another address.
    redirect: 'manual',
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = parsed(await boundedText(response, maxAnswerBytes))
  if (response.status === 200) return answer
  throw transitFailure({ status: response.status, errors: textsIn(answer['errors']) }, operation)
}

/** The object in a field of an answer; empty when there is none. */
export function objectIn(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('The answer of the server is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): Json {
  try {
    return objectIn(JSON.parse(text))
  } catch {
    // What a proxy answers for the server is no JSON; the status says enough.
    return {}
  }
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string').slice(0, 10) : []
}
