// The typed client: one method for each call of the API, on fetch alone, for browsers and servers.
import { errorOf, noAnswer } from './error.ts'
import type {
  AuditExportQuery,
  AuditPage,
  AuditQuery,
  AuditReport,
  CallOptions,
  Changed,
  GrantInfo,
  GrantList,
  Health,
  ListQuery,
  Me,
  PatchSecret,
  RequireReport,
  RequireRequest,
  RevealedSecret,
  RevealRequest,
  SecretAddress,
  SecretInfo,
  SecretPage,
  SetSecret,
  ShareRequest,
  VerifyRequest,
  VersionList,
  WriteOptions,
} from './types.ts'

/** Options of `vaultClient`. */
export interface VaultClientOptions {
  /** Where the handler is mounted, such as `https://app.example.org/vault`; in a browser also relative, such as `.`. */
  readonly baseUrl: string
  /** Default: the global `fetch`. Give your own to send a session or a token, or to call a handler without a server. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/** The calls of the API. Each throws a `VaultHttpError`. */
export interface VaultClient {
  /** Who is signed in. */
  me(options?: CallOptions): Promise<Me>
  /** One page of secrets: all of the caller's and those shared with it, or those that the query asks for. */
  list(query?: ListQuery, options?: CallOptions): Promise<SecretPage>
  /** Stores a new secret, or a new value of one. */
  set(secret: SecretAddress, body: SetSecret, options?: WriteOptions): Promise<SecretInfo>
  /** A secret without its value. */
  describe(secret: SecretAddress, options?: CallOptions): Promise<SecretInfo>
  /** Changes settings, or fields of the value. */
  patch(secret: SecretAddress, body: PatchSecret, options?: WriteOptions): Promise<SecretInfo>
  /** The value. Every call is an event of the audit trail. */
  reveal(secret: SecretAddress, body?: RevealRequest, options?: CallOptions): Promise<RevealedSecret>
  versions(secret: SecretAddress, options?: CallOptions): Promise<VersionList>
  /** Makes the value of an older version the newest one. */
  restore(secret: SecretAddress, version: number, options?: WriteOptions): Promise<SecretInfo>
  activate(secret: SecretAddress, options?: WriteOptions): Promise<Changed>
  deactivate(secret: SecretAddress, options?: WriteOptions): Promise<Changed>
  /** Deletes so that `undelete` brings it back. */
  delete(secret: SecretAddress, options?: WriteOptions): Promise<Changed>
  undelete(secret: SecretAddress, options?: WriteOptions): Promise<Changed>
  /** Removes a secret permanently. `confirm` is its name, typed again. */
  destroy(secret: SecretAddress, confirm: string, options?: WriteOptions): Promise<Changed>
  grants(secret: SecretAddress, options?: CallOptions): Promise<GrantList>
  share(secret: SecretAddress, grant: ShareRequest, options?: WriteOptions): Promise<GrantInfo>
  /** `changed` is false when there was no such permission. */
  unshare(secret: SecretAddress, principal: string, options?: WriteOptions): Promise<Changed>
  /** Which of the named secrets cannot be used, and why. */
  require(body: RequireRequest, options?: CallOptions): Promise<RequireReport>
  /** One page of the audit trail, newest first. */
  audit(query?: AuditQuery, options?: CallOptions): Promise<AuditPage>
  /** Where the export is: a link for a browser, which downloads NDJSON. */
  auditExportUrl(query?: AuditExportQuery): string
  /** Checks the whole trail; takes a role that allows it. */
  verifyAudit(body?: VerifyRequest, options?: CallOptions): Promise<AuditReport>
  /** Also for a vault that is not well: then `ok` is false. */
  health(options?: CallOptions): Promise<Health>
}

/**
 * A client of the API.
 *
 * @example
 * const client = vaultClient({ baseUrl: 'https://app.example.org/vault' })
 * const { items } = await client.list({ server: 'github' })
 */
export function vaultClient({ baseUrl, fetch: given }: VaultClientOptions): VaultClient {
  const api = `${baseUrl.replace(/\/+$/, '')}/api/v1`
  const doFetch = given ?? ((url, init) => fetch(url, init))

  const send = async (method: string, path: string, { body, options = {} }: Sent): Promise<Response> => {
    const { ifRevision, ifVersion, signal } = options
    const headers: Record<string, string> = { accept: 'application/json' }
    if (ifRevision === 0) headers['if-none-match'] = '*'
    else if (ifRevision !== undefined) headers['if-match'] = `"${ifRevision}"`
    // A browser would hold back a second call of the same address, for the cache.
    const init: RequestInit & { cache: 'no-store' } = {
      method,
      headers,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
    }
    if (signal !== undefined) init.signal = signal
    const sent = { ...body, ...(ifVersion !== undefined && { ifVersion }) }
    // Some proxies dislike a DELETE with a body, so it has one only when it says something.
    if (method !== 'GET' && (method !== 'DELETE' || ifVersion !== undefined)) {
      headers['content-type'] = 'application/json'
      init.body = JSON.stringify(sent)
    }
    try {
      return await doFetch(api + path, init)
    } catch (error) {
      signal?.throwIfAborted()
      throw noAnswer(error)
    }
  }
  const call = async <T>(method: string, path: string, sent: Sent = {}): Promise<T> => {
    const response = await send(method, path, sent)
    if (!response.ok) throw await errorOf(response)
    const data = await dataOf<T>(response)
    if (data === undefined) throw await errorOf(response)
    return data
  }
  // Calls about one secret, without a body and with one.
  const on =
    <T>(method: string, verb = '') =>
    async (secret: SecretAddress, options?: WriteOptions): Promise<T> =>
      call<T>(method, pathOf(secret, verb), { options })
  const write =
    <T>(method: string, verb = '') =>
    async (secret: SecretAddress, body?: object, options?: WriteOptions): Promise<T> =>
      call<T>(method, pathOf(secret, verb), { body, options })

  return {
    me: (options) => call('GET', '/me', { options }),
    list: (query, options) => call('GET', `/secrets${search(query)}`, { options }),
    set: write('PUT'),
    describe: on('GET'),
    patch: write('PATCH'),
    reveal: write('POST', '/reveal'),
    versions: on('GET', '/versions'),
    restore: (secret, version, options) => write<SecretInfo>('POST', '/restore')(secret, { version }, options),
    activate: on('POST', '/activate'),
    deactivate: on('POST', '/deactivate'),
    undelete: on('POST', '/undelete'),
    delete: on('DELETE'),
    destroy: (secret, confirm, options) => write<Changed>('POST', '/destroy')(secret, { confirm }, options),
    grants: on('GET', '/grants'),
    share: async (secret, { with: grantee, ...body }, options) =>
      write<GrantInfo>('PUT', `/grants/${part(grantee)}`)(secret, body, options),
    unshare: async (secret, grantee, options) => on<Changed>('DELETE', `/grants/${part(grantee)}`)(secret, options),
    require: (body, options) => call('POST', '/require', { body, options }),
    audit: (query, options) => call('GET', `/audit${search(query)}`, { options }),
    auditExportUrl: (query) => `${api}/audit/export${search(query)}`,
    verifyAudit: (body, options) => call('POST', '/audit/verify', { body, options }),
    health: async (options) => {
      const response = await send('GET', '/health', { options })
      if (!response.ok && response.status !== 503) throw await errorOf(response)
      return (await dataOf<Health>(response)) ?? { ok: false }
    },
  }
}

async function dataOf<T>(response: Response): Promise<T | undefined> {
  const body: unknown = await response.json().catch((error: unknown) => {
    throw noAnswer(error)
  })
  if (typeof body !== 'object' || body === null || !('data' in body)) return undefined
  // The handler is of the same release as the client, and the compiler holds its answers to the schemas.
  return body.data as T
}

interface Sent {
  readonly body?: object | undefined
  readonly options?: WriteOptions | undefined
}

function pathOf({ server, name, owner }: SecretAddress, verb: string): string {
  return `/secrets/${part(server)}/${part(name)}${verb}${search({ owner })}`
}

/** A part of a path. Every client takes `.` and `..` out of an address, also encoded: the call would be another one. */
function part(text: string): string {
  if (text === '' || text === '.' || text === '..')
    throw new TypeError('a part of the address must not be empty, "." or ".."')
  return encodeURIComponent(text)
}

function search(query: object = {}): string {
  const params = new URLSearchParams()
  for (const [name, given] of Object.entries(query)) {
    const values: readonly unknown[] = Array.isArray(given) ? given : [given]
    for (const value of values) if (value !== undefined) params.append(name, String(value))
  }
  return params.size === 0 ? '' : `?${params}`
}
