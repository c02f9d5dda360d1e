// Batches calls: those that come while others are under way go to the server as one statement with one commit.
import type { CallOptions } from '../contracts/index.ts'
import { afterTurn, untilAborted } from '../time/index.ts'

/** How calls are batched. */
export interface BatchOptions<Item, Result> {
  /** The most items of one batch; what is over waits for the next. */
  readonly maxBatchSize: number
  loadOne(item: Item, options: CallOptions | undefined): Promise<Result>
  /** Results in the order of the items; all of them or none. */
  loadMany(items: readonly Item[], options: CallOptions): Promise<readonly Result[]>
  /** Whether nothing was done, and each item may have a result of its own when it is loaded alone. */
  canSplit(error: unknown): boolean
}

interface Call<Item, Result> {
  readonly item: Item
  readonly options: CallOptions | undefined
  resolve(result: Result): void
  reject(reason: unknown): void
}

/** What comes while this many batches are under way is queued. */
const maxRunning = 2
/** For at most this long: a connection that hangs must not hold up the others. */
const maxWaitMs = 10

/**
 * The function that loads one item, alone or in a batch. Each caller gets its own result, and its signal ends its own
 * wait; a batch is called off only when nobody waits for it any more.
 *
 * @example
 * const find = batchCalls({ maxBatchSize: 64, loadOne, loadMany, canSplit: () => false })
 * const row = await find(ref, { signal })
 */
export function batchCalls<Item, Result>(options: BatchOptions<Item, Result>) {
  const { maxBatchSize, loadOne, loadMany, canSplit } = options
  let queue: Call<Item, Result>[] = []
  let running = 0
  let lastSize = 1
  let isScheduled = false
  let timeout: NodeJS.Timeout | undefined

  function scheduleNext(): void {
    timeout ??= setTimeout(sendNext, maxWaitMs).unref()
    if (isScheduled || running >= maxRunning) return
    isScheduled = true
    afterTurn(() => {
      isScheduled = false
      while (running < maxRunning && queue.length > 0) sendNext()
    })
  }

  function sendNext(): void {
    clearTimeout(timeout)
    timeout = undefined
    queue = queue.filter((call) => !isAborted(call))
    const batch = queue.splice(0, maxBatchSize)
    const [first] = batch
    if (first === undefined) return
    lastSize = batch.length
    track(batch.length === 1 ? sendAlone(first) : sendBatch(batch))
    if (queue.length > 0) scheduleNext()
  }

  function track<T>(work: Promise<T>): Promise<T> {
    running += 1
    const onEnd = (): void => {
      running -= 1
      if (queue.length > 0) sendNext()
    }
    work.then(onEnd, onEnd)
    return work
  }

  function sendAlone({ item, options: call, resolve, reject }: Call<Item, Result>): Promise<void> {
    return loadOne(item, call).then(resolve, reject)
  }

  async function sendBatch(batch: readonly Call<Item, Result>[]): Promise<void> {
    const controller = new AbortController()
    const onAbort = (): void => {
      if (batch.every(isAborted)) controller.abort(batch[0]?.options?.signal?.reason)
    }
    for (const call of batch) call.options?.signal?.addEventListener('abort', onAbort)
    try {
      const results = await loadMany(
        batch.map(({ item }) => item),
        { signal: controller.signal },
      )
      // One result for each item, in their order.
      for (const [index, call] of batch.entries()) call.resolve(results[index] as Result)
    } catch (error) {
      if (controller.signal.aborted || !canSplit(error)) for (const call of batch) call.reject(error)
      else await Promise.all(batch.map(sendAlone))
    } finally {
      for (const call of batch) call.options?.signal?.removeEventListener('abort', onAbort)
    }
  }

  return (item: Item, call: CallOptions | undefined): Promise<Result> => {
    // After a batch, wait one tick: its callers usually call again together, and the first must not go alone.
    if (running === 0 && queue.length === 0 && lastSize === 1) return track(loadOne(item, call))
    const result = new Promise<Result>((resolve, reject) => {
      queue.push({ item, options: call, resolve, reject })
    })
    scheduleNext()
    return untilAborted(result, call?.signal)
  }
}

function isAborted({ options }: Pick<Call<never, never>, 'options'>): boolean {
  return options?.signal?.aborted === true
}
