// Events that nobody waits for: they are held until the current tick is over, and counted when there is no room.
import type { AuditRow } from '../../contracts/index.ts'
import { afterTurn } from '../../time/index.ts'
import type { StampedEvent } from '../log/event.ts'
import type { AuditLimits, RaiseAlarm } from './options.ts'
import type { Outlet } from './outlet.ts'

export interface BufferOptions {
  readonly outlet: Outlet
  readonly limits: AuditLimits
  readonly raise: RaiseAlarm
  /** The time of an event that reports dropped ones. */
  readonly now: () => Date
}

export interface EventBuffer {
  /** Takes all of these events, or counts all as dropped when there is no room. */
  add(events: readonly StampedEvent[]): void
  /** Chains what is held, before something that has to follow it. */
  chainNow(): void
  /** Records how many events were dropped since the last time, if any. */
  recordDropped(): void
}

/**
 * Holds the events of buffered mode. Computing a MAC costs about as much as decrypting a value. Done after the current
 * tick, it overlaps with the I/O of the next call.
 */
export function eventBuffer({ outlet, limits, raise, now }: BufferOptions): EventBuffer {
  let held: StampedEvent[] = []
  let dropped = 0
  let isScheduled = false

  const chainNow = (): void => {
    const events = held
    held = []
    const rows: AuditRow[] = []
    for (const event of events) {
      try {
        rows.push(...outlet.chain([event]))
      } catch {
        // An invalid event. Its call has returned already, so it is counted among the dropped ones.
        dropped += 1
      }
    }
    if (rows.length > 0) outlet.send(rows)
  }

  return {
    chainNow,
    add(events) {
      // The event that opens the stream needs room too.
      if (!outlet.hasRoomFor(1 + held.length + events.length)) {
        dropped += events.length
        return
      }
      held.push(...events)
      if (held.length >= limits.batchRows) return chainNow()
      if (isScheduled) return
      isScheduled = true
      afterTurn(() => {
        isScheduled = false
        chainNow()
      })
    },
    recordDropped() {
      if (dropped === 0) return
      chainNow()
      const count = dropped
      dropped = 0
      raise({ kind: 'dropped', count })
      const event = { action: 'audit.dropped', outcome: 'failed', operation: 'record', principal: 'mcpvault' } as const
      outlet.send(outlet.chain([{ event: { ...event, count }, at: now() }]))
    },
  }
}
