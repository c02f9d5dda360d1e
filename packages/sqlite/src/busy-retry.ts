// Waiting while another connection holds the lock: how long each pause is, when to stop, and how attempts are repeated.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Awaitable, type CallOptions, type Clock, VaultError } from '@mcpvault/core'
import { backOffMs } from '@mcpvault/core/adapter'
import { isBusy, storeError } from './errors.ts'

export interface BusyPolicy {
  readonly clock: Clock
  /** From 0 to 1, spreads the pauses of many processes. */
  readonly random: () => number
  /** How long one call may keep trying. */
  readonly limitMs: number
}

const maxPauseMs = 50

/** How long to pause after so many attempts in a row that found the database locked. */
export function busyPauseMs({ random }: BusyPolicy, attempts: number): number {
  return 1 + backOffMs(attempts, { maxMs: maxPauseMs, random })
}

/** The error of a call that found the database locked until its time was over. */
export function stillBusy(cause: unknown): VaultError {
  const detail = 'Another connection kept the database locked; nothing was written.'
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: true, nothingWritten: true, cause })
}

/** Runs synchronous attempts on what is ready; each must leave nothing behind when it fails. */
export type Run<Ready> = <T>(attempt: (on: Ready) => T, options?: CallOptions) => Awaitable<T>

/**
 * Makes the function that repeats attempts: the plain result when the first one finds no lock, a promise while one does.
 * `ready` is called before each attempt, and is a part of it. A driver's error leaves as an error of the vault.
 */
export function busyRetry<Ready>(ready: () => Ready, policy: BusyPolicy): Run<Ready> {
  return (attempt, options) => {
    try {
      return attempt(ready())
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
      return keepTrying(() => attempt(ready()), { policy, signal: options?.signal })
    }
  }
}

async function keepTrying<T>(
  attempt: () => T,
  { policy, signal }: { readonly policy: BusyPolicy; readonly signal: AbortSignal | undefined },
): Promise<T> {
  const { clock, limitMs } = policy
  const startMs = clock.monotonicMs()
  for (let attempts = 1; ; attempts += 1) {
    await pause(busyPauseMs(policy, attempts), signal)
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
      if (clock.monotonicMs() - startMs >= limitMs) throw stillBusy(error)
    }
  }
}

/** The clock's timers let a process end; a process with a call under way must not, so this is a timer of Node's own. */
async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
