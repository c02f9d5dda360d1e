// Lists kept in order under a key: what paged queries walk, from either end, without sorting or scanning the rest.

/** A negative number when `a` comes first, a positive one when `b` does, 0 for the same position. */
export type Compare<P> = (a: P, b: P) => number

/** Several ordered lists, one for each key. No two items of a list have the same position. */
export interface SortedIndex<P, T extends P> {
  /** Adds an item; one at the same position is replaced. */
  set(key: string, item: T): void
  delete(key: string, position: P): void
  /** Items in order, beginning after a position. */
  ascending(key: string, after?: P): Iterable<T>
  /** Items in reverse order, beginning before a position. */
  descending(key: string, before?: P): Iterable<T>
}

export function sortedIndex<P, T extends P = P>(compare: Compare<P>): SortedIndex<P, T> {
  const lists = new Map<string, T[]>()
  return {
    set(key, item) {
      let items = lists.get(key)
      if (items === undefined) {
        items = []
        lists.set(key, items)
      }
      const at = firstNotBelow(items, item, compare)
      items.splice(at, isAt(items, { at, position: item, compare }) ? 1 : 0, item)
    },
    delete(key, position) {
      const items = lists.get(key)
      if (items === undefined) return
      const at = firstNotBelow(items, position, compare)
      if (isAt(items, { at, position, compare })) items.splice(at, 1)
      if (items.length === 0) lists.delete(key)
    },
    *ascending(key, after) {
      const items = lists.get(key)
      if (items === undefined) return
      let at = after === undefined ? 0 : firstNotBelow(items, after, compare)
      if (after !== undefined && isAt(items, { at, position: after, compare })) at += 1
      for (let item = items[at]; item !== undefined; item = items[at]) {
        at += 1
        yield item
      }
    },
    *descending(key, before) {
      const items = lists.get(key)
      if (items === undefined) return
      let at = (before === undefined ? items.length : firstNotBelow(items, before, compare)) - 1
      for (let item = items[at]; item !== undefined; item = items[at]) {
        at -= 1
        yield item
      }
    },
  }
}

function isAt<P>(items: readonly P[], found: { at: number; position: P; compare: Compare<P> }): boolean {
  const item = items[found.at]
  return item !== undefined && found.compare(item, found.position) === 0
}

function firstNotBelow<P>(items: readonly P[], position: P, compare: Compare<P>): number {
  const last = items.at(-1)
  // New rows nearly always come last.
  if (last === undefined || compare(last, position) < 0) return items.length
  let low = 0
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && compare(item, position) < 0) low = middle + 1
    else high = middle
  }
  return low
}
