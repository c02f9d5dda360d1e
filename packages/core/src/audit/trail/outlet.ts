// The way out of the trail: events are chained once in the main stream, and their rows are appended to every sink.

import type { AuditEvent, AuditRow, AuditSink, AuditStore } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { isPromiseLike, untilAborted, withDeadline } from '../../time/index.ts'
import type { Chain, Draft } from '../log/chain.ts'
import { decodeRow } from '../log/columns.ts'
import type { StampedEvent } from '../log/event.ts'
import { sinkFeed } from './feed.ts'
import type { Entry, Feed, FeedTarget, FreshStream } from './feed-parts.ts'
import type { AuditLimits, AuditTrailOptions, RaiseAlarm } from './options.ts'

export interface OutletOptions {
  readonly trail: AuditTrailOptions
  readonly limits: AuditLimits
  readonly raise: RaiseAlarm
  /** Starts a stream. */
  readonly start: () => Chain
  /** Takes rows that the first sink that counts has: checkpoints speak of these. */
  readonly onAccepted: (rows: readonly AuditRow[]) => void
}

export interface Outlet {
  /** Whether one of the sinks that count can queue so many rows more. */
  hasRoomFor(rows: number): boolean
  /**
   * Appends events to the main stream. Resolves when one of the sinks that count has them. Rejects with
   * `VAULT_AUDIT_FAILED` when none could take them now, and with the signal's reason; they stay queued either way.
   */
  append(events: readonly StampedEvent[], signal: AbortSignal | undefined): Promise<void>
  /** Chains events in the main stream. The caller must send the rows next. */
  chain(events: readonly StampedEvent[]): readonly AuditRow[]
  /** Queues rows of the main stream for every sink. The promises are those of the sinks that count. */
  send(rows: readonly AuditRow[]): readonly Promise<void>[]
  /** Queues rows that the store already has for the other sinks. */
  sendToOthers(rows: readonly AuditRow[]): void
  /** Queues the closing events of the main stream and of `others`, and wipes the keys of the others. */
  close(others: readonly Chain[]): void
  /** Sends what is queued now. Rejects when none of the sinks that count took it in time. */
  flush(): Promise<void>
  /** Waits for what is queued for the store now, at most for `sinkTimeoutMs`, whether it can be written or not. */
  settle(signal: AbortSignal | undefined): Promise<void>
  /** Wipes the key of the main stream. Not before its closing event is written: a fork may still move that event. */
  wipe(): void
  /** Ends every timer and every wait. */
  stop(): void
}

