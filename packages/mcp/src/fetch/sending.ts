// A request that can be sent more than once: after a redirect, and with a new value after a 401.

type FetchInput = string | URL | Request

/** The parts of a request, with the body as it was given. */
export interface Outgoing {
  readonly url: URL
  readonly init: RequestInit
  readonly method: string
  readonly headers: Headers
  readonly body: RequestInit['body'] | undefined
}

/** Throws TypeError for a URL that is none, or that has a user or a password in it. */
export function outgoingOf(input: FetchInput, init: RequestInit = {}): Outgoing {
  const given = input instanceof Request ? input : undefined
  const url = new URL(given?.url ?? String(input))
  if (url.username !== '' || url.password !== '') throw new TypeError('The URL must not have a user or a password.')
  const { method = given?.method ?? 'GET', body = given?.body ?? undefined, headers = given?.headers, ...rest } = init
  const { signal = given?.signal } = init
  return {
    url,
    init: { ...rest, ...(signal === undefined ? {} : { signal }) },
    method: method.toUpperCase(),
    headers: new Headers(headers),
    body,
  }
}

/** A stream is read by its first use, and the body of a `Request` is one. */
export function canSendAgain({ body }: Outgoing): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true
  return (
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  )
}

/** The next request of a redirect, or undefined when the response is none. */
export function nextRequest(request: Outgoing, response: Response): Outgoing | undefined {
  const location = response.headers.get('location')
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined
  const url = new URL(location, request.url)
  if (url.username !== '' || url.password !== '') throw new TypeError('A redirect must not have a user or a password.')
  const isSafe = request.method === 'GET' || request.method === 'HEAD'
  const becomesGet = response.status === 303 ? !isSafe : response.status < 303 && request.method === 'POST'
  if (!becomesGet) {
    if (!canSendAgain(request)) throw new TypeError('A body that is a stream cannot be sent again after a redirect.')
    return { ...request, url }
  }
  const headers = new Headers(request.headers)
  for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']) {
    headers.delete(name)
  }
  return { ...request, url, method: 'GET', body: undefined, headers }
}

/** What other hosts must not get: the headers of the secret, and those of credentials. */
export function withoutCredentials(headers: Headers, secret: Headers): Headers {
  const rest = new Headers(headers)
  for (const name of ['authorization', 'cookie', 'proxy-authorization', ...secret.keys()]) rest.delete(name)
  return rest
}
