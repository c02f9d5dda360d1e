// Erasure of a user from the trail: every row is verified before it is redacted.
import { decodeHex } from '../../bytes/index.ts'
import type { AuditStore } from '../../contracts/index.ts'
import { type RowProblem, streamChecker } from '../verify/check-stream.ts'
import { allStreams, streamPages, type Walk } from '../verify/walk.ts'
import { streamIdBytes } from './mac.ts'
import { type AuditKeys, redactRow } from './redact.ts'

export interface RedactUserOptions extends AuditKeys {
  readonly store: AuditStore
  readonly user: string
  readonly signal?: AbortSignal | undefined
  /** Called for each row that was redacted. */
  readonly onRedacted?: (() => void) | undefined
  /** Rows read at a time. Default 1,000. */
  readonly pageRows?: number | undefined
}

/** What `redactUser` did. */
export interface RedactionReport {
  readonly redacted: number
  /** Rows left as they are because they do not verify; after `gap` and `order` also the rest of their stream. */
  readonly refused: number
}

/**
 * Replaces `user` by a pseudonym in every row of the trail. A row that does not verify is never redacted, since the
 * proof would hide the forgery. It can be stopped and begun again at any point.
 */
export async function redactUser(options: RedactUserOptions): Promise<RedactionReport> {
  const { store, signal, pageRows = 1_000 } = options
  const walk: Walk = { store, signal, pageRows }
  let redacted = 0
  let refused = 0
  for await (const { stream } of allStreams(walk)) {
    const done = await redactStream(options, { walk, stream })
    redacted += done.redacted
    refused += done.refused
  }
  return { redacted, refused }
}

async function redactStream(
  options: RedactUserOptions,
  { walk, stream }: { readonly walk: Walk; readonly stream: string },
): Promise<RedactionReport> {
  const id = decodeHex(stream)
  if (id?.length !== streamIdBytes) return { redacted: 0, refused: 1 }
  const checker = streamChecker({ ...options, stream: id })
  let redacted = 0
  let refused = 0
  try {
    for await (const page of streamPages(walk, stream)) {
      for (const row of page) {
        const problem = checker.check(row)
        if (problem !== undefined) refused += 1
        if (endsWalk(problem)) return { redacted, refused }
        const changed = problem === undefined ? redactRow({ ...options, row }) : undefined
        if (changed === undefined || !(await options.store.redact(changed, walk.signal && { signal: walk.signal })))
          continue
        redacted += 1
        options.onRedacted?.()
      }
    }
    return { redacted, refused }
  } finally {
    checker.end()
  }
}

function endsWalk(problem: RowProblem | undefined): boolean {
  return problem === 'gap' || problem === 'order'
}
