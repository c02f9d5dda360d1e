// The queue in front of one sink: one batch under way at a time, what failed is sent again unchanged.

import type { AuditRow, Awaitable, CallOptions } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, isPromiseLike, withDeadline } from '../../time/index.ts'
import type { RaiseAlarm } from './alarm.ts'
import type { AuditLimits } from './limits.ts'
import type { Ticket } from './ticket.ts'

/** A row on its way. */
export interface Entry {
  readonly row: AuditRow
  /** Told once when this row, and so every row before it, was accepted or failed. */
  readonly ticket?: Ticket | undefined
}

/** Where a feed writes to. */
export interface FeedTarget {
  readonly id: string
  readonly durable: boolean
  write(rows: readonly AuditRow[], options: CallOptions): Awaitable<'stored' | 'forked'>
}

export interface FeedOptions {
  readonly target: FeedTarget
  readonly clock: Clock
  readonly limits: AuditLimits
  /** How long the first row of a batch waits for others; 0 writes at the end of the running turn. */
  readonly batchDelayMs: number
  readonly onAccepted: (rows: readonly AuditRow[]) => void
  /** Gets all entries of a forked stream, at least one; they are out of the queue then. */
  readonly onForked: (entries: readonly Entry[]) => void
  readonly raise: RaiseAlarm
}

export interface Feed {
  readonly id: string
  readonly durable: boolean
  hasRoomFor(rows: number): boolean
  /** Queues rows, also beyond the limit: the caller asked for room. */
  push(entries: readonly Entry[]): void
  /** Counts rows that there is no room for. */
  refuse(entries: readonly Entry[]): void
  /** Tries to empty the queue now. True when nothing is left. */
  drain(): Promise<boolean>
  /** Ends the timers and every wait; what is queued stays unwritten. */
  stop(): void
}

/** Feeds one sink. A sink that fails or hangs keeps its rows here and holds up no other sink. */
export function sinkFeed(options: FeedOptions): Feed {
  const { target, clock, limits, batchDelayMs, onAccepted, onForked, raise } = options
  let queue: Entry[] = []
  let running = Promise.resolve()
  let cancelTimer: (() => void) | undefined
  let isRunning = false
  let isStopped = false
  let isTurnBooked = false
  let isFailing = false
  let hasForked = false
  let lostRows = 0

  const start = (): Promise<void> => {
    cancelTimer?.()
    cancelTimer = undefined
    if (!isRunning) {
      isRunning = true
      running = run()
    }
    return running
  }

  const run = async (): Promise<void> => {
    try {
      while (queue.length > 0 && !isStopped) {
        const batch = oneStream(queue, limits.batchRows)
        // Rows that arrive during this attempt wait for one of their own, even when this one fails.
        const waiting = queue.slice()
        try {
          const result = attempt(batch)
          const outcome = isPromiseLike(result) ? await result : result
          if (outcome === 'stored') accept(batch)
          else giveUpStream(batch)
        } catch (cause) {
          fail(waiting, cause)
          if (queue.length > waiting.length) continue
          return book(limits.retryDelayMs)
        }
      }
    } finally {
      isRunning = false
    }
  }

  const attempt = (batch: readonly Entry[]): Awaitable<'stored' | 'forked'> => {
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'A sink gave no answer in time.' })
    const rows = batch.map(({ row }) => row)
    return withDeadline({ clock, limitMs: limits.sinkTimeoutMs, timeoutError }, (call) => target.write(rows, call))
  }

  const accept = (batch: readonly Entry[]): void => {
    isFailing = false
    hasForked = false
    queue = queue.slice(batch.length)
    tellOfLostRows()
    onAccepted(batch.map(({ row }) => row))
    for (const { ticket } of batch) ticket?.accepted(target.id)
  }

  const giveUpStream = (batch: readonly Entry[]): void => {
    // A store that calls every stream forked would be asked for ever.
    if (hasForked) throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'The store reports one fork after another.' })
    hasForked = true
    const stream = batch[0]?.row.stream
    const forked = queue.filter(({ row }) => row.stream === stream)
    queue = queue.filter(({ row }) => row.stream !== stream)
    onForked(forked)
  }

  const fail = (entries: readonly Entry[], cause: unknown): void => {
    if (!isFailing) raise({ kind: 'sink-failed', sink: target.id, cause })
    isFailing = true
    hasForked = false
    for (const { ticket } of entries) ticket?.failed(target.id, cause)
  }

  const tellOfLostRows = (): void => {
    if (lostRows > 0) raise({ kind: 'dropped', count: lostRows, sink: target.id })
    lostRows = 0
  }

  const startAfterThisTurn = (): void => {
    if (isTurnBooked) return
    isTurnBooked = true
    // What many callers do in one turn takes many microtasks, and shares one append.
    setImmediate(() => {
      isTurnBooked = false
      void start()
    })
  }

  const book = (delayMs: number): void => {
    if (!isStopped) cancelTimer ??= clock.schedule(() => void start(), delayMs)
  }

  return {
    id: target.id,
    durable: target.durable,
    hasRoomFor: (rows) => queue.length + rows <= limits.queueRows,
    push(entries) {
      queue.push(...entries)
      if (isRunning) return
      if (batchDelayMs === 0) startAfterThisTurn()
      else if (queue.length >= limits.batchRows && !isFailing) void start()
      else book(batchDelayMs)
    },
    refuse(entries) {
      lostRows += entries.length
      for (const { ticket } of entries) ticket?.failed(target.id, undefined)
    },
    async drain() {
      await start()
      return queue.length === 0
    },
    stop() {
      isStopped = true
      cancelTimer?.()
      tellOfLostRows()
      for (const { ticket } of queue) ticket?.failed(target.id, undefined)
    },
  }
}

/** The longest run of one stream at the head of the queue, so that a fork concerns one stream alone. */
function oneStream(queue: readonly Entry[], limit: number): readonly Entry[] {
  const head = queue.slice(0, limit)
  const end = head.findIndex(({ row }) => row.stream !== head[0]?.row.stream)
  return end === -1 ? head : head.slice(0, end)
}
