// The queue in front of one sink: one batch under way at a time, and what failed is sent again unchanged.
import type { AuditRow, Awaitable } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { afterTurn, isPromiseLike, withDeadline } from '../../time/index.ts'
import type { Entry, Feed, FeedOptions } from './feed-parts.ts'
import { batchSize, isRefusal } from './refusal.ts'

/** Feeds one sink. A sink that fails or hangs keeps its rows here and holds up no other sink. */
export function sinkFeed(options: FeedOptions): Feed {
  const { target, clock, limits, batchDelayMs, onAccepted, onForked, onRefused, raise } = options
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
  const batches = batchSize(limits.batchRows)
  const flushes = new Set<Flush>()

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
        const first = queue.slice(0, batches.rows())
        const batch = isByStream ? oneStream(first) : first
        // Rows that arrive during this attempt wait for one of their own, even when this one fails.
        const waiting = queue.slice()
        try {
          const rows = batch.map(({ row }) => row)
          const result = write(rows)
          const outcome = isPromiseLike(result) ? await result : result
          if (outcome === 'stored') accept(batch, rows)
          else if (batch.length > oneStream(batch).length) isByStream = true
          else abandonStream(batch)
        } catch (cause) {
          if (isRefusal(cause) && (batches.halve(batch.length) || (await setAside(batch, cause)))) continue
          fail(waiting, cause)
          if (queue.length > waiting.length) continue
          return scheduleAfter(limits.retryDelayMs)
        }
      }
    } finally {
      isRunning = false
    }
  }

  const write = (rows: readonly AuditRow[]): Awaitable<'stored' | 'forked'> => {
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'A sink gave no answer in time.' })
    return withDeadline({ clock, limitMs: limits.sinkTimeoutMs, timeoutError }, (call) => target.write(rows, call))
  }

  const accept = (batch: readonly Entry[], rows: readonly AuditRow[]): void => {
    isFailing = false
    hasForked = false
    isByStream = false
    batches.accepted(batch.length)
    queue = queue.slice(batch.length)
    reportLostRows()
    onAccepted(rows)
    for (const { waiter } of batch) waiter?.resolve()
    endFlushes(batch, 'written')
  }

  const abandonStream = (batch: readonly Entry[]): void => {
    // A store that calls every stream forked must not be asked again and again.
    if (hasForked) throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'The store reports one fork after another.' })
    hasForked = true
    isByStream = false
    const stream = batch[0]?.row.stream
    const forked = queue.filter(({ row }) => row.stream === stream)
    requeue(stream, onForked(forked))
  }

  /** Leaves out a row that the sink refuses permanently, so that it holds up nothing behind it. */
  const setAside = async ([refused]: readonly Entry[], cause: unknown): Promise<boolean> => {
    const stream = refused?.row.stream
    const fresh = stream === undefined ? undefined : onRefused?.(stream)
    if (fresh === undefined) return false
    try {
      if ((await write(fresh.opening)) !== 'stored') throw new TypeError('A new stream cannot be forked.')
    } catch {
      fresh.abandon()
      return false
    }
    raise({ kind: 'refused', sink: target.id, cause })
    onAccepted(fresh.opening)
    // Those who wait for the refused row wait for the last one of its append.
    queue.find(({ waiter }) => waiter !== undefined)?.waiter?.reject(cause)
    requeue(stream, fresh.moved(queue.filter((entry) => entry !== refused && entry.row.stream === stream)))
    return true
  }

  const requeue = (stream: string | undefined, moved: readonly Entry[]): void => {
    queue = [...queue.filter(({ row }) => row.stream !== stream), ...moved]
    const last = queue.at(-1)
    // What was moved is at the end now.
    for (const flush of flushes) flush.last = last ?? flush.last
    if (last === undefined) endFlushes(undefined, 'written')
  }

  /** Ends the flushes whose last entry is among these; all of them without entries. */
  const endFlushes = (entries: readonly Entry[] | undefined, outcome: 'written' | 'failed'): void => {
    for (const flush of flushes) {
      if (entries !== undefined && !entries.includes(flush.last)) continue
      flushes.delete(flush)
      flush.resolve(outcome === 'written')
    }
  }

  const fail = (entries: readonly Entry[], cause: unknown): void => {
    if (!isFailing) raise({ kind: 'sink-failed', sink: target.id, cause })
    isFailing = true
    hasForked = false
    batches.reset()
    for (const { waiter } of entries) waiter?.reject(cause)
    endFlushes(entries, 'failed')
  }

  const reportLostRows = (): void => {
    if (lostRows > 0) raise({ kind: 'dropped', count: lostRows, sink: target.id })
    lostRows = 0
  }

  /** The calls of many callers take many microtasks of one tick, and share one append. */
  const scheduleAfterTick = (): void => {
    if (isScheduled) return
    isScheduled = true
    afterTurn(() => {
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
    flush() {
      const last = queue.at(-1)
      if (last === undefined || isStopped) return Promise.resolve(last === undefined)
      const flushed = new Promise<boolean>((resolve) => flushes.add({ last, resolve }))
      void start()
      return flushed
    },
    stop() {
      isStopped = true
      cancelTimer?.()
      reportLostRows()
      for (const { waiter } of queue) waiter?.reject(new VaultError('VAULT_CLOSED'))
      endFlushes(undefined, 'failed')
    },
  }
}

interface Flush {
  /** It has everything once this entry is written. */
  last: Entry
  resolve(isWritten: boolean): void
}

/**
 * The rows at the head that are of one stream. Where the rows of several are refused as forked, they are sent stream by
 * stream, so that one fork stops one stream alone.
 */
function oneStream(entries: readonly Entry[]): readonly Entry[] {
  const end = entries.findIndex(({ row }) => row.stream !== entries[0]?.row.stream)
  return end === -1 ? entries : entries.slice(0, end)
}
