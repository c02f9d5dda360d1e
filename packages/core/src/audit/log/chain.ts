// One stream as its writer holds it: rows are drafted, and the key moves on only when the draft is accepted.
import type { KeyObject } from 'node:crypto'
import { encodeHex, hmacKey, wipe } from '../../bytes/index.ts'
import type { AuditRow } from '../../contracts/index.ts'
import { eventColumns } from './columns.ts'
import { eventText, type StampedEvent } from './event.ts'
import { firstKey, macBytes, nextKey, streamMac } from './mac.ts'
import { sealedBody } from './seal.ts'

/** Rows that continue a stream, until they are accepted or discarded. */
export interface Draft {
  readonly rows: readonly AuditRow[]
  /** The rows exist from now on; the keys before them are wiped. */
  accept(): void
  /** The rows never existed; the stream stays where it was. */
  discard(): void
}

/** The writing end of a stream. One draft at a time. */
export interface Chain {
  /** 32 hex digits. */
  readonly stream: string
  /** The sequence of the next row. */
  nextSequence(): number
  draft(events: readonly StampedEvent[]): Draft
  /** Wipes the key. Drafting after it is a TypeError, since rows under a wiped key would be anyone's. */
  end(): void
}

interface Position {
  /** The key of the next row. */
  readonly key: Buffer
  readonly sequence: number
  /** The mac of the row before. */
  readonly mac: Buffer
}

/** Begins a stream with a fresh id of 16 random bytes. */
export function startChain(options: {
  readonly root: KeyObject
  readonly vaultId: Uint8Array
  readonly stream: Uint8Array
  /** Of all streams of the vault. */
  readonly seal: KeyObject
}): Chain {
  const { seal } = options
  const stream = encodeHex(options.stream)
  const macOf = streamMac(options)
  let isEnded = false
  let state: Position = { key: firstKey(options), sequence: 0, mac: Buffer.alloc(macBytes) }
  return {
    stream,
    nextSequence: () => state.sequence,
    draft(events) {
      if (isEnded) throw new TypeError('The stream has ended.')
      let next = { ...state }
      const discard = (): void => {
        if (next.key !== state.key) wipe(next.key)
      }
      try {
        const rows = events.map(({ event, at }): AuditRow => {
          const record = { event, at, stream, sequence: next.sequence }
          const body = sealedBody(seal, eventText(record))
          const key = hmacKey(next.key)
          const mac = macOf({ key, sequence: next.sequence, previousMac: next.mac, body })
          const following = nextKey(key)
          discard()
          next = { key: following, sequence: next.sequence + 1, mac }
          return { stream, sequence: record.sequence, mac, body, columns: eventColumns(record) }
        })
        return {
          rows,
          discard,
          accept() {
            if (next.key !== state.key) wipe(state.key)
            state = next
          },
        }
      } catch (error) {
        discard()
        throw error
      }
    },
    end() {
      isEnded = true
      wipe(state.key)
    },
  }
}
