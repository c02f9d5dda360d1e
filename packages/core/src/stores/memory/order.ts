// The orders of the store contract: rows by time and then id, and the first of them.
import { compareUtf8 } from '../../bytes/index.ts'

/** Oldest first, then by id. */
export function compareCreated(
  a: { readonly createdAt: Date; readonly id: string },
  b: { readonly createdAt: Date; readonly id: string },
): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || compareUtf8(a.id, b.id)
}

interface TakeOptions<T, R> {
  readonly limit: number
  /** Ends the walk: neither this item nor any after it can pass. */
  readonly isPast?: (item: T) => boolean
  readonly test?: (item: T) => boolean
  readonly map: (item: T) => R
}

/** The first `limit` items that pass. */
export function take<T, R>(items: Iterable<T>, { limit, isPast, test, map }: TakeOptions<T, R>): R[] {
  const taken: R[] = []
  for (const item of items) {
    if (isPast?.(item)) break
    if (test !== undefined && !test(item)) continue
    taken.push(map(item))
    if (taken.length === limit) break
  }
  return taken
}
