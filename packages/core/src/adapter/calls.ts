// Calls to a driver that takes no signal: they end by the caller's signal, and fail with the errors of the contract.
import type { CallOptions } from '../contracts/index.ts'
import type { VaultError } from '../errors/index.ts'
import { untilAborted } from '../time/index.ts'

/**
 * Runs `work` unless the signal is aborted already. Rejects with the signal's reason as soon as it is aborted (the work
 * then goes on, and its result is ignored), and with the store's error for what the work threw.
 */
export type GuardedCall = <T>(options: CallOptions | undefined, work: () => Promise<T>) => Promise<T>

/**
 * Makes the function that runs every call of a store whose driver takes no signal. `storeError` returns the error of
 * the contract for what the driver threw.
 *
 * @example
 * const guarded = guardCalls((cause) => new VaultError('VAULT_STORE_FAILED', { cause }))
 * const value = await guarded({ signal: AbortSignal.timeout(1_000) }, () => client.get('key'))
 */
export function guardCalls(storeError: (error: unknown) => VaultError): GuardedCall {
  return async (options, work) => {
    const signal = options?.signal
    signal?.throwIfAborted()
    try {
      return await untilAborted(work(), signal)
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : storeError(error)
    }
  }
}
