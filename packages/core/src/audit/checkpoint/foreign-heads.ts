// Which streams of other processes a checkpoint states: read in one query, and few enough for a note of bounded size.
import { sameBytes } from '../../bytes/index.ts'
import type { AuditStreamInfo } from '../../contracts/index.ts'
import { macBytes } from '../log/mac.ts'
import type { StreamHead } from './note.ts'

/** The last row of a stream as the store shows it. */
export interface ForeignHead extends StreamHead {
  readonly isClosed: boolean
}

/** The streams of other processes, as one process reads and states them. */
export interface ForeignHeads {
  /** What to ask the store for: the next page, or the first again. */
  page(): { readonly limit: number; readonly after?: string }
  /**
   * At most 200 heads of the page: first what was never stated, then what was stated longest ago. A closed stream is
   * stated once. What has not the form of a head is left out: it must not be signed.
   */
  choose(page: readonly AuditStreamInfo[], isOwn: (stream: string) => boolean): readonly ForeignHead[]
  /** Takes note of heads whose checkpoint was kept. */
  stated(heads: readonly ForeignHead[]): void
}

const maxPage = 1_000
const maxHeads = 200
/** A stream that is forgotten is stated again. */
const maxRemembered = 20_000

export function foreignHeads(): ForeignHeads {
  // In the order of their last statement, the longest ago first. A turn is one checkpoint.
  const statements = new Map<string, { readonly head: ForeignHead; readonly turn: number }>()
  let after: string | undefined
  let turn = 0

  const isDone = ({ stream, sequence, mac }: ForeignHead): boolean => {
    const head = statements.get(stream)?.head
    return head?.isClosed === true && head.sequence === sequence && sameBytes(head.mac, mac)
  }

  const turnOf = ({ stream }: ForeignHead): number => statements.get(stream)?.turn ?? 0

  return {
    page: () => ({ limit: maxPage, ...(after !== undefined && { after }) }),
    choose(page, isOwn) {
      const infos = page.slice(0, maxPage).filter(isWellFormed)
      // With more streams than one page holds, the next checkpoint goes on where this one ends.
      after = page.length < maxPage ? undefined : infos.at(-1)?.stream
      const heads = new Map(infos.map((info) => [info.stream, headOf(info)]))
      return [...heads.values()]
        .filter((head) => !isOwn(head.stream) && !isDone(head))
        .sort((a, b) => turnOf(a) - turnOf(b))
        .slice(0, maxHeads)
    },
    stated(heads) {
      turn += 1
      for (const head of heads) {
        statements.delete(head.stream)
        statements.set(head.stream, { head, turn })
      }
      for (const stream of statements.keys()) {
        if (statements.size <= maxRemembered) break
        statements.delete(stream)
      }
    },
  }
}

function headOf({ stream, lastSequence, lastMac, isClosed }: AuditStreamInfo): ForeignHead {
  return { stream, sequence: lastSequence, mac: lastMac, isClosed, seen: true }
}

function isWellFormed({ stream, lastSequence, lastMac }: AuditStreamInfo): boolean {
  return (
    /^[0-9a-f]{32}$/.test(stream) &&
    Number.isSafeInteger(lastSequence) &&
    lastSequence >= 0 &&
    lastMac instanceof Uint8Array &&
    lastMac.length === macBytes
  )
}
