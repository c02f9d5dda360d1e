// A real authorization server on this machine: refresh tokens rotate, a second use of one revokes its family at once.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** A client that the server knows from the start. */
export const staticClient = { client_id: 'crm', client_secret: 'the secret of crm+%' } as const
export const publicClient = { client_id: 'public' } as const

/** What the server has counted. */
export interface ServerCounts {
  /** Requests to the token endpoint that gave tokens. */
  granted: number
  /** Refresh tokens that were not taken: used before, or of a revoked family. */
  refused: number
  revoked: number
}

/** Stands before the server; true when it has dealt with the request itself. */
type Before = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

export interface TestServer {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly counts: ServerCounts
  /** Called before each request, and after it has been dealt with, before its answer ends. */
  before: Before
  afterToken: (request: IncomingMessage) => void
  /** Signs alice in without a browser. */
  signIn(clientId: string): Promise<string>
  close(): Promise<void>
}

/** Starts the server. */
export async function startAuthorizationServer(): Promise<TestServer> {
  const http = createServer()
  // Its clients keep their connections, and must not send on one that is closed just then.
  http.keepAliveTimeout = 0
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve))
  // An address of a server that listens on a port is an object.
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const provider = new Provider(issuer, configuration(issuer))
  const counts: ServerCounts = { granted: 0, refused: 0, revoked: 0 }
  const server: TestServer = {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    counts,
    before: () => false,
    afterToken: () => undefined,
    signIn: (clientId) => signIn(provider, clientId),
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  provider.on('grant.success', () => {
    counts.granted += 1
  })
  provider.on('grant.error', (_context, error) => {
    if (error.error === 'invalid_grant') counts.refused += 1
  })
  provider.on('grant.revoked', () => {
    counts.revoked += 1
  })
  provider.use(async (context, next) => {
    await next()
    if (context.path === '/token') server.afterToken(context.req)
  })
  const handle = provider.callback()
  http.on('request', async (request, response) => {
    if (!(await server.before(request, response))) handle(request, response)
  })
  return server
}

function configuration(issuer: string): ConstructorParameters<typeof Provider>[1] {
  const grants = { grant_types: ['authorization_code', 'refresh_token'], redirect_uris: [`${issuer}/callback`] }
  return {
    clients: [
      { ...staticClient, ...grants, token_endpoint_auth_method: 'client_secret_basic' },
      { ...staticClient, ...grants, client_id: 'crm-post', token_endpoint_auth_method: 'client_secret_post' },
      { ...publicClient, ...grants, token_endpoint_auth_method: 'none', application_type: 'native' },
    ],
    scopes: ['openid', 'offline_access', 'crm'],
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `${issuer}/mcp`,
        getResourceServerInfo: () => ({ scope: 'crm', accessTokenFormat: 'opaque' as const }),
        useGrantedResource: () => true,
      },
    },
    cookies: { keys: ['for tests'] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: { AccessToken: 3_600, RefreshToken: 86_400, Grant: 86_400, Session: 3_600, Interaction: 600, IdToken: 600 },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  }
}

async function signIn(provider: Provider, clientId: string): Promise<string> {
  const client = await provider.Client.find(clientId)
  if (client === undefined) throw new Error('There is no such client.')
  const grant = new provider.Grant({ accountId: 'alice', clientId })
  grant.addOIDCScope('openid offline_access')
  const grantId = await grant.save()
  const scope = 'openid offline_access'
  const token = new provider.RefreshToken({ accountId: 'alice', client, grantId, gty: 'authorization_code', scope })
  return token.save()
}
