// The time of one call: it ends when the handler settles, the client cancels or the time limit is reached, and its
// values with it.
import { VaultError } from '@mcpvault/core'
import { mcpVaultError } from '../errors.ts'

export interface LifetimeOptions {
  /** By which the client cancels. */
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
}

export interface Lifetime {
  /** Aborted when the client cancels and at the time limit. */
  readonly signal: AbortSignal
  /** Runs `end` when the time is over, or at once when it is. What is given back takes it off the list. */
  atEnd(end: () => void): () => void
  /** Throws the reason of the cancel or time limit, or `VAULT_CLOSED` after the call. */
  requireRunning(): void
  /** What `work` gives, unless the time ends before it: then it rejects, and what comes later is dropped. */
  limit<T>(work: Promise<T>): Promise<T>
  /** Ends the time. */
  end(): void
}

export function startLifetime({ signal, timeoutMs }: LifetimeOptions): Lifetime {
  const controller = new AbortController()
  const endings = new Set<() => void>()
  let state: 'running' | 'over' = 'running'

  const cancel = (): void => abort(signal?.reason)
  const timer = setTimeout(() => abort(timedOut(timeoutMs)), timeoutMs)
  // A process that has nothing else to do may end.
  timer.unref()
  signal?.addEventListener('abort', cancel, { once: true })

  function end(): void {
    if (state === 'over') return
    state = 'over'
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
    for (const each of endings) each()
  }

  function abort(reason: unknown): void {
    end()
    controller.abort(reason)
  }

  if (signal?.aborted === true) cancel()
  return {
    signal: controller.signal,
    atEnd(ending) {
      if (state === 'over') ending()
      else endings.add(ending)
      return () => void endings.delete(ending)
    },
    requireRunning() {
      controller.signal.throwIfAborted()
      if (state === 'over')
        throw new VaultError('VAULT_CLOSED', { detail: 'The call has ended, and its values with it.' })
    },
    limit: (work) => Promise.race([work, rejection(controller.signal)]),
    end,
  }
}

/** Rejects when the signal aborts, with its reason. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function timedOut(timeoutMs: number): Error {
  const message = `The tool took longer than ${timeoutMs} ms. Its secrets were taken back.`
  return mcpVaultError('MCP_CALL_TIMED_OUT', { message })
}
