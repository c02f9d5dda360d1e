// Reads exact numbers of bytes from pieces of any size.
import { types } from 'node:util'
import { view } from '../bytes/index.ts'
import { untilAborted } from '../time/index.ts'

/** A reading position in bytes that come in pieces. */
export interface ByteReader {
  /** The next bytes; fewer only at the end. They may be a view of what the source gave. */
  take(length: number): Promise<Buffer>
  /** Ends the source. */
  end(): Promise<void>
}

/** Reads a source. Its errors are thrown on; TypeError when it gives anything but bytes. */
export function byteReader(source: AsyncIterable<Uint8Array>, signal?: AbortSignal | undefined): ByteReader {
  const pieces = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let isEnded = false

  async function nextPiece(): Promise<Buffer | undefined> {
    signal?.throwIfAborted()
    const { done, value } = await untilAborted(pieces.next(), signal)
    if (done === true) {
      isEnded = true
      return undefined
    }
    if (!types.isUint8Array(value)) throw new TypeError('The source of an archive must give Uint8Arrays')
    return view(value)
  }

  return {
    async take(length) {
      const parts: Buffer[] = []
      let missing = length
      while (missing > 0) {
        if (rest.length === 0) {
          const piece = isEnded ? undefined : await nextPiece()
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
      // A source that never answers is not waited for.
      if (!isEnded) await untilAborted(Promise.resolve(pieces.return?.()), signal).catch(() => undefined)
    },
  }
}
