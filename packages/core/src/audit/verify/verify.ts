// Verification of the whole trail: every row in the store, every checkpoint, and each against the other.
import { compareUtf8, decodeHex } from '../../bytes/index.ts'
import type { AuditRow, Checkpoint } from '../../contracts/index.ts'
import { type StatedHeads, type StreamHeads, statedHeads, type Witness } from '../checkpoint/heads.ts'
import { noteReader, publicKeyOf } from '../checkpoint/note.ts'
import { streamIdBytes } from '../log/mac.ts'
import type { AuditKeys } from '../log/redact.ts'
import { streamChecker } from './check-stream.ts'
import { type AuditVerification, type Findings, findings } from './findings.ts'
import { allCheckpoints, callOptions, type ReadableTrail, rowPages, strayEntries, type Walk } from './walk.ts'

/** What to verify, and with what. */
export interface VerifyAuditOptions extends AuditKeys {
  readonly store: ReadableTrail
  /** Checks checkpoints by the seed, or by the public key in base64url that was kept elsewhere. One is needed. */
  readonly checkpointSeed?: Uint8Array | undefined
  readonly publicKey?: string | undefined
  /** Tells the streams that the caller still writes to: that they are open, and seen by nobody else, is no news. */
  readonly isWriting?: ((stream: string) => boolean) | undefined
  /** Checkpoints that were kept elsewhere. With them a rollback of the whole database is found. */
  readonly checkpoints?: readonly Checkpoint[] | undefined
  readonly signal?: AbortSignal | undefined
  /** Called after each page with the number of rows checked so far. */
  readonly onProgress?: ((progress: { readonly done: number }) => void) | undefined
  /** Rows read at a time. Default 1,000. */
  readonly pageRows?: number | undefined
}

/**
 * Verifies the whole trail with memory that does not grow with it. The streams are those that the rows name: what the
 * store lists of them is not authenticated, and is not asked. Rows written meanwhile do no harm.
 *
 * @throws The signal's reason, and what the store throws. TypeError without a seed or a well-formed public key.
 */
export async function verifyAudit(options: VerifyAuditOptions): Promise<AuditVerification> {
  const { store, signal, pageRows = 1_000, onProgress } = options
  const walk: Walk = { store, signal, pageRows }
  const found = findings()
  // Checkpoints come first: whatever they saw must then be among the rows.
  const heads = await readHeads(options, { walk, found })
  let current: StreamCheck | undefined
  try {
    for await (const page of rowPages(walk)) {
      for (const row of page) {
        if (row.stream !== current?.stream) {
          const before = current?.stream
          current?.end()
          current = checkStream(options, { stream: row.stream, before, found, heads })
        }
        current.take(row)
      }
      for (const { stream, sequence } of (await store.lists?.unlisted(page, callOptions(walk))) ?? []) {
        found.add({ problem: 'unlisted', stream, sequence })
      }
      onProgress?.({ done: found.counts.events })
    }
  } finally {
    current?.end()
  }
  for await (const { stream, sequence } of strayEntries(walk)) found.add({ problem: 'stray', stream, sequence })
  for (const missing of heads.rest()) found.add({ problem: 'missing-stream', ...missing })
  return found.report()
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

/** The check of one stream while its rows come. */
interface StreamCheck {
  readonly stream: string
  take(row: AuditRow): void
  /** After the last row: whether checkpoints state more. */
  end(): void
}

type StreamKeys = AuditKeys & Pick<VerifyAuditOptions, 'isWriting'>

interface StreamStart {
  readonly stream: string
  /** The stream whose rows came before. */
  readonly before: string | undefined
  readonly found: Findings
  readonly heads: StatedHeads
}

function checkStream(keys: StreamKeys, { stream, before, found, heads }: StreamStart): StreamCheck {
  const refuse = (problem: 'mac' | 'order'): StreamCheck => {
    found.add({ problem, stream, sequence: 0 })
    return { stream, take: () => undefined, end: () => undefined }
  }
  const id = decodeHex(stream)
  found.counts.streams += 1
  // Streams come by id. One that comes a second time would be checked without what checkpoints say of it.
  if (before !== undefined && compareUtf8(stream, before) < 0) return refuse('order')
  const ofStream = heads.take(stream)
  const isOwn = keys.isWriting?.(stream) === true
  if (!ofStream.isSeen && !isOwn) found.addUnseen(stream)
  if (id?.length !== streamIdBytes) return refuse('mac')
  return followRows({ ...keys, stream: id }, { stream, found, heads: ofStream, isOwn })
}

interface FollowedStream {
  readonly stream: string
  readonly found: Findings
  readonly heads: StreamHeads
  readonly isOwn: boolean
}

function followRows(
  keys: AuditKeys & { readonly stream: Uint8Array },
  { stream, found, heads, isOwn }: FollowedStream,
): StreamCheck {
  const checker = streamChecker(keys)
  let isBad = false
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
  return {
    stream,
    take(row) {
      if (isBad) return
      const sequence = checker.nextSequence()
      const problem = checker.check(row)
      if (problem !== undefined) found.add({ problem, stream, sequence })
      isBad = problem !== undefined || isProven({ problem: 'head', sequence, witness: heads.against(row) })
      if (!isBad) count(found, row)
    },
    end() {
      const next = checker.nextSequence()
      isBad ||= isProven({ problem: 'truncated', sequence: next, witness: heads.beyond(next) })
      if (!isBad && !isOwn && !checker.isClosed()) found.counts.unclosed += 1
      checker.end()
    },
  }
}

function count({ counts }: Findings, { redaction }: AuditRow): void {
  counts.events += 1
  if (redaction !== undefined) counts.redacted += 1
}
