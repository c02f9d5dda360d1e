// Calls that meet while others are under way go to the server together: one statement and one commit for all of them.
import type { CallOptions } from '@mcpvault/core'

export interface TogetherOptions<Item, Answer> {
  /** Most items of one statement. */
  readonly most: number
  alone(item: Item, options: CallOptions | undefined): Promise<Answer>
  /** Answers in the order of the items, all of them or none. */
  several(items: readonly Item[], options: CallOptions): Promise<readonly Answer[]>
  /** Whether nothing was done, and each item may have an answer of its own when it is tried alone. */
  mayDivide(error: unknown): boolean
}

interface Waiter<Item, Answer> {
  readonly item: Item
  readonly options: CallOptions | undefined
  resolve(answer: Answer): void
  reject(reason: unknown): void
  /** Tells the statement under way that nobody waits for this answer any more. */
  onLeave: ((reason: unknown) => void) | undefined
}

/** So many statements under way hold up what comes after them. */
const lanes = 2
/** For so long: a connection that hangs must not hang the others. */
const patienceMs = 10

/** A call goes at once when none is under way and few came before it; what comes in one turn or meanwhile is gathered. */
export function together<Item, Answer>(options: TogetherOptions<Item, Answer>) {
  const { most, alone, several, mayDivide } = options
  const waiting = new Set<Waiter<Item, Answer>>()
  let underWay = 0
  let lastSize = 1
  let isBooked = false
  let timer: NodeJS.Timeout | undefined

  async function occupying<T>(work: () => Promise<T>): Promise<T> {
    underWay += 1
    try {
      return await work()
    } finally {
      underWay -= 1
      if (waiting.size > 0) sendNext()
    }
  }

  function sendNext(): void {
    clearTimeout(timer)
    timer = undefined
    const batch = [...waiting].slice(0, most)
    for (const waiter of batch) waiting.delete(waiter)
    if (waiting.size > 0) bePatient()
    const [only, ...others] = batch
    if (only === undefined) return
    lastSize = batch.length
    if (others.length > 0) void occupying(() => answerAll(batch))
    else occupying(() => alone(only.item, only.options)).then(only.resolve, only.reject)
  }

  function bePatient(): void {
    timer ??= setTimeout(sendNext, patienceMs).unref()
  }

  /** Behind the running turn, in which calls of many callers come one after the other. */
  function sendAfterThisTurn(): void {
    if (isBooked) return
    isBooked = true
    setImmediate(() => {
      isBooked = false
      while (underWay < lanes && waiting.size > 0) sendNext()
    })
  }

  async function answerAll(batch: readonly Waiter<Item, Answer>[]): Promise<void> {
    const signal = whileAttended(batch)
    const items = batch.map(({ item }) => item)
    try {
      const answers = await several(items, { signal })
      // One answer for each item, in their order.
      for (const [index, waiter] of batch.entries()) waiter.resolve(answers[index] as Answer)
    } catch (error) {
      if (signal.aborted || !mayDivide(error)) for (const waiter of batch) waiter.reject(error)
      else
        await Promise.all(batch.map(({ item, options, resolve, reject }) => alone(item, options).then(resolve, reject)))
    }
  }

  return (item: Item, call: CallOptions | undefined): Promise<Answer> => {
    // Where several met just now they meet again, and the first of them would go alone and come back before the others.
    if (underWay === 0 && waiting.size === 0 && lastSize === 1) return occupying(() => alone(item, call))
    return new Promise<Answer>((resolve, reject) => {
      const waiter: Waiter<Item, Answer> = {
        item,
        options: call,
        onLeave: undefined,
        resolve(answer) {
          stay()
          resolve(answer)
        },
        reject(reason) {
          stay()
          reject(reason)
        },
      }
      const signal = call?.signal
      const leave = (): void => {
        waiting.delete(waiter)
        waiter.onLeave?.(signal?.reason)
        reject(signal?.reason)
      }
      const stay = (): void => signal?.removeEventListener('abort', leave)
      if (signal?.aborted) return leave()
      signal?.addEventListener('abort', leave, { once: true })
      waiting.add(waiter)
      if (underWay < lanes) sendAfterThisTurn()
      bePatient()
    })
  }
}

/** A signal that is aborted when nobody waits for any of the answers any more. */
function whileAttended(batch: readonly Pick<Waiter<never, never>, 'onLeave'>[]): AbortSignal {
  const controller = new AbortController()
  let attending = batch.length
  for (const waiter of batch) {
    waiter.onLeave = (reason) => {
      attending -= 1
      if (attending === 0) controller.abort(reason)
    }
  }
  return controller.signal
}
