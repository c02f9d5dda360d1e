// Database URLs as other tools write them, for the driver, with TLS wherever a network is crossed.
import { VaultError } from '@mcpvault/core'
import { isLoopbackHost, type StoreLogger, safeLogger } from '@mcpvault/core/adapter'

/** What `new Pool(...)` of `pg` takes. */
export interface PostgresConfig {
  readonly connectionString: string
  /** Absent where the address itself names certificates. */
  readonly ssl?: false | { readonly rejectUnauthorized: boolean }
}

export interface PostgresUrlOptions {
  /** Told when the address asks for a connection that others can read or take over. */
  readonly logger?: StoreLogger
}

/**
 * Reads an address such as `DATABASE_URL` holds: `postgres:` or `postgresql:`, with or without a `+driver`. Without
 * `sslmode` the connection is encrypted and the server's certificate checked, but on this machine's own interface.
 * Modes between `disable` and `verify-full` are taken for `verify-full`; `no-verify` checks nothing.
 *
 * Throws `VAULT_CONFIG_INVALID` for any other text, which it does not repeat.
 *
 * @example
 * const pool = new Pool(postgresUrl('postgresql+asyncpg://app@db.example.com/app'))
 */
export function postgresUrl(text: string, options: PostgresUrlOptions = {}): PostgresConfig {
  const logger = safeLogger(options.logger)
  const url = parse(text)
  url.protocol = 'postgres:'
  const mode = url.searchParams.get('sslmode')
  const isLocal = isLoopbackHost(url.hostname) || url.searchParams.get('host')?.startsWith('/') === true
  if (['sslrootcert', 'sslcert', 'sslkey'].some((name) => url.searchParams.has(name))) {
    url.searchParams.set('sslmode', 'verify-full')
    return { connectionString: url.href }
  }
  url.searchParams.delete('sslmode')
  const ssl = sslOf({ mode, isLocal })
  if (!isLocal && ssl === false) logger?.warn({ sslmode: mode }, 'The connection to the database is not encrypted.')
  if (!isLocal && mode === 'no-verify') logger?.warn({ sslmode: mode }, "The database's certificate is not checked.")
  return { connectionString: url.href, ssl }
}

function sslOf({ mode, isLocal }: { readonly mode: string | null; readonly isLocal: boolean }) {
  if (mode === 'disable' || (mode === null && isLocal)) return false
  return { rejectUnauthorized: mode !== 'no-verify' } as const
}

function parse(text: string): URL {
  const match = /^postgres(?:ql)?(?:\+[a-z0-9_]+)?:\/\//i.exec(text)
  if (match !== null) {
    const rest = text.slice(match[0].length)
    const address = `postgres://${rest}`
    const url = URL.canParse(address) ? new URL(address) : undefined
    if (url !== undefined && (url.hostname !== '' || url.searchParams.has('host'))) return url
  }
  throw new VaultError('VAULT_CONFIG_INVALID', {
    field: 'DATABASE_URL',
    detail: 'must look like postgres://user@host:5432/database, with or without a +driver.',
  })
}
