// Writes entries into frames, counts them and keeps their digest for the end of the archive.
import { createHash } from 'node:crypto'
import { isVaultError } from '../errors/index.ts'
import { decodeEntry } from './decode-entry.ts'
import { type Entry, type EntryCounts, type EntryKind, encodeEnd, encodeEntry, lengthBytes } from './entries.ts'
import type { FrameWriter } from './frames.ts'

export interface EntryWriter {
  /** False when the row has no encoding that would be read back, and was left out. */
  write(entry: Entry): Promise<boolean>
  /** Writes the end. */
  end(keyIds: readonly string[]): Promise<void>
  count(kind: EntryKind): number
}

export function entryWriter(frames: FrameWriter): EntryWriter {
  const counts = noEntries()
  const digest = createHash('sha256')
  return {
    async write(entry) {
      const bytes = readableBytes(entry)
      if (bytes === undefined) return false
      digest.update(bytes)
      counts[entry.kind] += 1
      await frames.write(bytes)
      return true
    },
    end: (keyIds) => frames.write(encodeEnd({ keyIds, entries: counts, digest: digest.digest() })),
    count: (kind) => counts[kind],
  }
}

/** Counts from zero. */
export function noEntries(): { -readonly [K in keyof EntryCounts]: number } {
  return { meta: 0, keyAhead: 0, secret: 0, dataKey: 0, checkpoint: 0, auditRow: 0 }
}

/** A row that somebody has altered must not make an archive that cannot be read, so each entry is read back at once. */
function readableBytes(entry: Entry): Buffer | undefined {
  try {
    const bytes = encodeEntry(entry)
    decodeEntry(bytes.subarray(lengthBytes))
    return bytes
  } catch (error) {
    if (isVaultError(error) || error instanceof RangeError || error instanceof TypeError) return undefined
    throw error
  }
}
