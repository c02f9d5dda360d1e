// Where an archive goes: to several sinks at once, each of which may fail alone.
import type { Awaitable, FailedSink } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'

/** A place that takes the bytes of an archive, in order. It must not change the bytes that it is given. */
export interface ArchiveSink {
  /** Resolves when it can take more. */
  write(bytes: Uint8Array): Awaitable<unknown>
  /** Called after the last bytes. What was written counts as an archive only once this has resolved. */
  close(): Awaitable<unknown>
  /** Called instead of `close` when the archive is not whole, so that nothing of it stays. */
  abort?(reason: unknown): Awaitable<unknown>
}

/** Further options of `archiveTo`. */
export interface SinkOptions {
  /** Time limit of one call to a sink, in ms. One that takes longer has failed. Default 60,000. */
  readonly sinkTimeoutMs?: number
}

export interface OpenSinksOptions extends Required<SinkOptions> {
  readonly sinks: readonly ArchiveSink[]
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** All sinks of one archive. */
export interface OpenSinks {
  /** Gives the bytes to every sink that has not failed, and waits for the slowest. Throws when all have failed. */
  write(bytes: Buffer): Promise<void>
  close(): Promise<void>
  abort(reason: unknown): Promise<void>
  /** Whether every sink was aborted and has said that nothing of the archive stays there. */
  haveNothing(): boolean
  failed(): readonly FailedSink[]
  /** Bytes so far. */
  size(): number
}

export function openSinks({ sinks, clock, signal, sinkTimeoutMs }: OpenSinksOptions): OpenSinks {
  const failures = new Map<ArchiveSink, unknown>()
  const closed = new Set<ArchiveSink>()
  const emptied = new Set<ArchiveSink>()
  let size = 0
  const timeoutError = (): Error => new VaultError('VAULT_STORE_FAILED', { detail: 'A sink did not answer in time.' })

  const one = async (sink: ArchiveSink, work: () => Awaitable<unknown>): Promise<void> => {
    try {
      await withDeadline({ clock, limitMs: sinkTimeoutMs, signal, timeoutError }, work)
    } catch (error) {
      signal?.throwIfAborted()
      failures.set(sink, error)
      await abortOne(sink, error)
    }
  }

  /** What a sink says when it is aborted changes nothing: it has failed, or the archive has. */
  const abortOne = async (sink: ArchiveSink, reason: unknown): Promise<void> => {
    try {
      if (sink.abort === undefined) return
      await withDeadline({ clock, limitMs: sinkTimeoutMs, timeoutError }, () => sink.abort?.(reason))
      emptied.add(sink)
    } catch {
      // The first failure is the one to report.
    }
  }

  const each = async (work: (sink: ArchiveSink) => Awaitable<unknown>): Promise<void> => {
    await Promise.all(sinks.filter((sink) => !failures.has(sink)).map((sink) => one(sink, () => work(sink))))
    if (failures.size < sinks.length) return
    const [cause] = failures.values()
    throw new VaultError('VAULT_STORE_FAILED', { detail: 'No sink took the archive.', cause, retryable: true })
  }

  return {
    async write(bytes) {
      signal?.throwIfAborted()
      size += bytes.length
      await each((sink) => sink.write(bytes))
    },
    close: () =>
      each(async (sink) => {
        await sink.close()
        closed.add(sink)
      }),
    async abort(reason) {
      await Promise.all(sinks.filter((sink) => !failures.has(sink)).map((sink) => abortOne(sink, reason)))
    },
    haveNothing: () => sinks.every((sink) => emptied.has(sink) && !closed.has(sink)),
    failed: () =>
      sinks.flatMap((sink, index) => (failures.has(sink) ? [{ sink: index, error: failures.get(sink) }] : [])),
    size: () => size,
  }
}
