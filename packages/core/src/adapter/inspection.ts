// When a store looks at its server: before its first use, after each connection, and now and then while it is used.
import { isVaultError, VaultError } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'
import { type StoreLogger, safeLogger } from './safe-logger.ts'

/** Looks at the server of a store. */
export interface Inspection {
  /** Waits for a look when there was none since the client was connected; else one may begin, and nobody waits for it. */
  beforeUse(): Promise<void> | undefined
  /** Waits for a look unless one began in the last second. For the answer that something is absent. */
  beforeAbsence(): Promise<void>
}

export interface InspectionOptions {
  /** Rejects with a permanent `VaultError`, such as `VAULT_CONFIG_INVALID`, when the server cannot be used. */
  readonly look: (before: LookBefore) => Promise<void>
  /** How often the client was connected; each connection may be one to another server. */
  readonly events: { readonly connections: number }
  readonly clock: Clock
  /** Gets a warning when the server is no longer used. */
  readonly logger: StoreLogger | undefined
  /** Logged with the warning, such as `{ store: 'redis' }`. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** What earlier looks found, and what ends this one. */
export interface LookBefore {
  readonly wasUsable: boolean
  /** Aborted after 10 seconds, when nobody waits for the look any more. */
  readonly signal: AbortSignal
}

/** How old a look may be before the next call begins another, in milliseconds. */
const maxAgeMs = 5_000
/** How old a look may be when something is said to be absent, in milliseconds. */
const maxAgeOfAbsenceMs = 1_000
/** How long a look may take, in milliseconds: all calls share it, so one that is never answered would stop them all. */
const limitMs = 10_000

/**
 * Makes the looks of one store. A server that was found unusable is looked at again by every call, so that it is used
 * again once it was mended. A look that does not reach the server changes nothing: calls do not reach it either.
 *
 * @example
 * const inspection = inspectionOf({ look, events: { connections: 0 }, clock, logger: console, fields: { store: 'mine' } })
 * await inspection.beforeUse()
 */
export function inspectionOf({ look, events, clock, logger, fields }: InspectionOptions): Inspection {
  let usable: { readonly atMs: number; readonly connections: number } | undefined
  let wasUsable = false
  let running: Promise<void> | undefined

  function refuse({ code, message }: VaultError): void {
    if (usable !== undefined) safeLogger(logger)?.warn({ ...fields, code }, message)
    usable = undefined
  }

  async function lookNow(): Promise<void> {
    const started = { atMs: clock.monotonicMs(), connections: events.connections }
    try {
      await withDeadline({ clock, limitMs, timeoutError: unanswered }, ({ signal }) => look({ wasUsable, signal }))
      usable = started
      wasUsable = true
    } catch (error) {
      if (isVaultError(error) && !error.retryable) refuse(error)
      throw error
    }
  }

  function lookOnce(): Promise<void> {
    running ??= lookNow().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    beforeUse() {
      if (usable === undefined || usable.connections !== events.connections) return lookOnce()
      if (clock.monotonicMs() - usable.atMs > maxAgeMs) lookOnce().catch(() => undefined)
      return undefined
    },
    async beforeAbsence() {
      if (usable === undefined || clock.monotonicMs() - usable.atMs > maxAgeOfAbsenceMs) await lookOnce()
    },
  }
}

function unanswered(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail: 'The server did not answer in time.', retryable: true })
}
