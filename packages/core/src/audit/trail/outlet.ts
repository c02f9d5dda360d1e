// The main stream and the way out: events are chained once, and their rows are handed to every feed.

import type { AuditEvent, AuditRow } from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'
import type { Chain } from '../log/chain.ts'
import { decodeRow } from '../log/columns.ts'
import type { StampedEvent } from '../log/event.ts'
import type { Entry, Feed } from './feed.ts'
import type { Ticket } from './ticket.ts'

export interface OutletOptions {
  readonly start: () => Chain
  readonly clock: Clock
  readonly feeds: readonly Feed[]
}

export interface Outlet {
  /** Events as they happen now. */
  stamped(events: readonly AuditEvent[]): readonly StampedEvent[]
  /** The same events, the opening event first when `stream` has no row yet. */
  begun(stream: Chain, events: readonly StampedEvent[]): readonly StampedEvent[]
  /** Chains events in the main stream and queues their rows everywhere. The ticket is for the last of them. */
  deliver(events: readonly StampedEvent[], ticket?: Ticket): void
  /** Queues rows that the sink of `except` already has. */
  forward(rows: readonly AuditRow[], except: Feed | undefined): void
  /** Moves the events of a forked stream to a new main stream. */
  rechain(entries: readonly Entry[]): void
  /** Queues the closing event of a lane, if it ever had another, and wipes its key. */
  close(lane: Chain): void
  /** Queues the closing event of the main stream. Its key stays, since a fork may still move that event. */
  closeMain(): void
  /** Wipes the key of the main stream. */
  wipe(): void
}

/** Connects the main stream with the feeds. */
export function auditOutlet({ start, clock, feeds }: OutletOptions): Outlet {
  let main: Chain | undefined

  const begun = (stream: Chain, events: readonly StampedEvent[]): readonly StampedEvent[] => {
    const [first] = events
    if (first === undefined || stream.nextSequence() > 0) return events
    return [{ event: openedEvent, at: first.at }, ...events]
  }

  const stamped = (events: readonly AuditEvent[]): readonly StampedEvent[] => {
    const at = clock.now()
    return events.map((event) => ({ event, at }))
  }

  const chain = (stream: Chain, events: readonly StampedEvent[]): readonly AuditRow[] => {
    const draft = stream.draft(events)
    draft.accept()
    return draft.rows
  }

  const offer = (feed: Feed, entries: readonly Entry[]): void => {
    if (feed.hasRoomFor(entries.length)) feed.push(entries)
    else feed.refuse(entries)
  }

  const closeStream = (stream: Chain): void => {
    if (stream.nextSequence() === 0) return
    const entries = chain(stream, stamped([closedEvent])).map((row) => ({ row }))
    for (const feed of feeds) feed.push(entries)
  }

  return {
    stamped,
    begun,
    deliver(events, ticket) {
      main ??= start()
      const entries = chain(main, begun(main, events)).map((row): Entry => ({ row }))
      const last = entries.pop()
      if (last !== undefined) entries.push({ row: last.row, ticket })
      for (const feed of feeds) offer(feed, entries)
    },
    forward(rows, except) {
      const entries = rows.map((row) => ({ row }))
      for (const feed of feeds) if (feed !== except) offer(feed, entries)
    },
    rechain(forked) {
      // Only the main stream carries events through a feed; a lane sends nothing but its closing there.
      if (main === undefined || forked[0]?.row.stream !== main.stream) return
      main.end()
      main = start()
      const moved = forked.flatMap(({ row, ticket }) => {
        const { event, at } = decodeRow(row)
        return event.action === 'audit.opened' ? [] : [{ event, at, ticket }]
      })
      const rows = chain(main, [{ event: openedEvent, at: clock.now() }, ...moved])
      const entries = rows.map((row, index): Entry => ({ row, ticket: moved[index - 1]?.ticket }))
      for (const feed of feeds) feed.push(entries)
    },
    close(stream) {
      closeStream(stream)
      stream.end()
    },
    closeMain() {
      if (main !== undefined) closeStream(main)
    },
    wipe() {
      main?.end()
    },
  }
}

const openedEvent: AuditEvent = Object.freeze({
  action: 'audit.opened',
  outcome: 'allowed',
  operation: 'open',
  principal: 'mcpvault',
})

const closedEvent: AuditEvent = Object.freeze({ ...openedEvent, action: 'audit.closed', operation: 'close' })
