// Verification of the whole trail: every row of every stream, every checkpoint, and each against the other.
import { decodeHex } from '../../bytes/index.ts'
import type { AuditRow, AuditStore, Checkpoint } from '../../contracts/index.ts'
import { type StatedHeads, type StreamHeads, statedHeads } from '../checkpoint/heads.ts'
import { noteReader, publicKeyOf } from '../checkpoint/note.ts'
import { streamIdBytes } from '../log/mac.ts'
import type { AuditKeys } from '../log/redact.ts'
import { type RowProblem, streamChecker } from './check-stream.ts'
import { allCheckpoints, allStreams, streamPages, type Walk } from './walk.ts'

/** Something that contradicts the trail. */
export type AuditProblem =
  /**
   * The first bad row of a stream. Beside what a row alone can show: a checkpoint saw another row here (`head`), or
   * saw rows from here on that are gone (`truncated`).
   */
  | { readonly problem: RowProblem | 'head' | 'truncated'; readonly stream: string; readonly sequence: number }
  /** A checkpoint saw this stream, and it is gone. */
  | { readonly problem: 'missing-stream'; readonly stream: string }
  /** The checkpoint with this id is not what was signed, or not this vault's. */
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
    await verifyStream(options, { stream, walk, found, onProgress, heads: heads.take(stream) })
  }
  for (const stream of heads.rest()) found.add({ problem: 'missing-stream', stream })
  return found.report()
}

interface Findings {
  readonly counts: { streams: number; events: number; redacted: number; checkpoints: number; unclosed: number }
  add(problem: AuditProblem): void
  report(): AuditVerification
}

const mostProblems = 1_000

function findings(): Findings {
  const counts = { streams: 0, events: 0, redacted: 0, checkpoints: 0, unclosed: 0 }
  const problems: AuditProblem[] = []
  let problemCount = 0
  return {
    counts,
    add(problem) {
      problemCount += 1
      if (problems.length < mostProblems) problems.push(problem)
    },
    report: () => ({ ok: problemCount === 0, ...counts, problems, problemCount }),
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
    heads?.forEach(add)
  }
  for await (const checkpoint of allCheckpoints(walk)) take(checkpoint, stated.addStored)
  for (const checkpoint of checkpoints) take(checkpoint, stated.addKept)
  return stated
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
  try {
    for await (const page of streamPages(walk, stream)) {
      for (const row of page) {
        const sequence = checker.nextSequence()
        const problem = checker.check(row) ?? (heads.agree(row) ? undefined : 'head')
        if (problem !== undefined) return found.add({ problem, stream, sequence })
        count(found, row)
      }
      onProgress?.({ done: found.counts.events })
    }
    const next = checker.nextSequence()
    if (heads.lastSequence >= next) return found.add({ problem: 'truncated', stream, sequence: next })
    if (!checker.isClosed()) found.counts.unclosed += 1
  } finally {
    checker.end()
  }
}

function count({ counts }: Findings, { redaction }: AuditRow): void {
  counts.events += 1
  if (redaction !== undefined) counts.redacted += 1
}
