// One caller's wait for its rows: over when one durable sink has them, or when all have failed.
import { VaultError } from '../../errors/index.ts'

/** Told by the feeds what became of the last row of a call. */
export interface Ticket {
  accepted(sink: string): void
  failed(sink: string, cause: unknown): void
}

/** A wait that any of the durable sinks can end well. */
export interface Wait {
  readonly ticket: Ticket
  /** Rejects with `VAULT_AUDIT_FAILED`, or with the signal's reason; the rows stay queued either way. */
  readonly done: Promise<void>
}

/** Waits for the first of `sinks`. */
export function waitForAny(options: {
  readonly sinks: readonly string[]
  readonly signal?: AbortSignal | undefined
}): Wait {
  const { signal } = options
  const open = new Set(options.sinks)
  const { promise, resolve, reject } = withResolvers()
  // The caller may fail before it waits.
  promise.catch(() => undefined)
  const onAbort = (): void => reject(signal?.reason)
  const finish = (): void => signal?.removeEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    done: promise,
    ticket: {
      accepted(sink) {
        if (!open.has(sink)) return
        finish()
        resolve()
      },
      failed(sink, cause) {
        open.delete(sink)
        if (open.size > 0) return
        finish()
        reject(new VaultError('VAULT_AUDIT_FAILED', { cause }))
      },
    },
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void } {
  let resolve: () => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
