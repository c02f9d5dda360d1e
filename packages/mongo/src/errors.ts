// What an error of MongoDB or of its driver means for the caller: come back later, or never.
import { isVaultError, VaultError } from '@mcpvault/core'

/**
 * Codes that pass by themselves (MongoDB, src/mongo/base/error_codes.yml): a primary that steps down or is elected, a
 * server that shuts down, the network, conflicts of writes and transactions, time limits, failed write concerns.
 */
const passing: ReadonlySet<number> = new Set([
  6, 7, 24, 50, 64, 89, 91, 112, 134, 136, 175, 189, 225, 237, 244, 246, 251, 262, 290, 317, 358, 9001, 10058, 10107,
  11600, 11602, 13435, 13436,
])
const passingLabels = ['RetryableWriteError', 'TransientTransactionError', 'UnknownTransactionCommitResult'] as const
/** Errors of the driver that stand for a broken or missing connection. */
const network =
  /^E(?:CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|Network|ServerSelection|PoolCleared|PoolClosed|ExpiredSession|TopologyClosed|NotConnected|WaitQueue|Timeout/
const duplicateKey = 11_000
const transactionsMissing = 20

/** The error of the contract for whatever was thrown. */
export function storeError(error: unknown): VaultError {
  if (isVaultError(error)) return error
  const code = codeOf(error)
  const retryable = isPassing(error)
  // The server's message repeats values, such as the key that was there already; its code says enough.
  const cause = code === undefined ? error : Object.assign(new Error('MongoDB refused an operation.'), { code })
  if (code !== transactionsMissing) return new VaultError('VAULT_STORE_FAILED', { cause, retryable })
  return new VaultError('VAULT_STORE_FAILED', {
    cause,
    retryable: false,
    detail: 'The deployment has no transactions any more. Make the store anew, so that it finds out.',
  })
}

export function isPassing(error: unknown): boolean {
  if (passingLabels.some((label) => hasLabel(error, label))) return true
  const code = codeOf(error)
  if (code !== undefined) return passing.has(code)
  if (!(error instanceof Error)) return false
  // Errors of sockets reach the caller as they are now and then. A bulk of writes wraps what broke it, under a name of
  // its own, and without a label when the connection of another call broke first.
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return network.test(name) || ('errorResponse' in error && isPassing(error.errorResponse))
}

/** A document with this key was there already. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === duplicateKey
}

/** False when the key of what `work` inserts was there already. */
export async function unlessDuplicate(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
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
