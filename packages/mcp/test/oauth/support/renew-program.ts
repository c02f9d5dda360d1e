// A process of the campaign: opens the vault where the test says, and renews its tokens by several callers at once.
import { createVault, isVaultError, keyRing, type SecretScope, type VaultStore } from '@mcpvault/core'
import { postgresStore } from '@mcpvault/postgres'
import { sqliteStore } from '@mcpvault/sqlite'
import { serveJobs } from '@mcpvault/testkit/history/worker'
import pg from 'pg'
import { oauthRefresh } from '../../../src/oauth/index.ts'

/** How a process opens a store. */
export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

export interface RenewInput {
  readonly address: StoreAddress
  readonly key: string
  readonly callers: number
  /** Sent to the server, so that it can tell who asks. */
  readonly process: string
}

const jobs = { renew }
export type RenewJobs = typeof jobs
serveJobs(jobs)

let opened: SecretScope | undefined

/** What the callers got: each answer once, as `<version> <access token>` or a code. */
async function renew(input: RenewInput): Promise<readonly string[]> {
  opened ??= open(input)
  const scope = opened
  const refresh = oauthRefresh({
    allowInsecureLoopback: true,
    fetch: (url, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-process', input.process)
      return fetch(url, { ...init, headers })
    },
  })
  const answers = await Promise.all(
    Array.from({ length: input.callers }, async () => {
      try {
        const value = await scope.renew('tokens', refresh, { waitMs: 60_000 })
        return `${value?.version} ${value?.fields()['access_token']}`
      } catch (error) {
        return isVaultError(error) ? error.code : String(error)
      }
    }),
  )
  return [...new Set(answers)]
}

function open({ address, key }: RenewInput): SecretScope {
  const vault = createVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': key } }), store: storeAt(address) })
  return vault.as({ id: 'alice' }).scope({ server: 'crm' })
}

function storeAt(address: StoreAddress): VaultStore {
  if (address.kind === 'sqlite') return sqliteStore({ path: address.path }, { driver: 'libsql' })
  return postgresStore({ pool: new pg.Pool({ connectionString: address.url, max: 4 }) })
}
