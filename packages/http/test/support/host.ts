// A host for tests: a vault in memory, users that a header names, and clients that call the handler without a server.
import {
  createVault,
  generateKey,
  keyRing,
  memoryStore,
  type Policy,
  type Vault,
  type VaultOptions,
} from '@mcpvault/core'
import { type VaultClient, vaultClient } from '../../src/client/index.ts'
import { type VaultHandler, type VaultHandlerOptions, vaultHandler } from '../../src/index.ts'

/** Roles of the users below. */
const policy: Policy = {
  roles: {
    auditor: [{ allow: ['audit'] }],
    operator: [{ allow: ['operate', 'audit'] }],
    support: [{ allow: ['read'], server: 'github' }],
  },
}

const users: Readonly<Record<string, readonly string[]>> = {
  owner: [],
  stranger: [],
  reader: [],
  writer: [],
  admin: [],
  role: ['support'],
  auditor: ['auditor'],
  operator: ['operator'],
}

/** Stands for a session: only the host's own header says who is signed in. */
export const userHeader = 'x-test-session'

export interface Logged {
  readonly facts: Readonly<Record<string, unknown>>
  readonly message: string
}

export interface Host {
  readonly vault: Vault
  readonly handler: VaultHandler
  /** All that was logged, by the handler and by the vault. */
  readonly logged: Logged[]
  /** Sends a request as a user; undefined is nobody. */
  send(user: string | undefined, method: string, path: string, init?: SendInit): Promise<Response>
  client(user: string | undefined): VaultClient
}

export interface SendInit {
  /** Sent as JSON. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | ReadableStream<Uint8Array>
}

export const origin = 'https://app.test'
export const base = `${origin}/vault`

export function createHost(
  options: { readonly vault?: Partial<VaultOptions>; readonly handler?: Partial<VaultHandlerOptions> } = {},
): Host {
  const logged: Logged[] = []
  const log = (facts: Readonly<Record<string, unknown>>, message: string): void => void logged.push({ facts, message })
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
  const logger = { debug: log, warn: log }
  const vault = createVault({
    keys,
    store: memoryStore(),
    policy,
    tiers: { 1: { reasonRequired: true } },
    logger,
    ...options.vault,
  })
  const handler = vaultHandler({
    vault,
    basePath: '/vault',
    principal: (request) => principalOf(request.headers.get(userHeader)),
    limits: { revealsPerMinute: 10_000 },
    logger: { error: log },
    ...options.handler,
  })
  const send: Host['send'] = (user, method, path, { json, headers, body } = {}) => {
    const sent = json === undefined ? body : JSON.stringify(json)
    return handler(
      new Request(`${base}${path}`, {
        method,
        headers: {
          ...(sent !== undefined && { 'content-type': 'application/json' }),
          ...(user !== undefined && { [userHeader]: user }),
          ...headers,
        },
        ...(sent !== undefined && { body: sent, duplex: 'half' }),
      }),
    )
  }
  return {
    vault,
    handler,
    logged,
    send,
    client: (user) => vaultClient({ baseUrl: base, fetch: fetchAs(handler, user) }),
  }
}

export function principalOf(user: string | null): { id: string; roles: readonly string[] } | undefined {
  const roles = user === null ? undefined : users[user]
  return user === null || roles === undefined ? undefined : { id: user, roles }
}

function fetchAs(
  handler: VaultHandler,
  user: string | undefined,
): (url: string, init: RequestInit) => Promise<Response> {
  return (url, init) => {
    const headers = new Headers(init.headers)
    if (user !== undefined) headers.set(userHeader, user)
    return handler(new Request(url, { ...init, headers }))
  }
}

/** What is searched for in answers and logs: in no other text by chance. */
export const canary = 'canary-5f1e0c'
