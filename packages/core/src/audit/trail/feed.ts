// The queue in front of one sink: one batch under way at a time, and what failed is sent again unchanged.

import type { AuditRow, Awaitable, CallOptions } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, isPromiseLike, withDeadline } from '../../time/index.ts'
import type { AuditLimits, RaiseAlarm } from './options.ts'

/** A row on its way to a sink. */
export interface Entry {
  readonly row: AuditRow
  /** Of the last row of an append: told when this row, and so every row before it, was accepted or failed. */
  readonly waiter?: Waiter | undefined
}

interface Waiter {
  resolve(): void
  reject(cause: unknown): void
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
  /** How long the first row of a batch waits for others; 0 writes after the current tick. */
  readonly batchDelayMs: number
  readonly onAccepted: (rows: readonly AuditRow[]) => void
  /** Takes all entries of a forked stream, at least one, and gives those to queue in their place. */
  readonly onForked: (entries: readonly Entry[]) => readonly Entry[]
  readonly raise: RaiseAlarm
}

export interface Feed {
  readonly target: FeedTarget
  hasRoomFor(rows: number): boolean
  /**
   * Queues rows, unless there is no room: then they are counted as lost. Resolves once the sink has all of them. Rejects
   * with the error of the sink when an attempt failed; what is queued is sent again all the same.
   */
  append(rows: readonly AuditRow[]): Promise<void>
  /** Queues rows also when there is no room. */
  appendAlways(rows: readonly AuditRow[]): Promise<void>
  /** Tries to empty the queue now. True when nothing is left. */
  flush(): Promise<boolean>
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
  let isScheduled = false
  let isFailing = false
  let hasForked = false
  let isByStream = false
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
        const first = queue.slice(0, limits.batchRows)
        const batch = isByStream ? oneStream(first) : first
        // Rows that arrive during this attempt wait for one of their own, even when this one fails.
        const waiting = queue.slice()
        try {
          const result = write(batch)
          const outcome = isPromiseLike(result) ? await result : result
          if (outcome === 'stored') accept(batch)
          else if (batch.length > oneStream(batch).length) isByStream = true
          else abandonStream(batch)
        } catch (cause) {
          fail(waiting, cause)
          if (queue.length > waiting.length) continue
          return scheduleAfter(limits.retryDelayMs)
        }
      }
    } finally {
      isRunning = false
    }
  }

  const write = (batch: readonly Entry[]): Awaitable<'stored' | 'forked'> => {
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'A sink gave no answer in time.' })
    const rows = batch.map(({ row }) => row)
    return withDeadline({ clock, limitMs: limits.sinkTimeoutMs, timeoutError }, (call) => target.write(rows, call))
  }

  const accept = (batch: readonly Entry[]): void => {
    isFailing = false
    hasForked = false
    isByStream = false
    queue = queue.slice(batch.length)
    reportLostRows()
    onAccepted(batch.map(({ row }) => row))
    for (const { waiter } of batch) waiter?.resolve()
  }

  const abandonStream = (batch: readonly Entry[]): void => {
    // A store that calls every stream forked must not be asked again and again.
    if (hasForked) throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'The store reports one fork after another.' })
    hasForked = true
    isByStream = false
    const stream = batch[0]?.row.stream
    const forked = queue.filter(({ row }) => row.stream === stream)
    queue = queue.filter(({ row }) => row.stream !== stream)
    queue.push(...onForked(forked))
  }

  const fail = (entries: readonly Entry[], cause: unknown): void => {
    if (!isFailing) raise({ kind: 'sink-failed', sink: target.id, cause })
    isFailing = true
    hasForked = false
    for (const { waiter } of entries) waiter?.reject(cause)
  }

  const reportLostRows = (): void => {
    if (lostRows > 0) raise({ kind: 'dropped', count: lostRows, sink: target.id })
    lostRows = 0
  }

  /** The calls of many callers take many microtasks of one tick, and share one append. */
  const scheduleAfterTick = (): void => {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      void start()
    })
  }

  const scheduleAfter = (delayMs: number): void => {
    if (!isStopped) cancelTimer ??= clock.schedule(() => void start(), delayMs)
  }

  const appendAlways = (rows: readonly AuditRow[]): Promise<void> => {
    const done = new Promise<void>((resolve, reject) => {
      const last = rows.length - 1
      for (const [index, row] of rows.entries()) {
        queue.push({ row, waiter: index === last ? { resolve, reject } : undefined })
      }
    })
    // A failure is raised as an alarm, so that not everybody has to wait for it.
    done.catch(() => undefined)
    if (!isRunning) {
      if (batchDelayMs === 0) scheduleAfterTick()
      else if (queue.length >= limits.batchRows && !isFailing) void start()
      else scheduleAfter(batchDelayMs)
    }
    return done
  }

  const hasRoomFor = (rows: number): boolean => queue.length + rows <= limits.queueRows

  return {
    target,
    hasRoomFor,
    append(rows) {
      if (hasRoomFor(rows.length)) return appendAlways(rows)
      lostRows += rows.length
      const refused = Promise.reject(new VaultError('VAULT_AUDIT_FAILED', { detail: 'A sink has no room.' }))
      refused.catch(() => undefined)
      return refused
    },
    appendAlways,
    async flush() {
      await start()
      return queue.length === 0
    },
    stop() {
      isStopped = true
      cancelTimer?.()
      reportLostRows()
      for (const { waiter } of queue) waiter?.reject(new VaultError('VAULT_CLOSED'))
    },
  }
}

/**
 * The rows at the head that are of one stream. Where the rows of several are refused as forked, they are sent stream by
 * stream, so that one fork stops one stream alone.
 */
function oneStream(entries: readonly Entry[]): readonly Entry[] {
  const end = entries.findIndex(({ row }) => row.stream !== entries[0]?.row.stream)
  return end === -1 ? entries : entries.slice(0, end)
}
