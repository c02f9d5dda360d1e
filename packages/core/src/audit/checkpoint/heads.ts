// What checkpoints say of each stream, gathered for comparison with the rows.
import { encodeHex } from '../../bytes/index.ts'
import type { AuditRow } from '../../contracts/index.ts'
import type { StreamHead } from './note.ts'

/** A head, and the id of the checkpoint that states it. */
export interface StatedHead extends StreamHead {
  readonly checkpoint: string
}

/**
 * Whose word it is that a stream is not as it was. Empty for the writer of the stream, which knows. With `seenBy` it is
 * the checkpoint of this id, whose process only saw the row in the store.
 */
export interface Witness {
  readonly seenBy?: string
}

/** Heads stated by checkpoints, forgotten as their streams are compared. */
export interface StatedHeads {
  /**
   * Takes a head of a stored checkpoint. Only the latest of each stream is kept, one of its writer and one that was
   * seen: the mac covers every earlier row, and who could forge that could sign checkpoints too.
   */
  addStored(head: StatedHead): void
  /** Takes a head of a checkpoint that was kept elsewhere. All are compared. */
  addKept(head: StatedHead): void
  /** What is stated of this stream. */
  take(stream: string): StreamHeads
  /** The streams that nobody took, by id. */
  rest(): readonly (Witness & { readonly stream: string })[]
}

/** The heads stated of one stream. */
export interface StreamHeads {
  /** Whether a checkpoint of another process than the writer's states this stream. */
  readonly isSeen: boolean
  /** Whose checkpoint states another row in this place, or two different ones. */
  against(row: AuditRow): Witness | undefined
  /** Whose checkpoint states a row at this sequence or later. */
  beyond(sequence: number): Witness | undefined
}

interface Stated {
  /** Of the stream's writer. */
  latest?: StatedHead
  latestSeen?: StatedHead
  readonly kept: StatedHead[]
}

export function statedHeads(): StatedHeads {
  const streams = new Map<string, Stated>()

  const statedOf = (stream: string): Stated => {
    const known = streams.get(stream)
    if (known !== undefined) return known
    const made = { kept: [] }
    streams.set(stream, made)
    return made
  }

  return {
    addStored(head) {
      const stated = statedOf(head.stream)
      const field = head.seen ? 'latestSeen' : 'latest'
      const known = stated[field]
      if (known === undefined || known.sequence < head.sequence) stated[field] = head
    },
    addKept(head) {
      statedOf(head.stream).kept.push(head)
    },
    take(stream) {
      const heads = headsIn(streams.get(stream))
      streams.delete(stream)
      return headsOfStream(heads)
    },
    rest: () =>
      [...streams]
        .map(([stream, stated]) => ({ stream, ...(headsOfStream(headsIn(stated)).beyond(0) ?? {}) }))
        .sort((a, b) => (a.stream < b.stream ? -1 : 1)),
  }
}

function headsIn(stated: Stated | undefined): readonly StatedHead[] {
  if (stated === undefined) return []
  const { latest, latestSeen, kept } = stated
  return [latest, latestSeen, ...kept].filter((head) => head !== undefined)
}

function headsOfStream(heads: readonly StatedHead[]): StreamHeads {
  const written = placesOf(heads.filter(({ seen }) => !seen))
  const seenHeads = heads.filter(({ seen }) => seen)
  const seen = placesOf(seenHeads)
  const lastWritten = Math.max(-1, ...written.keys())
  const lastSeen = seenHeads.toSorted((a, b) => a.sequence - b.sequence).at(-1)
  return {
    isSeen: seenHeads.length > 0,
    against({ sequence, mac }) {
      const writtenMacs = written.get(sequence)
      const seenMacs = seen.get(sequence)
      if (writtenMacs === undefined && seenMacs === undefined) return undefined
      const hex = encodeHex(mac)
      if (writtenMacs !== undefined && !(writtenMacs.size === 1 && writtenMacs.has(hex))) return {}
      for (const [other, checkpoint] of seenMacs ?? []) if (other !== hex) return { seenBy: checkpoint }
      return undefined
    },
    beyond(sequence) {
      if (lastWritten >= sequence) return {}
      return lastSeen !== undefined && lastSeen.sequence >= sequence ? { seenBy: lastSeen.checkpoint } : undefined
    },
  }
}

/** By sequence, the macs that are stated there, each with a checkpoint that states it. */
function placesOf(heads: readonly StatedHead[]): ReadonlyMap<number, ReadonlyMap<string, string>> {
  const places = new Map<number, Map<string, string>>()
  for (const { sequence, mac, checkpoint } of heads) {
    const macs = places.get(sequence) ?? new Map<string, string>()
    places.set(sequence, macs.set(encodeHex(mac), checkpoint))
  }
  return places
}
