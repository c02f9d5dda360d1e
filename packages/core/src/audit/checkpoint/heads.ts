// What checkpoints say of each stream, gathered for comparison with the rows.
import { encodeHex } from '../../bytes/index.ts'
import type { AuditRow } from '../../contracts/index.ts'
import type { StreamHead } from './note.ts'

/** Heads stated by checkpoints, forgotten as their streams are compared. */
export interface StatedHeads {
  /**
   * Takes a head of a stored checkpoint. Only the latest of each stream is kept: its mac covers every earlier row, and
   * who could forge that could sign checkpoints too.
   */
  addStored(head: StreamHead): void
  /** Takes a head of a checkpoint that was kept elsewhere. All are compared. */
  addKept(head: StreamHead): void
  /** What is stated of this stream. */
  take(stream: string): StreamHeads
  /** The streams that nobody took. */
  rest(): readonly string[]
}

/** The heads stated of one stream. */
export interface StreamHeads {
  /** Whether the row is none that a checkpoint contradicts. */
  agree(row: AuditRow): boolean
  /** The last sequence that a checkpoint saw; -1 when none did. */
  readonly lastSequence: number
}

export function statedHeads(): StatedHeads {
  const stored = new Map<string, StreamHead>()
  const kept = new Map<string, StreamHead[]>()
  return {
    addStored(head) {
      const known = stored.get(head.stream)
      if (known === undefined || known.sequence < head.sequence) stored.set(head.stream, head)
    },
    addKept(head) {
      const known = kept.get(head.stream)
      if (known === undefined) kept.set(head.stream, [head])
      else known.push(head)
    },
    take(stream) {
      const latest = stored.get(stream)
      const heads = [...(latest === undefined ? [] : [latest]), ...(kept.get(stream) ?? [])]
      stored.delete(stream)
      kept.delete(stream)
      const macs = new Map<number, Set<string>>()
      for (const { sequence, mac } of heads) macs.set(sequence, (macs.get(sequence) ?? new Set()).add(encodeHex(mac)))
      return {
        agree({ sequence, mac }) {
          const stated = macs.get(sequence)
          return stated === undefined || (stated.size === 1 && stated.has(encodeHex(mac)))
        },
        lastSequence: Math.max(-1, ...macs.keys()),
      }
    },
    rest: () => [...new Set([...stored.keys(), ...kept.keys()])].sort(),
  }
}
