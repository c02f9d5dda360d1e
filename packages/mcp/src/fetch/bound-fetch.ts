// A fetch that adds a secret to its requests, and sends it to the hosts that the secret is bound to and nowhere else.
import { matchHost, type SecretInfo, type SecretScope, type SecretValue } from '@mcpvault/core'
import { mcpVaultError } from '../errors.ts'
import { missingError, reasonOf } from '../missing.ts'
import { createRedactor, type Redactor } from '../redact/index.ts'
import { registerSecret } from '../redaction.ts'
import { configuredHosts, isPrivate } from './hosts.ts'
import { withoutReflection } from './reflection.ts'
import { canSendAgain, nextRequest, type Outgoing, outgoingOf, withoutCredentials } from './sending.ts'

export interface BoundFetchOptions {
  readonly scope: SecretScope
  readonly name: string
  /**
   * The hosts that may get the secret: `api.example.com`, `*.example.com`, each with a port or without. Hosts that the
   * record itself has narrow these; without any, nothing is sent.
   */
  readonly hosts?: readonly string[]
  /**
   * How the secret is sent: the name of a header that gets the value, or a function that makes the headers. Default
   * `authorization: Bearer <value>`. It is never put into a URL.
   */
  readonly header?: string | ((value: SecretValue) => Readonly<Record<string, string>>)
  /** Knows the value, and takes it out of responses. Default: one of its own. */
  readonly redactor?: Redactor
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

/**
 * Makes a fetch that is bound to a secret. Each request reads the secret once, and opens its value only when the
 * hosts of the same record allow the request, so new values and new hosts are used at once. After a 401 it is
 * read again, and the request is sent once more only if its version changed; a body that is a stream, or that of a
 * `Request`, cannot be sent twice, so the 401 is what one gets. Redirects (at most 20) are followed: to hosts that the
 * secret is bound to with it, elsewhere over https and without it, and only when no body would go there. Live values in
 * the headers and the body of a response are replaced.
 *
 * The fetch throws `MCP_DESTINATION_REFUSED` before anything is sent, for another host or for plain http to another
 * machine; `MCP_SECRET_MISSING`; what `scope.get` throws; and what `fetch` throws.
 *
 * @example
 * ```ts
 * const github = boundFetch({ scope: session.scope({ server: 'github' }), name: 'token', hosts: ['api.github.com'] })
 * const response = await github('https://api.github.com/user')
 * ```
 */
export function boundFetch(options: BoundFetchOptions): typeof fetch {
  const { scope, name, redactor = createRedactor() } = options
  const own = options.hosts === undefined ? undefined : configuredHosts(options.hosts)
  const binding = { ...options, label: `${scope.server}/${name}`, own, redactor }
  return async (input, init) => {
    const request = outgoingOf(input, init)
    const first = await send(binding, request)
    if (first.response.status !== 401 || !canSendAgain(request)) return first.response
    const current = await scope.describe(name, waitOf(request))
    if (current === undefined || current.version === first.version) return first.response
    await first.response.body?.cancel()
    return (await send(binding, request)).response
  }
}

interface Binding extends BoundFetchOptions {
  readonly label: string
  readonly own: readonly string[] | undefined
  readonly redactor: Redactor
}

/** Reads the secret, sends the request with it, and forgets it. */
async function send(binding: Binding, request: Outgoing): Promise<{ response: Response; version: number }> {
  const { redactor } = binding
  const { value, isAllowed } = await readFor(binding, request)
  try {
    const retire = await registerSecret(redactor, { server: binding.scope.server, name: binding.name, value })
    try {
      const response = await follow(binding, { request, secret: headersOf(binding, value), isAllowed })
      return { response: withoutReflection(response, redactor), version: value.version }
    } catch (error) {
      throw redactor.error(error)
    } finally {
      // Its grace period is for the body, which comes later.
      retire()
    }
  } finally {
    value.dispose()
  }
}

/** Reads the value, which is opened only when its secret may go there: both are of one read of the record. */
async function readFor(binding: Binding, { url, init }: Outgoing) {
  const { scope, name } = binding
  const destination = checkDestination(binding, url)
  const value = await scope.get(name, { ...waitOf({ init }), onlyIf: destination.onlyIf }).catch((error: unknown) => {
    const reason = reasonOf(error)
    throw destination.refusal() ?? (reason === undefined ? error : missing(reason))
  })
  if (value === undefined) throw missing('missing')
  // Also for a scope that gave a value without asking.
  if (destination.isChecked()) return { value, isAllowed: destination.isAllowed }
  value.dispose()
  throw destination.refusal() ?? refused(binding.label, 'its scope did not ask where it may go')

  function missing(reason: NonNullable<ReturnType<typeof reasonOf>>): Error {
    const { owner, server } = scope
    return missingError([{ key: name, owner, server, name, reason }], { principalId: owner })
  }
}

/** Refuses at once what the options do not allow, and by `onlyIf` what the record does not. */
function checkDestination({ own, label }: Binding, url: URL) {
  const found: { hosts: SecretInfo['hosts']; why: string | undefined; isChecked: boolean } = {
    hosts: undefined,
    why: undefined,
    isChecked: false,
  }
  const isAllowed = (target: URL): boolean =>
    [own, found.hosts].every((hosts) => hosts === undefined || matchHost(target, hosts) !== undefined)
  const elsewhere = `${url.host} is none of its hosts`
  if (!isPrivate(url)) throw refused(label, `${url.protocol}//${url.host} is not https`)
  if (!isAllowed(url)) throw refused(label, elsewhere)
  return {
    isAllowed,
    onlyIf({ hosts }: SecretInfo): boolean {
      found.hosts = hosts
      if (own === undefined && hosts === undefined) found.why = unbound
      else found.why = isAllowed(url) ? undefined : elsewhere
      found.isChecked = found.why === undefined
      return found.isChecked
    },
    isChecked: () => found.isChecked,
    refusal: () => (found.why === undefined ? undefined : refused(label, found.why)),
  }
}

const unbound = 'it is bound to no host. Give boundFetch hosts, or store them with it'

/** Made by hand, since an error of `Headers` repeats the value that it refuses. */
function headersOf({ header, label }: Binding, value: SecretValue): Headers {
  try {
    if (typeof header === 'function') return new Headers(header(value))
    return new Headers(
      header === undefined ? { authorization: `Bearer ${value.reveal()}` } : { [header]: value.reveal() },
    )
  } catch {
    throw new TypeError(`The secret "${label}" cannot be sent in a header: it is bytes, or has a line break in it.`)
  }
}

interface Way {
  readonly request: Outgoing
  readonly secret: Headers
  readonly isAllowed: (url: URL) => boolean
}

const maxRedirects = 20

async function follow({ fetch: send = fetch, label }: Binding, { request, secret, isAllowed }: Way): Promise<Response> {
  const { redirect = 'follow' } = request.init
  let current = request
  let holder: 'with-secret' | 'without-secret' = 'with-secret'
  for (let count = 0; count <= maxRedirects; count++) {
    const { url, init, method, body } = current
    const headers = new Headers(current.headers)
    if (holder === 'with-secret') for (const [name, value] of secret) headers.set(name, value)
    const sent = {
      ...init,
      method,
      headers,
      redirect: 'manual' as const,
      ...(body === undefined ? {} : { body, duplex: 'half' as const }),
    }
    const response = await send(url, sent)
    const next = redirect === 'manual' ? undefined : nextRequest(current, response)
    if (next === undefined) return response
    await response.body?.cancel()
    if (redirect === 'error') throw new TypeError('The response is a redirect, which the request does not follow.')
    if (!isPrivate(next.url) || (url.protocol === 'https:' && next.url.protocol !== 'https:')) {
      throw refused(label, `a redirect leads to ${next.url.protocol}//${next.url.host}, which is not https`)
    }
    // Who was left once is not trusted with the way back.
    if (holder === 'with-secret' && isAllowed(next.url)) current = next
    else {
      if (next.body !== undefined && next.body !== null)
        throw refused(label, `a redirect would send the body to ${next.url.host}`)
      holder = 'without-secret'
      current = { ...next, headers: withoutCredentials(next.headers, secret) }
    }
  }
  throw new TypeError(`There were more than ${maxRedirects} redirects.`)
}

function refused(label: string, why: string): Error {
  return mcpVaultError('MCP_DESTINATION_REFUSED', { message: `The secret "${label}" was not sent: ${why}.` })
}

function waitOf({ init }: Pick<Outgoing, 'init'>): { readonly signal: AbortSignal | undefined } {
  return { signal: init.signal ?? undefined }
}
