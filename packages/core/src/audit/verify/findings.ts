// What a verification has found so far: counts, the first problems of all, and the report at the end.
import type { RowProblem } from './check-stream.ts'

/**
 * Something that contradicts the trail. Where `seenBy` names a checkpoint, its process had only seen the row in the
 * store: the stream may be as it was, and the store may have shown that process a row that never was.
 */
export type AuditProblem =
  /** The first bad row of a stream. */
  | { readonly problem: RowProblem; readonly stream: string; readonly sequence: number }
  /**
   * A checkpoint states another row in this place (`head`), or rows from here on that are gone (`truncated`). A row that
   * only a checkpoint with `seenBy` contradicts holds by itself, and is counted among the events.
   */
  | {
      readonly problem: 'head' | 'truncated'
      readonly stream: string
      readonly sequence: number
      readonly seenBy?: string
    }
  /** A checkpoint states this stream, and it is gone. */
  | { readonly problem: 'missing-stream'; readonly stream: string; readonly seenBy?: string }
  /**
   * The store's own lists leave this row out, so that `auditLog` does not show it (`unlisted`), or lead to this place,
   * where there is no row of a listed stream (`stray`).
   */
  | { readonly problem: 'unlisted' | 'stray'; readonly stream: string; readonly sequence: number }
  /** The checkpoint with this id is not what was signed, or is of another vault. */
  | { readonly problem: 'checkpoint'; readonly checkpoint: string }

/** What a verification found. */
export interface AuditVerification {
  /** Nothing contradicts the trail. */
  readonly ok: boolean
  readonly streams: number
  /** Rows that hold. */
  readonly events: number
  /** Rows among them whose user was replaced by a pseudonym. */
  readonly redacted: number
  /** Checkpoints that hold. */
  readonly checkpoints: number
  /** Streams without a closing event: of other processes that still run, or of ones that were killed. */
  readonly unclosed: number
  /**
   * The first 1,000 streams that no checkpoint of another process states: of their end, only their writer tells. Those
   * that the verifying vault itself still writes to are not among them.
   */
  readonly unseen: readonly string[]
  readonly unseenCount: number
  /** The first 1,000 problems. */
  readonly problems: readonly AuditProblem[]
  readonly problemCount: number
}

export interface Findings {
  readonly counts: { streams: number; events: number; redacted: number; checkpoints: number; unclosed: number }
  add(problem: AuditProblem): void
  addUnseen(stream: string): void
  report(): AuditVerification
}

/** How much of each kind a report lists. */
const maxListed = 1_000

export function findings(): Findings {
  const counts = { streams: 0, events: 0, redacted: 0, checkpoints: 0, unclosed: 0 }
  const problems: AuditProblem[] = []
  const unseen: string[] = []
  let problemCount = 0
  let unseenCount = 0
  return {
    counts,
    add(problem) {
      problemCount += 1
      if (problems.length < maxListed) problems.push(problem)
    },
    addUnseen(stream) {
      unseenCount += 1
      if (unseen.length < maxListed) unseen.push(stream)
    },
    report: () => ({ ok: problemCount === 0, ...counts, unseen, unseenCount, problems, problemCount }),
  }
}
