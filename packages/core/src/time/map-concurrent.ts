// Bounded concurrency: long work on many items, a few of them at a time.

/** How much at a time, and until when. */
export interface ConcurrencyOptions {
  /** The most pieces of work at a time. */
  readonly limit: number
  /** Looked at before each item. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The results of `work` on each item, in the order of the items. After a failure, or once the signal is aborted, no
 * further item is begun; the first failure is thrown when the work under way has ended.
 *
 * @example
 * const texts = await mapConcurrent(paths, { limit: 16 }, (path) => readFile(path, 'utf8'))
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  { limit, signal }: ConcurrencyOptions,
  work: (item: T) => PromiseLike<R> | R,
): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  let next = 0
  const runInTurn = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++
      try {
        signal?.throwIfAborted()
        // The index is below the length, so the item is there.
        results[index] = await work(items[index] as T)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runInTurn))
  if (failures.length > 0) throw failures[0]
  return results
}