/** Opens the outlet. Throws `VAULT_CONFIG_INVALID` when there is no sink, or in required mode no durable one. */
export function openOutlet({ trail, limits, raise, start, onAccepted }: OutletOptions): Outlet {
  const { clock, mode } = trail
  const targets = targetsOf(trail)
  // A buffered trail may have no durable sink: then all count.
  const counts = targets.some(({ durable }) => durable) ? ({ durable }: FeedTarget) => durable : () => true
  const leading = targets.find(counts)
  const feeds = targets.map((target): Feed => {
    const onAppended = target === leading ? onAccepted : () => undefined
    const batchDelayMs = mode === 'required' ? 0 : limits.batchDelayMs
    const onRefused = trail.store !== undefined && target === targets[0] ? freshStream : undefined
    const moves = { onAccepted: onAppended, onForked: moveToNewStream, onRefused }
    return sinkFeed({ target, clock, limits, batchDelayMs, raise, ...moves })
  })
  const counting = feeds.filter(({ target }) => counts(target))
  const [ofStore] = trail.store === undefined ? [] : feeds
  let main: Chain | undefined

  const chain = (events: readonly StampedEvent[]): readonly AuditRow[] => {
    main ??= start()
    return chainIn(main, events)
  }

  const send = (rows: readonly AuditRow[]): readonly Promise<void>[] => {
    const accepted: Promise<void>[] = []
    for (const feed of feeds) {
      const appended = feed.append(rows)
      if (counting.includes(feed)) accepted.push(appended)
    }
    return accepted
  }

  /** Moves the events of a forked stream. Gives the entries for the sink that found the fork, with those who wait. */
  function moveToNewStream(forked: readonly Entry[]): readonly Entry[] {
    for (const { row } of forked.slice(0, 1)) raise({ kind: 'fork', stream: row.stream })
    // A stream of writes sends nothing but its closing event this way.
    if (main === undefined || forked[0]?.row.stream !== main.stream) return []
    main.end()
    main = start()
    return chainMoved(main, { entries: forked, events: [openedEvent] })
  }

  /** Offers a stream for what comes behind an event that the store refuses. */
  function freshStream(refusedIn: string): FreshStream | undefined {
    if (main?.stream !== refusedIn) return undefined
    const next = start()
    const opening = chainIn(next, [{ event: openedEvent, at: clock.now() }])
    return {
      opening,
      moved(entries) {
        main?.end()
        main = next
        for (const feed of feeds) if (feed !== ofStore) void feed.appendAlways(opening)
        return chainMoved(next, { entries, events: [refusedEvent] })
      },
      abandon: () => next.end(),
    }
  }

  /** Chains `events` and then those of the entries, for every sink. Gives the entries for the one that moves them. */
  function chainMoved(
    stream: Chain,
    { entries, events }: { readonly entries: readonly Entry[]; readonly events: readonly AuditEvent[] },
  ): readonly Entry[] {
    const moved = entries.flatMap(({ row, waiter }) => {
      const { event, at } = decodeRow(row)
      return event.action === 'audit.opened' ? [] : [{ event, at, waiter }]
    })
    const at = clock.now()
    const rows = chainIn(stream, [...events.map((event) => ({ event, at })), ...moved])
    for (const feed of feeds) if (feed !== ofStore) void feed.appendAlways(rows)
    return rows.map((row, index) => ({ row, waiter: moved[index - events.length]?.waiter }))
  }

  return {
    hasRoomFor: (rows) => counting.some((feed) => feed.hasRoomFor(rows)),
    async append(events, signal) {
      const accepted = Promise.any(send(chain(events)))
      try {
        await (signal === undefined ? accepted : untilAborted(accepted, signal))
      } catch (error) {
        signal?.throwIfAborted()
        // Made here rather than where the sink failed, so that its stack leads back to the call.
        throw new VaultError('VAULT_AUDIT_FAILED', { cause: error instanceof AggregateError ? error.errors[0] : error })
      }
    },
    chain,
    send,
    sendToOthers(rows) {
      for (const feed of feeds) if (feed !== ofStore) void feed.append(rows)
    },
    close(others) {
      const streams = main === undefined ? others : [...others, main]
      const used = streams.filter((stream) => stream.nextSequence() > 0)
      const rows = used.flatMap((stream) => chainIn(stream, [{ event: closedEvent, at: clock.now() }]))
      if (rows.length > 0) for (const feed of feeds) void feed.appendAlways(rows)
      for (const stream of others) stream.end()
    },
    async flush() {
      const timeoutError = stillWaiting
      const written = await withDeadline({ clock, limitMs: 2 * limits.sinkTimeoutMs, timeoutError }, () =>
        Promise.all(feeds.map((feed) => feed.flush())),
      )
      if (!feeds.some((feed, index) => written[index] && counting.includes(feed))) throw stillWaiting()
    },
    async settle(signal) {
      if (ofStore === undefined) return
      try {
        const limit = { clock, limitMs: limits.sinkTimeoutMs, signal, timeoutError: stillWaiting }
        await withDeadline(limit, () => ofStore.flush())
      } catch {
        // Only the wait is over: what is queued follows, or has its alarm.
        signal?.throwIfAborted()
      }
    },
    wipe() {
      main?.end()
    },
    stop() {
      for (const feed of feeds) feed.stop()
    },
  }
}

/** The next rows of a stream, the opening event first when it has no row yet. */
export function draftIn(stream: Chain, events: readonly StampedEvent[]): Draft {
  const [first] = events
  const isNew = first !== undefined && stream.nextSequence() === 0 && first.event !== openedEvent
  return stream.draft(isNew ? [{ event: openedEvent, at: first.at }, ...events] : events)
}

function chainIn(stream: Chain, events: readonly StampedEvent[]): readonly AuditRow[] {
  const draft = draftIn(stream, events)
  draft.accept()
  return draft.rows
}

const openedEvent: AuditEvent = Object.freeze({
  action: 'audit.opened',
  outcome: 'allowed',
  operation: 'open',
  principal: 'mcpvault',
})

/** Says that an event is missing here, which the store could not hold. */
const refusedEvent: AuditEvent = Object.freeze({
  ...openedEvent,
  action: 'audit.dropped',
  outcome: 'failed',
  operation: 'record',
  errorCode: 'VAULT_STORE_FAILED',
  count: 1,
})

const closedEvent: AuditEvent = Object.freeze({ ...openedEvent, action: 'audit.closed', operation: 'close' })

/** The store first, when there is one. */
function targetsOf({ store, sinks = [], mode }: AuditTrailOptions): readonly FeedTarget[] {
  const targets = sinks.map(sinkTarget)
  if (store !== undefined) targets.unshift(storeTarget(store))
  if (targets.length === 0) throw configError('needs a store or a sink.')
  if (mode === 'required' && !targets.some(({ durable }) => durable))
    throw configError('needs a durable sink in required mode.')
  return targets
}

function storeTarget({ id, audit }: { readonly id: string; readonly audit: AuditStore }): FeedTarget {
  return { id, durable: true, write: (rows, call) => audit.append(rows, call) }
}

function sinkTarget(sink: AuditSink): FeedTarget {
  return {
    id: sink.id,
    durable: sink.durable,
    write(rows, call) {
      const written = sink.write(rows, call)
      return isPromiseLike(written) ? written.then(() => 'stored' as const) : 'stored'
    },
  }
}

function stillWaiting(): VaultError {
  return new VaultError('VAULT_AUDIT_FAILED', { detail: 'Events are still waiting to be written.' })
}

function configError(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'audit', detail })
}
