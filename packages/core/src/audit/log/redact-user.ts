// Erasure of a user from the trail: every row is verified before it is redacted.
import { decodeHex } from '../../bytes/index.ts'
import type { AuditRow, AuditStore } from '../../contracts/index.ts'
import { streamChecker } from '../verify/check-stream.ts'
import { callOptions, rowPages, type Walk } from '../verify/walk.ts'
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
  const report = { redacted: 0, refused: 0 }
  let current: StreamRedaction | undefined
  try {
    for await (const page of rowPages(walk)) {
      for (const row of page) {
        if (row.stream !== current?.stream) {
          current?.end()
          current = redactStream(options, row.stream)
        }
        const redacted = current.redact(row)
        if (redacted === 'refused') report.refused += 1
        else if (redacted !== undefined && (await store.redact(redacted, callOptions(walk)))) {
          report.redacted += 1
          options.onRedacted?.()
        }
      }
    }
  } finally {
    current?.end()
  }
  return report
}

/** The redaction of one stream while its rows come. */
interface StreamRedaction {
  readonly stream: string
  /** The row as it must be from now on; undefined when it stays as it is. */
  redact(row: AuditRow): AuditRow | 'refused' | undefined
  end(): void
}

function redactStream(options: RedactUserOptions, stream: string): StreamRedaction {
  const id = decodeHex(stream)
  const checker = id?.length === streamIdBytes ? streamChecker({ ...options, stream: id }) : undefined
  let isLost = false
  return {
    stream,
    redact(row) {
      // A stream that cannot be followed is refused once.
      if (isLost) return undefined
      const problem = checker === undefined ? 'order' : checker.check(row)
      isLost = problem === 'gap' || problem === 'order'
      return problem === undefined ? redactRow({ ...options, row }) : 'refused'
    },
    end() {
      checker?.end()
    },
  }
}
