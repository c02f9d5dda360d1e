// The error of the contract for an error of Postgres or of its driver: transient, permanent, or no schema yet.
import { isVaultError, VaultError } from '@mcpvault/core'

/**
 * Transient classes and codes (PostgreSQL documentation, appendix A): connection exceptions, a server that is out of
 * resources, shuts down or starts, a cancelled or conflicting transaction, a lock that was not free.
 */
const transient = ['08', '40', '53', '57', '58', '55P03', '25006', '25P03', 'XX000'] as const
/** An unknown table, schema, column or function: the schema is missing or older. */
const notMigrated = ['42P01', '3F000', '42703', '42883'] as const

/**
 * The connection broke (08), the server went away or failed (57P, 58, XX), or it says so itself (40003): a commit may have
 * been done. After every other error the transaction was rolled back.
 */
const undecided = /^(?:08|57P|58|XX|40003)/

/** Codes of sockets, and the driver's own errors, which have none. */
const network =
  /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_)|terminat|timeout|ended|not queryable|closed/i

/** The error of the contract for whatever was thrown. */
export function storeError(error: unknown): VaultError {
  if (isVaultError(error)) return error
  const code = sqlState(error)
  if (code === undefined) return new VaultError('VAULT_STORE_FAILED', { cause: error, retryable: isNetwork(error) })
  // The server's message and detail repeat values; its code says all that a caller may know.
  const cause = Object.assign(new Error('Postgres refused a statement.'), { code })
  if (notMigrated.some((each) => each === code)) return new VaultError('VAULT_STORE_NOT_READY', { cause })
  if (lacksStatement(code, error)) {
    return new VaultError('VAULT_CONFIG_INVALID', { field: 'preparedStatements', detail: behindPooler, cause })
  }
  const retryable = transient.some((each) => code.startsWith(each))
  const known = undecided.test(code) ? {} : { detail: 'Postgres refused the statement; nothing was written.' }
  return new VaultError('VAULT_STORE_FAILED', { cause, retryable, ...known })
}

/**
 * A named statement that is not on the connection (26000), is there already (42P05), or is another one (08P01, where the
 * server names it): the connection of the pool is not one connection to the server.
 */
function lacksStatement(code: string, error: unknown): boolean {
  if (code === '26000' || code === '42P05') return true
  return code === '08P01' && error instanceof Error && error.message.includes('"mcpvault_')
}

const behindPooler =
  "must be 'unnamed' behind a pooler that changes connections between transactions and does not keep prepared " +
  'statements, such as PgBouncer before 1.21 in transaction mode: a prepared statement was not where it was made.'

/** A serialization failure or a deadlock: the transaction was rolled back, and the same again can succeed. */
export function isConflict(error: unknown): boolean {
  const code = sqlState(error)
  return code === '40001' || code === '40P01'
}

/** A row with this key was there already. */
export function isDuplicate(error: unknown): boolean {
  return sqlState(error) === '23505'
}

/** The server refused a statement permanently, and nothing of it was done. */
export function isRefusal(error: unknown): boolean {
  return isVaultError(error) && !error.retryable && sqlState(error.cause) !== undefined
}

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}

function isNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return network.test(code) || network.test(error.message)
}
