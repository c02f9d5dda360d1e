// Reads exact numbers of bytes from pieces of any size.
import { types } from 'node:util'
import { copyBytes, view } from '../bytes/index.ts'
import type { Awaitable } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'

/** A reading position in bytes that come in pieces. */
export interface ByteReader {
  /** The next bytes; fewer only at the end. */
  take(length: number): Promise<Buffer>
  /** Ends the source. */
  end(): Promise<void>
}

/** For a source outside of the library: how long it may take for one piece. */
export interface PieceLimit {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** A minute: longer than any read of a disk or a network that is still there. */
const pieceMs = 60_000

/** Reads a source. Its errors are thrown on; TypeError when it gives anything but bytes. */
export function byteReader(source: AsyncIterable<Uint8Array>, limit?: PieceLimit): ByteReader {
  const pieces = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let state: 'open' | 'reading' | 'ended' = 'open'

  async function nextPiece(): Promise<Buffer | undefined> {
    state = 'reading'
    const { done, value } = await (limit === undefined ? pieces.next() : limited(limit, () => pieces.next()))
    state = done === true ? 'ended' : 'open'
    if (done === true) return undefined
    if (!types.isUint8Array(value)) throw new TypeError('The source of an archive must give Uint8Arrays')
    // What comes from outside is copied: a source may use its memory again for the next piece.
    return limit === undefined ? view(value) : copyBytes(value)
  }

  return {
    async take(length) {
      const parts: Buffer[] = []
      let missing = length
      while (missing > 0) {
        if (rest.length === 0) {
          const piece = state === 'ended' ? undefined : await nextPiece()
          if (piece === undefined) break
          rest = piece
        }
        const part = rest.subarray(0, missing)
        rest = rest.subarray(part.length)
        parts.push(part)
        missing -= part.length
      }
      const [first] = parts
      return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts)
    },
    async end() {
      if (state === 'ended') return
      const ending = Promise.resolve(pieces.return?.())
      // A source that did not answer would not answer this either; one that failed has ended by itself.
      if (state === 'reading' || limit?.signal?.aborted) ending.catch(() => undefined)
      else await (limit === undefined ? ending : limited(limit, () => ending))
    },
  }
}

/** Opens a source outside of the library, in the same time as it may take for one piece, and reads it. */
export async function openSource(
  open: () => Awaitable<AsyncIterable<Uint8Array>>,
  limit: PieceLimit,
): Promise<ByteReader> {
  return byteReader(await limited(limit, async () => open()), limit)
}

async function limited<T>({ clock, signal }: PieceLimit, work: () => Promise<T>): Promise<T> {
  const timeoutError = (): Error =>
    new VaultError('VAULT_STORE_FAILED', {
      detail: 'The source of the archive gave nothing for a minute.',
      retryable: true,
    })
  return withDeadline({ clock, limitMs: pieceMs, signal, timeoutError }, work)
}
