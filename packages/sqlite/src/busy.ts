// Retries while another connection holds the lock: at once and synchronously first, then later and without blocking.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Awaitable, type CallOptions, type Clock, VaultError } from '@mcpvault/core'
import { isBusy, storeError } from './errors.ts'

export interface BusyPolicy {
  readonly clock: Clock
  /** From 0 to 1, spreads the waits of many processes. */
  readonly random: () => number
  /** How long one call may keep trying. */
  readonly limitMs: number
}

/** Runs synchronous attempts; each must leave nothing behind when it fails. */
export type Run = <T>(attempt: () => T, options?: CallOptions) => Awaitable<T>

const longestPauseMs = 50

/**
 * Makes the function that runs every operation: the plain result when the first attempt is not hindered, a promise
 * while it is. A driver's error leaves as an error of the vault.
 */
export function busyRetry(policy: BusyPolicy): Run {
  return (attempt, options) => {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
      return keepTrying(attempt, { ...policy, signal: options?.signal })
    }
  }
}

async function keepTrying<T>(
  attempt: () => T,
  { clock, random, limitMs, signal }: BusyPolicy & { readonly signal: AbortSignal | undefined },
): Promise<T> {
  const startMs = clock.monotonicMs()
  for (let round = 1; ; round += 1) {
    await pause(1 + random() * Math.min(2 ** round, longestPauseMs), signal)
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
      if (clock.monotonicMs() - startMs < limitMs) continue
      throw new VaultError('VAULT_STORE_FAILED', {
        detail: 'Another connection kept the database locked; nothing was written.',
        retryable: true,
        cause: error,
      })
    }
  }
}

/** The clock's timers let a process end; a process with a write under way must not, so this is a timer of Node's own. */
async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
