// Write lanes: streams that only transactional writes use, so that a write waits for no other event's append.

import type { Awaitable } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, withDeadline } from '../../time/index.ts'
import type { Chain } from '../log/chain.ts'

export interface LanesOptions {
  readonly start: () => Chain
  /** Most lanes at a time. */
  readonly maxLanes: number
  readonly clock: Clock
  /** How long to wait for a lane. */
  readonly waitMs: number
}

export interface Lanes {
  /** An idle lane, a new one, or the next one to come free. Rejects with `VAULT_AUDIT_FAILED` after `waitMs`. */
  take(signal?: AbortSignal): Awaitable<Chain>
  giveBack(lane: Chain): void
  /** Puts a new lane in the place of one whose last row may or may not exist. */
  abandon(lane: Chain): void
  /** Takes out the lanes that nobody uses; those in use are wiped as they come back. */
  close(): readonly Chain[]
}

/** Makes lanes as they are needed; a lane serves one write at a time. */
export function writeLanes({ start, maxLanes, clock, waitMs }: LanesOptions): Lanes {
  const idle: Chain[] = []
  const waiting = new Set<(lane: Chain) => void>()
  let lanes = 0
  let isClosed = false

  const giveBack = (lane: Chain): void => {
    const [next] = waiting
    if (isClosed) lane.end()
    else if (next === undefined) idle.push(lane)
    else {
      waiting.delete(next)
      next(lane)
    }
  }

  return {
    giveBack,
    take(signal) {
      const lane = idle.pop()
      if (lane !== undefined) return lane
      if (lanes < maxLanes) {
        lanes += 1
        return start()
      }
      const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'No write lane came free.' })
      return withDeadline(
        { clock, limitMs: waitMs, signal, timeoutError },
        (call) =>
          new Promise<Chain>((resolve) => {
            let granted: Chain | undefined
            const grant = (free: Chain): void => {
              granted = free
              resolve(free)
            }
            waiting.add(grant)
            call.signal?.addEventListener('abort', () => {
              waiting.delete(grant)
              // Granted and given up in the same turn: nobody will use it.
              if (granted !== undefined) giveBack(granted)
            })
          }),
      )
    },
    abandon(lane) {
      lane.end()
      giveBack(start())
    },
    close() {
      isClosed = true
      return idle.splice(0)
    },
  }
}
