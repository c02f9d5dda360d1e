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
  /** Told when the address asks for a connection that others can read or take over. Default: the console. */
  readonly logger?: StoreLogger
}

/** What an address asks for. */
type Mode = 'disable' | 'no-verify' | 'verify-full'

/**
 * Reads an address such as `DATABASE_URL` holds: `postgres:` or `postgresql:`, with or without a `+driver`. What counts
 * is the host that `pg` connects to: a parameter `host=` goes before the host of the address itself. Without `sslmode`
 * the connection is encrypted and the server's certificate checked, but on this machine's own interface; a socket of this
 * machine is never encrypted. Modes between `disable` and `verify-full` are taken for `verify-full`; `no-verify` checks
 * nothing. `ssl=false` is `sslmode=disable`, and any other `ssl=` is read as the `sslmode` of that name. Blanks, line ends
 * and a pair of quotes around the address are no part of it.
 *
 * Throws `VAULT_CONFIG_INVALID` for any other text, which it does not repeat, and for a user, password or database with
 * characters that must be percent-encoded: a `#`, `?` or `/` in a password would make another host of its beginning.
 *
 * @example
 * const pool = new Pool(postgresUrl('postgresql+asyncpg://app@db.example.com/app'))
 */
export function postgresUrl(text: string, options: PostgresUrlOptions = {}): PostgresConfig {
  const logger = safeLogger(options.logger ?? console)
  const url = parse(text)
  const host = hostOf(url)
  const { searchParams } = url
  const asked = modeOf(searchParams)
  const isSocket = host.startsWith('/')
  const isLocal = isSocket || isLoopbackHost(host)
  // The driver lets these go before the `ssl` that it is given.
  for (const name of ['ssl', 'sslmode', 'uselibpqcompat']) searchParams.delete(name)
  // The certificates that Node trusts, which are those of the system in this respect: there is no file of this name.
  if (searchParams.get('sslrootcert') === 'system') searchParams.delete('sslrootcert')
  if (isSocket) {
    for (const name of [...certificates, 'sslnegotiation']) searchParams.delete(name)
    return { connectionString: url.href, ssl: false }
  }
  if (certificates.some((name) => searchParams.has(name))) {
    searchParams.set('sslmode', 'verify-full')
    return { connectionString: url.href }
  }
  const mode = asked ?? (isLocal ? 'disable' : 'verify-full')
  if (!isLocal && mode === 'disable') logger.warn({ sslmode: mode }, 'The connection to the database is not encrypted.')
  if (!isLocal && mode === 'no-verify') logger.warn({ sslmode: mode }, "The database's certificate is not checked.")
  const ssl = mode === 'disable' ? false : ({ rejectUnauthorized: mode !== 'no-verify' } as const)
  return { connectionString: url.href, ssl }
}

const certificates = ['sslrootcert', 'sslcert', 'sslkey'] as const

/** The host that `pg` connects to (pg-connection-string, `parse`). */
function hostOf({ searchParams, hostname }: URL): string {
  // Of a parameter that is given twice the driver takes the last.
  return searchParams.getAll('host').at(-1) || decodeURIComponent(hostname)
}

/** The strictest of what is asked for, since several spellings of one question may stand in an address. */
function modeOf(searchParams: URLSearchParams): Mode | undefined {
  const asked = [...searchParams.getAll('sslmode'), ...searchParams.getAll('ssl')].filter((value) => value !== '')
  const modes = asked.map((value): Mode => {
    const name = value.toLowerCase()
    if (['disable', 'false', '0', 'no', 'off'].includes(name)) return 'disable'
    return name === 'no-verify' ? 'no-verify' : 'verify-full'
  })
  return (['verify-full', 'no-verify', 'disable'] as const).find((mode) => modes.includes(mode))
}

function parse(given: string): URL {
  const text = withoutQuotes(given.trim())
  const match = /^postgres(?:ql)?(?:\+[a-z0-9_]+)?:\/\//i.exec(text)
  if (match === null) throw invalid('must look like postgres://user@host:5432/database, with or without a +driver.')
  const address = `postgres://${text.slice(match[0].length)}`
  const url = URL.canParse(address) ? new URL(address) : withoutHost(address)
  if (url === undefined || !isEncoded(url)) throw invalid(mustBeEncoded)
  if (hostOf(url) === '') throw invalid('must name a host, as in postgres://user@host:5432/database.')
  return url
}

/** Docker leaves the quotes of a line of an env file in the value. */
function withoutQuotes(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text)
  return quoted?.[2]?.trim() ?? text
}

/** An address with a user and no host, as a socket in `host=` has it: `postgres://app@/app?host=/tmp`. */
function withoutHost(address: string): URL | undefined {
  const named = /^postgres:\/\/([^/?#@]*)@\/([^?#]*)\?([^#]*)$/.exec(address)
  if (named === null) return undefined
  const [, user = '', database = '', query = ''] = named
  const host = new URLSearchParams(query).getAll('host').at(-1)
  const filled = `postgres://${user}@localhost/${database}?${query}`
  return host && URL.canParse(filled) ? new URL(filled) : undefined
}

const mustBeEncoded =
  'must be one address, with every #, ?, /, @ and % in the user, the password and the database percent-encoded: ' +
  'encodeURIComponent() does that.'

/**
 * Whether nothing of a password can have been taken for another part of the address: then what follows its `#`, `?` or
 * `/` ends in the `@` before the real host.
 */
function isEncoded({ username, password, hostname, pathname, search, hash }: URL): boolean {
  if (hash !== '' || pathname.includes('@') || search.includes('@')) return false
  return [username, password, hostname, pathname, search].every((part) => {
    try {
      decodeURIComponent(part)
      return true
    } catch {
      return false
    }
  })
}

function invalid(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'DATABASE_URL', detail })
}
