// The orders of the store contract: text by its UTF-8 bytes, rows by time and then id.

/** Orders text as its UTF-8 bytes are ordered; `<` orders UTF-16 units, which differs above U+D7FF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left === right) continue
    const leftIsPair = left >= 0xd800 && left <= 0xdfff
    const rightIsPair = right >= 0xd800 && right <= 0xdfff
    // Surrogates stand for code points above every single unit.
    if (leftIsPair !== rightIsPair) return leftIsPair ? 1 : -1
    return left - right
  }
  return a.length - b.length
}

/** Oldest first, then by id. */
export function compareCreated(
  a: { readonly createdAt: Date; readonly id: string },
  b: { readonly createdAt: Date; readonly id: string },
): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || compareText(a.id, b.id)
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
