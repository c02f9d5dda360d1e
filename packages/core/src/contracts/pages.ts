// Reads a list page by page, so that no loop holds more than one page.
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
