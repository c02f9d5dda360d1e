// Verification of the whole trail: every row of every stream, every checkpoint, and each against the other.
import { decodeHex } from '../../bytes/index.ts'
import type { AuditRow, AuditStore, Checkpoint } from '../../contracts/index.ts'
import { type StatedHeads, type StreamHeads, statedHeads, type Witness } from '../checkpoint/heads.ts'
import { noteReader, publicKeyOf } from '../checkpoint/note.ts'
import { streamIdBytes } from '../log/mac.ts'
import type { AuditKeys } from '../log/redact.ts'
import { type RowProblem, streamChecker } from './check-stream.ts'
import { allCheckpoints, allStreams, streamPages, type Walk } from './walk.ts'

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
  /** Streams without a closing event: of running processes, or of ones that were killed. */
  readonly unclosed: number
  /** The first 1,000 streams that no checkpoint of another process states: of their end, only their writer tells. */
  readonly unseen: readonly string[]
  readonly unseenCount: number
  /** The first 1,000 problems. */
  readonly problems: readonly AuditProblem[]
  readonly problemCount: number
}

/** What to verify, and with what. */
export interface VerifyAuditOptions extends AuditKeys {
  readonly store: AuditStore
  /** Checks checkpoints by the seed, or by the public key in base64url that was kept elsewhere. One is needed. */
  readonly checkpointSeed?: Uint8Array | undefined
  readonly publicKey?: string | undefined
  /** Checkpoints that were kept elsewhere. With them a rollback of the whole database is found. */
  readonly checkpoints?: readonly Checkpoint[] | undefined
  readonly signal?: AbortSignal | undefined
  /** Called after each page with the number of rows checked so far. */
  readonly onProgress?: ((progress: { readonly done: number }) => void) | undefined
  /** Rows read at a time. Default 1,000. */
  readonly pageRows?: number | undefined
}

/**
 * Verifies the whole trail with memory that does not grow with it. Rows written meanwhile do no harm.
 *
 * @throws The signal's reason, and what the store throws. TypeError without a seed or a well-formed public key.
 */
export async function verifyAudit(options: VerifyAuditOptions): Promise<AuditVerification> {
  const { store, signal, pageRows = 1_000, onProgress } = options
  const walk: Walk = { store, signal, pageRows }
  const found = findings()
  // Checkpoints come first: whatever they saw must then be among the rows.
  const heads = await readHeads(options, { walk, found })
  for await (const { stream } of allStreams(walk)) {
    found.counts.streams += 1
    const ofStream = heads.take(stream)
    if (!ofStream.isSeen) found.addUnseen(stream)
    await verifyStream(options, { stream, walk, found, onProgress, heads: ofStream })
  }
  for (const missing of heads.rest()) found.add({ problem: 'missing-stream', ...missing })
  return found.report()
}

interface Findings {
  readonly counts: { streams: number; events: number; redacted: number; checkpoints: number; unclosed: number }
  add(problem: AuditProblem): void
  addUnseen(stream: string): void
  report(): AuditVerification
}

/** How much of each kind a report lists. */
const maxListed = 1_000

function findings(): Findings {
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

async function readHeads(
  { checkpointSeed, publicKey, vaultId, checkpoints = [] }: VerifyAuditOptions,
  { walk, found }: { readonly walk: Walk; readonly found: Findings },
): Promise<StatedHeads> {
  const read = noteReader({ publicKey: publicKey ?? publicKeyOf(checkpointSeed ?? new Uint8Array()), vaultId })
  const stated = statedHeads()
  const take = (checkpoint: Checkpoint, add: StatedHeads['addStored']): void => {
    const heads = read(checkpoint)
    if (heads === undefined) found.add({ problem: 'checkpoint', checkpoint: checkpoint.id })
    else found.counts.checkpoints += 1
    for (const head of heads ?? []) add({ ...head, checkpoint: checkpoint.id })
  }
  for await (const checkpoint of allCheckpoints(walk)) take(checkpoint, stated.addStored)
  for (const checkpoint of checkpoints) take(checkpoint, stated.addKept)
  return stated
}

interface Claim {
  readonly problem: 'head' | 'truncated'
  readonly sequence: number
  readonly witness: Witness | undefined
}

interface StreamUnderTest {
  readonly stream: string
  readonly walk: Walk
  readonly found: Findings
  readonly heads: StreamHeads
  readonly onProgress: VerifyAuditOptions['onProgress']
}

async function verifyStream(
  keys: AuditKeys,
  { stream, walk, found, heads, onProgress }: StreamUnderTest,
): Promise<void> {
  const id = decodeHex(stream)
  if (id?.length !== streamIdBytes) return found.add({ problem: 'mac', stream, sequence: 0 })
  const checker = streamChecker({ ...keys, stream: id })
  let isDoubted = false
  /** Adds what a checkpoint says against the stream. True when it is proven, which ends the check. */
  const isProven = (claim: Claim): boolean => {
    const { witness, ...place } = claim
    if (witness === undefined) return false
    const isSeen = witness.seenBy !== undefined
    // What was only seen is reported once for each stream.
    if (!(isSeen && isDoubted)) found.add({ ...place, stream, ...witness })
    isDoubted ||= isSeen
    return !isSeen
  }
  try {
    for await (const page of streamPages(walk, stream)) {
      for (const row of page) {
        const sequence = checker.nextSequence()
        const problem = checker.check(row)
        if (problem !== undefined) return found.add({ problem, stream, sequence })
        if (isProven({ problem: 'head', sequence, witness: heads.against(row) })) return
        count(found, row)
      }
      onProgress?.({ done: found.counts.events })
    }
    const next = checker.nextSequence()
    if (isProven({ problem: 'truncated', sequence: next, witness: heads.beyond(next) })) return
    if (!checker.isClosed()) found.counts.unclosed += 1
  } finally {
    checker.end()
  }
}

function count({ counts }: Findings, { redaction }: AuditRow): void {
  counts.events += 1
  if (redaction !== undefined) counts.redacted += 1
}
