// Which errors of MongoDB and of its driver are transient, and which are permanent.
import { isVaultError, VaultError } from '@mcpvault/core'

/**
 * Transient codes (MongoDB, src/mongo/base/error_codes.yml): a primary that steps down or is elected, a server that
 * shuts down, the network, conflicts of writes and transactions, time limits, failed write concerns.
 */
const transient: ReadonlySet<number> = new Set([
  6, 7, 24, 50, 64, 89, 91, 112, 134, 136, 175, 189, 225, 237, 244, 246, 251, 262, 290, 317, 358, 9001, 10058, 10107,
  11600, 11602, 13435, 13436,
])
const transientLabels = ['RetryableWriteError', 'TransientTransactionError', 'UnknownTransactionCommitResult'] as const
/** Names of the driver's errors for a broken or missing connection. */
const network =
  /^E(?:CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|Network|ServerSelection|PoolCleared|PoolClosed|ExpiredSession|TopologyClosed|NotConnected|WaitQueue|Timeout/
const duplicateKey = 11_000
const transactionsMissing = 20

/** The error of the contract for whatever was thrown. */
export function storeError(error: unknown): VaultError {
  if (isVaultError(error)) return error
  const code = codeOf(error)
  const retryable = isTransient(error)
  // The server's message may repeat values, such as a duplicate key, so only its code is kept.
  const cause = code === undefined ? error : Object.assign(new Error('MongoDB refused an operation.'), { code })
  if (code !== transactionsMissing) return new VaultError('VAULT_STORE_FAILED', { cause, retryable })
  return new VaultError('VAULT_STORE_FAILED', {
    cause,
    retryable: false,
    detail: 'The deployment no longer has transactions. Create the store again, so that it does without.',
  })
}

export function isTransient(error: unknown): boolean {
  if (transientLabels.some((label) => hasLabel(error, label))) return true
  const code = codeOf(error)
  if (code !== undefined) return transient.has(code)
  if (!(error instanceof Error)) return false
  // Errors of sockets may reach the caller as they are. A bulk write wraps its error under a name of its own, and
  // without a label when the connection of another call was the first to break.
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return network.test(name) || ('errorResponse' in error && isTransient(error.errorResponse))
}

/** False when a document with the key of what `work` inserts is stored already. */
export async function unlessDuplicate(work: () => Promise<unknown>): Promise<boolean> {
  return (await undefinedIfDuplicate(async () => ({ done: await work() }))) !== undefined
}

/** Undefined when a document with the key of what `work` inserts is stored already. */
export async function undefinedIfDuplicate<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    // A call of the store has wrapped the driver's error.
    if (codeOf(isVaultError(error) ? error.cause : error) === duplicateKey) return undefined
    throw error
  }
}

export function hasLabel(error: unknown, label: string): boolean {
  if (!(error instanceof Error) || !('hasErrorLabel' in error) || typeof error.hasErrorLabel !== 'function')
    return false
  return error.hasErrorLabel(label) === true
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}
