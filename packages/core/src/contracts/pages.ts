// Reads a list page by page, so that no loop holds more than one page.
import { compareUtf8 } from '../bytes/index.ts'
import type { AuditRow } from './audit.ts'
import type { AuditPlace, AuditStore } from './audit-store.ts'
import type { Awaitable } from './awaitable.ts'

export interface PagesOptions {
  /** How many items `next` asks for. A page with fewer is the last one. */
  readonly limit: number
  /** Looked at before each page. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The pages of a list, none of them empty. `next` reads one: the first page, or the one after the last item of the page
 * before. Between two pages other work of the process gets its turn, also when the store answers at once.
 *
 * @example
 * const limit = 500
 * const next = (last?: AuditRow) => store.audit.readStream(stream, { limit, afterSequence: last?.sequence ?? -1 })
 * for await (const rows of pagesOf(next, { limit })) console.log(rows.length)
 */
export async function* pagesOf<T>(
  next: (last: T | undefined) => Awaitable<readonly T[]>,
  { limit, signal }: PagesOptions,
): AsyncGenerator<readonly T[], void> {
  let last: T | undefined
  do {
    signal?.throwIfAborted()
    const page = await next(last)
    if (page.length > 0) yield page
    if (page.length < limit) return
    last = page.at(-1)
    // Pages of a store that answers at once would otherwise keep the process from everything else.
    await new Promise((resolve) => setImmediate(resolve))
  } while (last !== undefined)
}

/**
 * Every row of the trail in pages, as `readAll` orders them. Each page begins where the one before ended, so that a
 * second row in the same place, which only somebody else can have written, is not skipped.
 */
export async function* auditPagesOf(
  audit: Pick<AuditStore, 'readAll'>,
  { limit, signal }: PagesOptions,
): AsyncGenerator<readonly AuditRow[], void> {
  let from: AuditPlace | undefined
  for (;;) {
    signal?.throwIfAborted()
    const wanted = from === undefined ? limit : limit + 1
    const rows = await audit.readAll({ limit: wanted, ...(from && { from }), ...(signal && { signal }) })
    const [first] = rows
    const page = first !== undefined && from !== undefined && isSamePlace(first, from) ? rows.slice(1) : rows
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (rows.length < wanted || last === undefined) return
    const next = from !== undefined && isSamePlace(last, from) ? afterStream(last) : placeOf(last)
    // Rows that do not ascend are no trail, and would lead in circles.
    if (from !== undefined && comparePlaces(next, from) <= 0) return
    from = next
    // Pages of a store that answers at once would otherwise keep the process from everything else.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function placeOf({ stream, sequence }: AuditRow): AuditPlace {
  return Number.isSafeInteger(sequence) ? { stream, sequence } : afterStream({ stream })
}

/** A whole page in one place, or a row in none: the walk goes on behind its stream, since it must end. */
function afterStream({ stream }: Pick<AuditRow, 'stream'>): AuditPlace {
  return { stream: `${stream}\u0001`, sequence: Number.MIN_SAFE_INTEGER }
}

function isSamePlace(a: AuditPlace, b: AuditPlace): boolean {
  return a.stream === b.stream && a.sequence === b.sequence
}

function comparePlaces(a: AuditPlace, b: AuditPlace): number {
  return compareUtf8(a.stream, b.stream) || a.sequence - b.sequence
}
