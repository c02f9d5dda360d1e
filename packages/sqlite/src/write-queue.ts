// Writes of this process: one that comes alone is committed at once, those that meet share a transaction and its fsync.
import type { Awaitable, CallOptions } from '@mcpvault/core'
import { afterTurn } from '@mcpvault/core/adapter'
import { type BusyPolicy, busyPauseMs, stillBusy } from './busy-retry.ts'
import type { Client } from './client.ts'
import { isBusy, storeError } from './errors.ts'
import type { Transact, Work } from './transaction.ts'

export interface WriteQueueOptions {
  /** The client with its schema there. Throws when it is not. */
  readonly ready: () => Client
  readonly busy: BusyPolicy
  readonly transact: Transact
}

export interface WriteQueue {
  /**
   * Runs a write transaction: the plain result of one that comes alone, a promise of one that waits for others or for a
   * lock. An answer is given after its commit.
   */
  write<T>(work: Work<T>, options?: CallOptions): Awaitable<T>
  /** Commits what waits, as far as no lock is in the way. */
  flush(): void
}

interface Waiter {
  /** Runs the work inside a transaction; returns what gives the answer once it is committed. */
  perform(client: Client): Performed
  fail(reason: unknown): void
  /** When it first found the database locked. */
  busySinceMs: number | undefined
}

interface Performed {
  readonly stays: boolean
  answer(): void
}

/** A longer transaction would hold up the event loop. */
const maxBatch = 128
/** So many writes of one turn of the event loop go at once when they are known to come from a single caller. */
const maxAtOnce = 32

/**
 * The first write of a turn of the event loop goes at once; when others come in the same turn, they wait for its end and
 * are committed together, and so are all writes of the next turn. When only one came then, it was a single caller who
 * writes one after another without leaving the turn: twice as many of those go at once before the next look.
 */
export function writeQueue({ ready, busy, transact }: WriteQueueOptions): WriteQueue {
  const waiting = new Set<Waiter>()
  let atOnce = 0
  let atOnceLimit = 1
  let isGathering = false
  let isTurnWatched = false
  let pauseTimer: NodeJS.Timeout | undefined
  let busyAttempts = 0

  function write<T>(work: Work<T>, options?: CallOptions): Awaitable<T> {
    watchTurn()
    if (isGathering || waiting.size > 0 || atOnce >= atOnceLimit) return queued(work, options?.signal)
    atOnce += 1
    try {
      return transact(ready(), work)
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
      const answer = queued(work, options?.signal)
      retryLater(error)
      return answer
    }
  }

  function queued<T>({ run, keepIf }: Work<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (): void => {
        waiting.delete(waiter)
        signal?.removeEventListener('abort', leave)
      }
      const waiter: Waiter = {
        busySinceMs: undefined,
        perform(client) {
          const result = run(client)
          return {
            stays: keepIf?.(result) ?? true,
            answer() {
              settle()
              resolve(result)
            },
          }
        },
        fail(reason) {
          settle()
          reject(reason)
        },
      }
      const leave = (): void => waiter.fail(signal?.reason)
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', leave, { once: true })
      waiting.add(waiter)
    })
  }

  function watchTurn(): void {
    if (isTurnWatched) return
    isTurnWatched = true
    afterTurn(endTurn)
  }

  function endTurn(): void {
    isTurnWatched = false
    if (waiting.size !== 1) atOnceLimit = 1
    else if (isGathering) atOnceLimit = Math.min(2 * atOnceLimit, maxAtOnce)
    isGathering = atOnce + waiting.size > 1
    atOnce = 0
    if (pauseTimer === undefined) flush()
  }

  function flush(): void {
    clearTimeout(pauseTimer)
    pauseTimer = undefined
    const batch = [...waiting].slice(0, maxBatch)
    if (batch.length === 0) return
    try {
      const client = ready()
      const commit = { client, transact }
      if (batch.length === 1 || !commitTogether(commit, batch)) for (const waiter of batch) commitAlone(commit, waiter)
      busyAttempts = 0
    } catch (error) {
      if (isBusy(error)) retryLater(error)
      else for (const waiter of batch) waiter.fail(storeError(error))
    }
    if (waiting.size > 0 && pauseTimer === undefined) watchTurn()
  }

  /** Keeps the process alive, since a write is under way. */
  function retryLater(error: unknown): void {
    const nowMs = busy.clock.monotonicMs()
    for (const waiter of waiting) {
      if (waiter.busySinceMs === undefined) waiter.busySinceMs = nowMs
      else if (nowMs - waiter.busySinceMs >= busy.limitMs) waiter.fail(stillBusy(error))
    }
    if (waiting.size === 0) return
    busyAttempts += 1
    pauseTimer = setTimeout(flush, busyPauseMs(busy, busyAttempts))
  }

  return { write, flush }
}

interface Commit {
  readonly client: Client
  readonly transact: Transact
}

/** False when one of them failed or may not stay: then nothing of the batch was written, and each has to go alone. */
function commitTogether({ client, transact }: Commit, batch: readonly Waiter[]): boolean {
  const performed: Performed[] = []
  let isPerforming = false
  try {
    const isWhole = transact(client, {
      run() {
        isPerforming = true
        for (const waiter of batch) performed.push(waiter.perform(client))
        isPerforming = false
        return performed.every(({ stays }) => stays)
      },
      keepIf: (whole) => whole,
    })
    if (!isWhole) return false
  } catch (error) {
    // After a failed BEGIN or COMMIT none may be tried again here: the error is that of all.
    if (!isPerforming) throw error
    return false
  }
  for (const { answer } of performed) answer()
  return true
}

/** Throws only when the database is locked. */
function commitAlone({ client, transact }: Commit, waiter: Waiter): void {
  try {
    transact(client, { run: waiter.perform, keepIf: ({ stays }) => stays }).answer()
  } catch (error) {
    if (isBusy(error)) throw error
    waiter.fail(storeError(error))
  }
}
