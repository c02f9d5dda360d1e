// initializeProbe: the function that `validate` of a vault takes for a credential of an MCP server.
import { matchHost, type ProbeFinding, type ProbeFunction, type SecretValue } from '@mcpvault/core'
import { z } from 'zod'
import { type Credential, parseCredential } from './credentials.ts'
import { type EndpointOptions, parseEndpoint } from './endpoint.ts'
import { applyCredential } from './match-credential.ts'
import { firstMessage } from './message-stream.ts'

/** Options of `initializeProbe`. */
export interface InitializeProbeOptions extends EndpointOptions {
  /** Where the MCP server takes its requests. */
  readonly url: string | URL
  /** The revision of the protocol to ask for. Default `2025-06-18`. */
  readonly protocolVersion?: string
}

/**
 * Tries a credential by an `initialize` of the Model Context Protocol over streamable HTTP:
 * `scope.validate(name, initializeProbe({ url }))`. `valid` when the server answers it, `invalid` for 401 and 403, else
 * `unknown`. A text is sent as a bearer token. The credential goes to no host but that of the URL, which must be one of
 * its hosts where it has any, and over no redirect. A server that asks for a login at its tools only says `valid` to anybody.
 * Throws `VAULT_VALUE_INVALID` for a URL without https.
 *
 * @example
 * const report = await github.validate('token', initializeProbe({ url: 'https://mcp.example.com/mcp' }))
 * console.log(report?.status, report?.summary)
 */
export function initializeProbe(options: InitializeProbeOptions): ProbeFunction {
  const url = parseEndpoint(options.url, 'url', options)
  const { fetch: send = fetch } = options
  return async (value, { signal, info }) => {
    if (info.hosts !== undefined && matchHost(url, info.hosts) === undefined)
      return unknown('The server is none of the hosts of the credential: nothing was sent.')
    const credential = credentialOf(value)
    if (credential.kind === 'env') return unknown('A credential of the kind env is sent by no request.')
    const request = applyCredential(credential, { url, headers: headers(options) })
    let response: Response
    try {
      const init = {
        method: 'POST',
        headers: request.headers,
        body: initialize(options),
        redirect: 'manual',
        signal,
      } as const
      response = await send(request.url, init)
    } catch {
      return unknown('The server could not be reached.')
    }
    const finding = await findingOf(response)
    // What nobody reads is not waited for.
    await response.body?.cancel().catch(() => undefined)
    await endSession(response, () =>
      send(request.url, {
        method: 'DELETE',
        headers: withSession(request.headers, response),
        redirect: 'manual',
        signal,
      }),
    )
    return finding
  }
}

function unknown(summary: string): ProbeFinding {
  return { status: 'unknown', summary }
}

function credentialOf(value: SecretValue): Exclude<Credential, { kind: never }> {
  return value.encoding === 'fields'
    ? parseCredential(value.fields())
    : parseCredential({ kind: 'bearer', token: value.reveal() })
}

const defaultVersion = '2025-06-18'

function headers({ protocolVersion = defaultVersion }: InitializeProbeOptions): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': protocolVersion,
  }
}

function initialize({ protocolVersion = defaultVersion }: InitializeProbeOptions): string {
  const clientInfo = { name: 'mcpvault', version: '0' }
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion, capabilities: {}, clientInfo },
  })
}

/** What the answer to `initialize` shows. */
const initialized = z.object({
  result: z.object({ protocolVersion: z.string().max(40), serverInfo: z.object({ name: z.string().max(100) }) }),
})

async function findingOf(response: Response): Promise<ProbeFinding> {
  const { status } = response
  if (status === 401 || status === 403)
    return { status: 'invalid', summary: `The server refused it with HTTP ${status}.` }
  if (!response.ok) return unknown(`The server answered HTTP ${status}.`)
  const message = initialized.safeParse(await firstMessage(response).catch(() => undefined))
  if (!message.success) return unknown('The server gave no answer to initialize.')
  const { serverInfo, protocolVersion } = message.data.result
  return { status: 'valid', summary: `${serverInfo.name} answered initialize, protocol ${protocolVersion}.` }
}

const sessionHeader = 'mcp-session-id'

function withSession(given: Headers, response: Response): Headers {
  const headers = new Headers(given)
  headers.set(sessionHeader, response.headers.get(sessionHeader) ?? '')
  return headers
}

/** A server may keep a session for each initialize; what it makes of its end changes nothing. */
async function endSession(response: Response, end: () => Promise<Response>): Promise<void> {
  if (!response.headers.has(sessionHeader)) return
  await end().then(
    (ended) => ended.body?.cancel(),
    () => undefined,
  )
}
