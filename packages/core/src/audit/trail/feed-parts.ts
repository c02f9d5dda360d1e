// What a feed works with: entries of its queue, the sink, its settings, and the stream that takes over.
import type { AuditRow, Awaitable, CallOptions } from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'
import type { AuditLimits, RaiseAlarm } from './options.ts'

/** A row on its way to a sink. */
export interface Entry {
  readonly row: AuditRow
  /** Of the last row of an append: told when this row, and so every row before it, was accepted or failed. */
  readonly waiter?: Waiter | undefined
}

/** Who waits for an append. */
export interface Waiter {
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
  /**
   * A fresh stream for what comes after a row that the sink refuses permanently. Undefined when the rows of this stream
   * cannot go on in another one.
   */
  readonly onRefused?: ((stream: string) => FreshStream | undefined) | undefined
  readonly raise: RaiseAlarm
}

/** A stream that takes over. Either of `moved` and `abandon` is called once. */
export interface FreshStream {
  /** Its opening row, which holds nothing of any caller: a sink that refuses it refuses everything. */
  readonly opening: readonly AuditRow[]
  /** Takes the entries that were queued behind the refused row, and gives those to queue in their place. */
  moved(entries: readonly Entry[]): readonly Entry[]
  abandon(): void
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
  /** Sends now what is queued at this moment. False when an attempt failed: it stays queued then. */
  flush(): Promise<boolean>
  /** Ends the timers and every wait; what is queued stays unwritten. */
  stop(): void
}
