// An app with the vault's handler below a base path, on SQLite, for tests of the page: users sign in by a cookie.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey, keyRing, type SecretScope, type Vault } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import Database from 'libsql'
import { type VaultHandler, vaultHandler } from '../../../src/index.ts'
import { toNode } from '../../../src/mount/index.ts'
import { buildPage } from './build-page.ts'

/** Where the app has mounted it. */
export const basePath = '/apps/vault'

/**
 * Answers in the handler's place; `cut after` lets the handler do its work, and then ends the connection; `heldUntil`
 * lets it do its work, and keeps the answer back.
 */
export type Interruption = (
  request: Request,
) => Response | 'cut after' | { readonly heldUntil: Promise<void> } | undefined

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

  const interrupted: VaultHandler = async (request, connection) => {
    const instead = interruption?.(request)
    if (instead instanceof Response) return instead
    const answer = await handler(request, connection)
    if (typeof instead === 'object') await instead.heldUntil
    const isReveal = new URL(request.url).pathname.endsWith('/reveal')
    if (!isReveal) written.push(`${request.url}\n${await answer.clone().text()}`)
    return instead === 'cut after' ? new Response(cutStream(), answer) : answer
  }
  const server = createServer(toNode(interrupted))
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

/** A body that ends the connection instead of coming. */
function cutStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) })
}
