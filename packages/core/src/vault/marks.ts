// High-water marks: what this process has seen of each secret, so that an older record put back is noticed.
import { LRUCache } from 'lru-cache'
import type { SecretRef, StoredSecret } from '../contracts/index.ts'

interface Mark {
  readonly id: string
  readonly revision: number
  readonly createdMs: number
}

/** Remembers the newest record seen of each ref, for the 10,000 refs used last. */
export interface Marks {
  /** Whether the record is at least as new as everything seen before; remembers it when it is. */
  advance(record: StoredSecret): boolean
  /** A removed secret may be made anew with a lower revision. */
  forget(ref: SecretRef): void
}

export function createMarks(entries = 10_000): Marks {
  const marks = new LRUCache<string, Mark>({ max: entries })
  return {
    advance(record) {
      const name = refKey(record.ref)
      const seen = marks.get(name)
      const createdMs = record.createdAt.getTime()
      if (seen !== undefined && isOlder({ id: record.id, revision: record.revision, createdMs }, seen)) return false
      if (seen?.id !== record.id || seen.revision !== record.revision) {
        marks.set(name, { id: record.id, revision: record.revision, createdMs })
      }
      return true
    },
    forget: (ref) => void marks.delete(refKey(ref)),
  }
}

function isOlder(record: Mark, seen: Mark): boolean {
  return record.id === seen.id ? record.revision < seen.revision : record.createdMs < seen.createdMs
}

/** An injective name of a ref: names have no control characters. */
export function refKey({ owner, server, name }: SecretRef): string {
  return `${server}\n${owner}\n${name}`
}
