// The streams of writes: only writes whose event lands in their own transaction use them, one write at a time each.

import type { AuditEvent, AuditRow, Awaitable } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, isPromiseLike, waitingList } from '../../time/index.ts'
import type { Chain, Draft } from '../log/chain.ts'
import type { RecordedWrite } from './options.ts'
import { draftIn } from './outlet.ts'

export interface WriteStreamsOptions {
  readonly start: () => Chain
  readonly maxStreams: number
  readonly clock: Clock
  /** How long a write waits for a free stream. */
  readonly waitMs: number
  /** Takes rows that are in the store. */
  readonly onStored: (rows: readonly AuditRow[]) => void
}

export interface WriteStreams {
  /**
   * Commits a write with the next rows of a free stream, so that it waits for no other event. Rejects with
   * `VAULT_AUDIT_FAILED` when none comes free in time.
   */
  commit<T>(write: RecordedWrite<T>): Promise<T>
  /** Takes out the streams that no write uses. Those in use are wiped as they come back. */
  close(): readonly Chain[]
}

/** Makes streams as they are needed. */
export function writeStreams({ start, maxStreams, clock, waitMs, onStored }: WriteStreamsOptions): WriteStreams {
  const idle: Chain[] = []
  let count = 0
  let isClosed = false

  const take = (signal: AbortSignal | undefined): Awaitable<Chain> => {
    const stream = idle.pop()
    if (stream !== undefined) return stream
    if (count < maxStreams) {
      count += 1
      return start()
    }
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'Too many writes are under way.' })
    return waiting.next({ clock, limitMs: waitMs, signal, timeoutError })
  }

  const giveBack = (stream: Chain): void => {
    if (isClosed) stream.end()
    else if (!waiting.give(stream)) idle.push(stream)
  }
  const waiting = waitingList(giveBack)

  const draftOrGiveBack = (stream: Chain, event: AuditEvent): Draft => {
    try {
      return draftIn(stream, [{ event, at: clock.now() }])
    } catch (error) {
      giveBack(stream)
      throw error
    }
  }

  const abandon = (stream: Chain): void => {
    stream.end()
    giveBack(start())
  }

  return {
    async commit<T>(write: RecordedWrite<T>): Promise<T> {
      const taken = take(write.signal)
      const stream = isPromiseLike(taken) ? await taken : taken
      const draft = draftOrGiveBack(stream, write.event)
      let result: T
      let isApplied: boolean
      try {
        const committing = write.commit(draft.rows)
        result = isPromiseLike(committing) ? await committing : committing
        isApplied = write.applied(result)
      } catch (error) {
        // The rows may be in the store or not, so that nothing can follow them in this stream.
        draft.discard()
        abandon(stream)
        throw error
      }
      if (isApplied) {
        draft.accept()
        onStored(draft.rows)
      } else draft.discard()
      giveBack(stream)
      return result
    },
    close() {
      isClosed = true
      return idle.splice(0)
    },
  }
}
