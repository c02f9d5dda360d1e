// Calls to the key provider: few at a time, each and the wait before it within a time limit, with errors of the vault.
import type { CallOptions, KeyProvider } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'
import type { DataKeyLimits } from './data-key.ts'
import { keyError } from './failure.ts'
import { createLimiter } from './limiter.ts'

export interface ProviderCallOptions {
  readonly provider: KeyProvider
  readonly clock: Clock
  readonly limits: Pick<DataKeyLimits, 'unwraps' | 'callMs'>
}

/** Runs one call to the provider. */
export type ProviderCall = <T>(work: (options: CallOptions) => T | PromiseLike<T>) => Promise<T>

export function createProviderCall({ provider, clock, limits }: ProviderCallOptions): ProviderCall {
  const { unwraps: limit, callMs } = limits
  const timeoutError = (): Error => new VaultError('VAULT_KEY_UNAVAILABLE')
  const limited = createLimiter({ limit, clock, waitMs: callMs, timeoutError })
  return (work) =>
    limited(async () => {
      try {
        return await withDeadline({ clock, limitMs: callMs, timeoutError }, work)
      } catch (error) {
        throw keyError(error, provider)
      }
    })
}
