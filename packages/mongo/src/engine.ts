// How operations reach the deployment: once the schema was found to be there, under the caller's signal, alone or in a transaction.
import { setTimeout as wait } from 'node:timers/promises'
import { type CallOptions, VaultError } from '@mcpvault/core'
import { backOffMs, guardCalls, type Inspection } from '@mcpvault/core/adapter'
import type { Fields, MongoClient, MongoSession } from './client.ts'
import { type Collections, collectionsUnder, durable } from './collections.ts'
import { hasLabel, isTransient, storeError } from './errors.ts'

/** Passed to every operation of a write: its transaction, if there is one, and the signal that ends it. */
export interface Within {
  readonly session?: MongoSession
  readonly signal?: AbortSignal
}

export interface Engine {
  /** The collections without a signal, for operations that are given their own. */
  readonly at: Collections
  readonly transactions: boolean
  /**
   * Every operation of the work gets the signal of the call: the driver (7.9) never settles one that it writes on a
   * connection that was just closed, and that connection would be lost to its pool.
   */
  call<T>(options: CallOptions | undefined, work: (at: Collections) => Promise<T>): Promise<T>
  /** Waits until it is known of what was not found that its collection was not dropped. Within a call. */
  confirmAbsence(): Promise<void>
  /** All of it or nothing; `work` may run again. After `undo` nothing is written, and the result is given all the same. */
  transact<T>(options: CallOptions | undefined, work: (within: Within, undo: () => void) => Promise<T>): Promise<T>
}

export interface EngineOptions {
  readonly client: MongoClient
  readonly at: Collections
  readonly transactions: boolean
  readonly inspection: Inspection
}

/** Runs work under the caller's signal, and translates what it throws. */
export const guarded = guardCalls(storeError)

/** How often a transaction is tried that has a conflict with another; nothing of it was written. */
const maxAttempts = 10

const transactionOptions = Object.freeze({
  ...durable,
  readConcern: { level: 'snapshot' },
  readPreference: 'primary',
})

export function mongoEngine({ client, at, transactions, inspection }: EngineOptions): Engine {
  const call: Engine['call'] = (options, work) =>
    guarded(options, async () => {
      await inspection.beforeUse()
      return await work(collectionsUnder(at, options?.signal))
    })

  return {
    at,
    transactions,
    call,
    confirmAbsence: inspection.beforeAbsence,
    transact: (options, work) => call(options, () => inTransaction({ client, signal: options?.signal }, work)),
  }
}

interface Transaction {
  readonly client: MongoClient
  readonly signal: AbortSignal | undefined
}

async function inTransaction<T>(
  { client, signal }: Transaction,
  work: (within: Within, undo: () => void) => Promise<T>,
): Promise<T> {
  const session = client.startSession()
  try {
    for (let attempt = 1; ; attempt += 1) {
      let isUndone = false
      session.startTransaction({ ...transactionOptions })
      try {
        const result = await work({ session, ...signalOnly(signal) }, () => {
          isUndone = true
        })
        signal?.throwIfAborted()
        if (isUndone) await session.abortTransaction()
        else await commit(session)
        return result
      } catch (error) {
        await session.abortTransaction().catch(() => undefined)
        // After a commit of unknown outcome the caller has to read before it writes again.
        const hadConflict =
          hasLabel(error, 'TransientTransactionError') && !hasLabel(error, 'UnknownTransactionCommitResult')
        if (!hadConflict || attempt >= maxAttempts || signal?.aborted) throw error
        // The other one has to end first, which takes a write to the disk; without a wait all attempts fail meanwhile.
        await wait(backOffMs(attempt))
      }
    }
  } finally {
    await session.endSession().catch(() => undefined)
  }
}

/** For options, in which the driver does not want to see `undefined`. */
export function signalOnly(signal: AbortSignal | undefined): Pick<Within, 'signal'> {
  return signal === undefined ? {} : { signal }
}

/** A commit may be repeated: the server knows the transaction, and commits it once. */
async function commit(session: MongoSession): Promise<void> {
  try {
    await session.commitTransaction()
  } catch (error) {
    if (!hasLabel(error, 'UnknownTransactionCommitResult') || !isTransient(error)) throw error
    await session.commitTransaction()
  }
}

/** A document as fields; undefined for none. */
export function fieldsOf(document: unknown): Fields | undefined {
  // The driver gives plain objects; each field is checked where it is used.
  return typeof document === 'object' && document !== null ? (document as Fields) : undefined
}

/**
 * Undefined for none. What somebody stored in the place of bytes must not be taken for none, or it would look absent: it
 * gives empty bytes, which no check accepts.
 */
export function bytesOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value
  if (value === undefined || value === null) return undefined
  if (isUnread(value)) {
    throw new VaultError('VAULT_STORE_FAILED', {
      field: 'client',
      detail: 'must give bytes as a Buffer, and everything else as a plain value.',
      retryable: false,
    })
  }
  return Buffer.from(value instanceof Uint8Array ? value : [])
}

/** Whether the driver gives bytes as an object of its own. A document can have the name of that type, but as its own field. */
function isUnread(value: unknown): boolean {
  const type = '_bsontype'
  return (
    typeof value === 'object' && value !== null && !Object.hasOwn(value, type) && Reflect.get(value, type) === 'Binary'
  )
}
