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

/** A place in the trail. */
export type AuditPlace = Pick<AuditRow, 'stream' | 'sequence'>

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

/** Part of the entries of a store's own lists that stand for no row. */
export interface AuditStrays {
  /** Where these entries lead: to no row, or to one of a stream that is not among `streams`. */
  readonly strays: readonly AuditPlace[]
  /** Given as `after` for the part that follows; undefined after the last one. */
  readonly next: string | undefined
}

/**
 * The lists by which a store finds rows, where it keeps them itself beside the rows. A list that leaves out a row hides
 * it from `query`, so verification compares them in both directions.
 */
export interface AuditLists {
  /** Those of these rows that some query for them would not find. */
  unlisted(rows: readonly AuditRow[], options?: CallOptions): Awaitable<readonly AuditRow[]>
  /** Entries that stand for no row, part by part; the work of one part is bounded. */
  strays(options: CallOptions & { readonly after: string | undefined }): Awaitable<AuditStrays>
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
  /**
   * All rows, also those that no vault would write: by stream, then by sequence, both ascending, beginning with the row
   * at `from` when there is one. They are taken from the rows themselves and not from the list of `streams`, so that
   * verification sees every row. A row whose sequence is no safe integer may come out of order.
   */
  readAll(
    options: CallOptions & { readonly limit: number; readonly from?: AuditPlace | undefined },
  ): Awaitable<readonly AuditRow[]>
  /** Only where the store keeps lists of its own; a database keeps its indexes itself. */
  readonly lists?: AuditLists
  /**
   * Ordered by stream id, beginning after `after`; with `activeSince`, those with a row at or after it. A list beside
   * the rows may answer: only checkpoints use it, for what they have seen of other processes.
   */
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
