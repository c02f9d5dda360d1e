// An app with the vault's handler below a base path, on SQLite, for tests of the page: users sign in by a cookie.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey, keyRing, type SecretScope, type Vault } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import Database from 'libsql'
import { vaultHandler } from '../../../src/index.ts'
import { buildPage } from './build-page.ts'

/** Where the app has mounted it. */
export const basePath = '/apps/vault'

/** Answers in the handler's place; `cut after` lets the handler do its work, and then ends the connection. */
export type Interruption = (request: Request) => Response | 'cut after' | undefined

export interface PageHost {
  readonly origin: string
  readonly vault: Vault
  /** Every answer to a browser but those of reveals, and every line that was logged. */
  readonly written: readonly string[]
  /** The own secrets of a user. */
  scope(user: string, server: string): SecretScope
  /** From now on; undefined for none. */
  interrupt(by: Interruption | undefined): void
  /** Runs a statement on the database itself, as somebody who can write the file does. */
  alter(statement: string): void
  stop(): Promise<void>
}

export async function startHost(): Promise<PageHost> {
  await buildPage()
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-page-'))
  const path = join(folder, 'vault.db')
  const store = sqliteStore({ path }, { driver: 'libsql' })
  await store.migrate()
  const vault = createVault({
    keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }),
    store,
    policy: { roles: { auditor: [{ allow: ['audit', 'operate'] }] } },
    tiers: { 1: { reasonRequired: true } },
  })
  const written: string[] = []
  const handler = vaultHandler({
    vault,
    basePath,
    principal: principalOf,
    limits: { revealsPerMinute: 1_000 },
    logger: { error: (facts, message) => void written.push(JSON.stringify({ facts, message })) },
  })
  let interruption: Interruption | undefined

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await requestOf(incoming)
    const instead = interruption?.(request)
    const connection = { remoteAddress: incoming.socket.remoteAddress, encrypted: false }
    const answer = instead instanceof Response ? instead : await handler(request, connection)
    if (instead === 'cut after') {
      incoming.socket.destroy()
      return
    }
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (!new URL(request.url).pathname.endsWith('/reveal')) written.push(`${request.url}\n${bytes.toString('latin1')}`)
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(bytes)
  }

  const server = createServer((incoming, response) => void serve(incoming, response).catch(() => response.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The host has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    vault,
    written,
    scope: (user, name) => vault.as({ id: user }).scope({ server: name }),
    interrupt(by) {
      interruption = by
    },
    alter(statement) {
      const database = new Database(path)
      database.prepare(statement).run()
      database.close()
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await vault.close()
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A user whose name begins with `auditor` has the role. */
function principalOf({ headers }: Request): { readonly id: string; readonly roles: readonly string[] } | undefined {
  const [, name] = /(?:^|; )user=([^;]+)/.exec(headers.get('cookie') ?? '') ?? []
  if (name === undefined) return undefined
  const id = decodeURIComponent(name)
  return { id, roles: id.startsWith('auditor') ? ['auditor'] : [] }
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const { method = 'GET', url = '/', headers } = incoming
  const given = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  const isRead = method === 'GET' || method === 'HEAD'
  const body = isRead || chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
  return new Request(`http://${headers.host}${url}`, { method, headers: Object.fromEntries(given), ...body })
}
