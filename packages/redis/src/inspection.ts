// When the server is looked at: before its first use, after each connection, and now and then while it is used.
import { type Clock, isVaultError } from '@mcpvault/core'
import type { StoreLogger } from '@mcpvault/core/adapter'
import type { ConnectionEvents } from './events.ts'

export interface Inspection {
  /** Waits for a look when there was none since the client was connected; else one may begin, and nobody waits for it. */
  beforeUse(): Promise<void> | undefined
  /** Waits for a look unless one began in the last second. */
  beforeAbsence(): Promise<void>
}

export interface InspectionOptions {
  /** Rejects with the reason why the server cannot be used. */
  readonly look: (again: LookAgain) => Promise<void>
  readonly events: ConnectionEvents
  readonly clock: Clock
  readonly logger: StoreLogger | undefined
}

/** Whether the server was usable before. */
export interface LookAgain {
  readonly wasUsable: boolean
}

/** How old a look may be before the next call begins another, in milliseconds. */
const maxAgeMs = 5_000
/** How old a look may be when something is said to be absent, in milliseconds. */
const maxAgeOfAbsenceMs = 1_000

/**
 * A server that was found unusable is looked at again by every call, so that it is used again once it was mended.
 * A look that does not reach the server changes nothing: calls do not reach it either.
 */
export function inspectionOf({ look, events, clock, logger }: InspectionOptions): Inspection {
  let usable: { readonly atMs: number; readonly connections: number } | undefined
  let wasUsable = false
  let running: Promise<void> | undefined

  async function lookNow(): Promise<void> {
    const started = { atMs: clock.monotonicMs(), connections: events.connections }
    try {
      await look({ wasUsable })
      usable = started
      wasUsable = true
    } catch (error) {
      if (isVaultError(error) && !error.retryable) {
        if (usable !== undefined) logger?.warn({ store: 'redis', code: error.code }, error.message)
        usable = undefined
      }
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
