// At most so many pieces of work at a time; the rest wait in order.

/** Runs work, or queues it while `limit` pieces run. */
export function createLimiter(limit: number): <T>(work: () => PromiseLike<T> | T) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // The place goes to the next in the queue, so that later work cannot overtake it.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
