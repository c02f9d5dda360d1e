// The audit part of the store contract: append-only rows, streams and checkpoints.
import type { AuditAction, AuditOutcome, AuditRow, Checkpoint } from './audit.ts'
import type { Awaitable, CallOptions } from './awaitable.ts'

/** Which rows; conditions all hold. */
export interface AuditFilter {
  readonly stream?: string
  readonly principal?: string
  readonly owner?: string
  readonly server?: string
  readonly name?: string
  readonly secretId?: string
  readonly correlationId?: string
  readonly actions?: readonly AuditAction[]
  readonly outcomes?: readonly AuditOutcome[]
  /** At or after. */
  readonly from?: Date
  /** Before. */
  readonly to?: Date
}

/** The last row of the page before. */
export interface AuditCursor {
  readonly at: Date
  readonly stream: string
  readonly sequence: number
}

/** A stream as the store knows it. */
export interface AuditStreamInfo {
  readonly stream: string
  readonly firstAt: Date
  readonly lastAt: Date
  readonly lastSequence: number
  /** The mac of the row at `lastSequence`: with it, the heads of many streams are read in one query. */
  readonly lastMac: Uint8Array
  /** Whether the row at `lastSequence` is a closing event: its action is `audit.closed`. */
  readonly isClosed: boolean
}

/** Audit rows. They never go with a secret or a user. */
export interface AuditStore {
  /**
   * Appends rows, all or none, durably. A row that is already there with the same mac counts as written; with
   * another mac the answer is `forked` and nothing is written.
   */
  append(rows: readonly AuditRow[], options?: CallOptions): Awaitable<'stored' | 'forked'>
  /** Newest first: by `at`, then `stream`, then `sequence`, all descending. */
  query(
    filter: AuditFilter,
    options: CallOptions & { readonly limit: number; readonly after?: AuditCursor },
  ): Awaitable<readonly AuditRow[]>
  /** The rows of one stream by ascending sequence, beginning after `afterSequence` (-1 for all). */
  readStream(
    stream: string,
    options: CallOptions & { readonly limit: number; readonly afterSequence: number },
  ): Awaitable<readonly AuditRow[]>
  /** Ordered by stream id, beginning after `after`; with `activeSince`, those with a row at or after it. */
  streams(
    options: CallOptions & { readonly limit: number; readonly after?: string; readonly activeSince?: Date },
  ): Awaitable<readonly AuditStreamInfo[]>
  /** Replaces body, columns and redaction of a row whose mac is the same. False when there is no such row. */
  redact(row: AuditRow, options?: CallOptions): Awaitable<boolean>
  putCheckpoint(checkpoint: Checkpoint, options?: CallOptions): Awaitable<void>
  /** Oldest first: by `createdAt`, then `id`. */
  checkpoints(
    options: CallOptions & {
      readonly limit: number
      readonly after?: { readonly createdAt: Date; readonly id: string }
    },
  ): Awaitable<readonly Checkpoint[]>
}
