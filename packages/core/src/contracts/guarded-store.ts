// Wraps a store so that every call has a time limit, and every failure is a VaultError.
import { isVaultError, VaultError } from '../errors/index.ts'
import { type Clock, isPromiseLike, withDeadline } from '../time/index.ts'
import type { Awaitable, CallOptions } from './awaitable.ts'
import type { VaultStore } from './store.ts'

export interface GuardOptions {
  readonly store: VaultStore
  readonly clock: Clock
  readonly limitMs: number
  /** Whether the vault has ended: calls that are still to come are refused then. */
  readonly isEnded?: () => boolean
}

/** The same store, with limits and translated errors. A store that answers at once costs no timer. */
export function guardStore({ store, clock, limitMs, isEnded = () => false }: GuardOptions): VaultStore {
  const timeoutError = (): Error =>
    new VaultError('VAULT_STORE_FAILED', {
      detail: 'No answer came within limits.storeMs: the outcome of a write is unknown.',
      retryable: true,
    })

  function call<O extends CallOptions, T>(options: O, work: (options: O) => Awaitable<T>): Awaitable<T> {
    if (isEnded()) throw new VaultError('VAULT_CLOSED')
    const { signal } = options
    try {
      const result = withDeadline({ clock, limitMs, signal, timeoutError }, (limited) =>
        work({
          ...options,
          get signal() {
            return limited.signal
          },
        }),
      )
      return isPromiseLike(result) ? result.then(undefined, (error) => rethrow(error, signal)) : result
    } catch (error) {
      return rethrow(error, signal)
    }
  }

  const { secrets, dataKeys, audit, meta, locks, watch } = store
  const { lists } = audit
  return {
    id: store.id,
    supports: store.supports,
    secrets: {
      find: (ref, versions, options = {}) => call(options, (o) => secrets.find(ref, versions, o)),
      findAll: (scope, options) => call(options, (o) => secrets.findAll(scope, o)),
      put: (record, options) => call(options, (o) => secrets.put(record, o)),
      remove: (ref, options) => call(options, (o) => secrets.remove(ref, o)),
      list: (query, options = {}) => call(options, (o) => secrets.list(query, o)),
      touch: (batch, options = {}) => call(options, (o) => secrets.touch(batch, o)),
    },
    dataKeys: {
      find: (id, scope, options = {}) => call(options, (o) => dataKeys.find(id, scope, o)),
      active: (scope, options = {}) => call(options, (o) => dataKeys.active(scope, o)),
      insert: (row, options = {}) => call(options, (o) => dataKeys.insert(row, o)),
      replace: (row, options) => call(options, (o) => dataKeys.replace(row, o)),
      remove: (id, scope, options = {}) => call(options, (o) => dataKeys.remove(id, scope, o)),
      list: (query, options = {}) => call(options, (o) => dataKeys.list(query, o)),
    },
    audit: {
      append: (rows, options = {}) => call(options, (o) => audit.append(rows, o)),
      query: (filter, options) => call(options, (o) => audit.query(filter, o)),
      readStream: (stream, options) => call(options, (o) => audit.readStream(stream, o)),
      readAll: (options) => call(options, (o) => audit.readAll(o)),
      ...(lists === undefined
        ? {}
        : {
            lists: {
              unlisted: (rows, options = {}) => call(options, (o) => lists.unlisted(rows, o)),
              strays: (options) => call(options, (o) => lists.strays(o)),
            },
          }),
      streams: (options) => call(options, (o) => audit.streams(o)),
      redact: (row, options = {}) => call(options, (o) => audit.redact(row, o)),
      putCheckpoint: (checkpoint, options = {}) => call(options, (o) => audit.putCheckpoint(checkpoint, o)),
      checkpoints: (options) => call(options, (o) => audit.checkpoints(o)),
    },
    meta: {
      read: (key, options = {}) => call(options, (o) => meta.read(key, o)),
      insertOnce: (key, bytes, options = {}) => call(options, (o) => meta.insertOnce(key, bytes, o)),
    },
    locks: {
      acquire: (name, holder, ttlMs, options = {}) => call(options, (o) => locks.acquire(name, holder, ttlMs, o)),
      renew: (name, holder, ttlMs, options = {}) => call(options, (o) => locks.renew(name, holder, ttlMs, o)),
      release: (name, holder, options = {}) => call(options, (o) => locks.release(name, holder, o)),
    },
    ...(watch === undefined ? {} : { watch: (listener) => watch.call(store, listener) }),
  }
}

function rethrow(error: unknown, signal: AbortSignal | undefined): never {
  if (isVaultError(error) || signal?.aborted) throw error
  if (error instanceof TypeError || error instanceof RangeError) {
    throw new VaultError('VAULT_STORE_FAILED', { cause: error, retryable: false, detail: faulty })
  }
  throw new VaultError('VAULT_STORE_FAILED', { cause: error })
}

const faulty = 'It threw an error of the program: the outcome of a write is unknown.'
