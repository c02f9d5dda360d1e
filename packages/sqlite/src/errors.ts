// What a driver's error means: a lock held by someone else, a missing schema, or a failure of the file.
import { isVaultError, VaultError } from '@mcpvault/core'

/** SQLite's primary result codes for transient failures, some of which an operator ends by making room. */
const transientCodes: ReadonlyMap<number, string> = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [7, 'SQLITE_NOMEM'],
  [9, 'SQLITE_INTERRUPT'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
  [15, 'SQLITE_PROTOCOL'],
])

const readOnlyCode = 8

/** Whether another connection holds the lock that this one needs. Nothing has been written then. */
export function isBusy(error: unknown): boolean {
  const code = transientCode(error)
  return code === 5 || code === 6
}

/** The error of the contract for whatever a driver threw. */
export function storeError(error: unknown): VaultError {
  if (isVaultError(error)) return error
  if (isSchemaMissing(error)) return new VaultError('VAULT_STORE_NOT_READY', { cause: error })
  if (isReadOnly(error)) {
    const detail = 'The database can only be read: look at the mode of the file, and at how it was opened.'
    return new VaultError('VAULT_STORE_FAILED', { cause: error, detail, retryable: false })
  }
  if (isInTransaction(error)) {
    const detail = 'The application has a transaction open on this connection: call the vault before it, or after it.'
    return new VaultError('VAULT_STORE_FAILED', { cause: error, detail, retryable: false })
  }
  return new VaultError('VAULT_STORE_FAILED', { cause: error, retryable: transientCode(error) !== undefined })
}

/** SQLite has one code for all wrong statements; only the message tells a missing schema from the rest. */
export function isSchemaMissing(error: unknown): boolean {
  return error instanceof Error && /\bno such (?:table|column|index)\b/.test(error.message)
}

/** The store's own transactions begin and end without a pause, so the open one is of the owner of the connection. */
function isInTransaction(error: unknown): boolean {
  return error instanceof Error && error.message.includes('cannot start a transaction within a transaction')
}

/** Nothing has been written then. */
function isReadOnly(error: unknown): boolean {
  return primaryCode(error) === readOnlyCode
}

function transientCode(error: unknown): number | undefined {
  const code = primaryCode(error)
  return code !== undefined && transientCodes.has(code) ? code : undefined
}

/** The primary code when it is one that is told apart. Drivers give a number (with details above bit 8) or a name. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff
  if (!('code' in error) || typeof error.code !== 'string') return undefined
  const name = error.code
  const named = [...transientCodes, [readOnlyCode, 'SQLITE_READONLY'] as const]
  for (const [code, prefix] of named) if (name === prefix || name.startsWith(`${prefix}_`)) return code
  return undefined
}
