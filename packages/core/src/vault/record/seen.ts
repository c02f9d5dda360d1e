// Remembers the records that this process has seen: a seal is checked once, and a rollback to an older record shows.
import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { copyBytes, sameBytes } from '../../bytes/index.ts'
import type { SecretRef, StoredSecret } from '../../contracts/index.ts'
import { recordEncoding, recordSealHolds } from '../../envelope/index.ts'

interface Sight {
  readonly id: string
  readonly revision: number
  /** The moment it was seen. */
  readonly moment: number
  /** The encoding and the seal that were checked; absent for records that are too large to keep. */
  readonly proven: { readonly encoded: Buffer; readonly mac: Buffer } | undefined
}

/** Remembers the record seen last of each ref, for the 10,000 refs used last, and the last 10,000 ids that are gone. */
export interface Seen {
  /** The moment that a read or a write begins. */
  now(): number
  /**
   * Whether a record's seal holds under `dek`, and it is at least as new as everything seen before `since`, the moment
   * that its read began: reads at the same time may be answered in any order. What holds is remembered.
   */
  check(record: StoredSecret, seal: { readonly dek: KeyObject; readonly since: number }): 'holds' | 'broken' | 'older'
  /** Remembers a record that this vault has sealed as these bytes and written itself, by a write that began at `since`. */
  wrote(record: StoredSecret, write: { readonly encoded: Buffer; readonly since: number }): void
  /** Remembers that the secret with this id is gone: it is never believed again. */
  removed(ref: SecretRef, id: string): void
}

/** The seal of a record with a longer encoding is checked each time, so that 10,000 of them fit into 20 MiB. */
const maxKeptBytes = 2_048

/**
 * Creates an empty memory. Clocks of different machines disagree, so no time in a record says which of two is newer: of
 * one id it is the revision, and an id that this process saw replaced, or removed itself, is gone.
 */
export function createSeen({
  vaultId,
  entries = 10_000,
}: {
  readonly vaultId: Uint8Array
  readonly entries?: number
}): Seen {
  const sights = new LRUCache<string, Sight>({ max: entries })
  /** By id, which no two secrets share, the moment since which it is known to be gone. */
  const gone = new LRUCache<string, number>({ max: entries })
  let moment = 0

  const remember = (name: string, record: StoredSecret, encoded: Buffer): void => {
    const isKept = encoded.length <= maxKeptBytes
    moment += 1
    const before = sights.get(name)
    if (before !== undefined && before.id !== record.id) gone.set(before.id, moment)
    sights.set(name, {
      moment,
      id: record.id,
      revision: record.revision,
      proven: isKept ? { encoded: copyBytes(encoded), mac: copyBytes(record.mac) } : undefined,
    })
  }

  /**
   * Where a record stands to what is remembered. `unknown`: what is remembered was seen after the read began, so either
   * of both may be the newer one.
   */
  const orderOf = ({ id, revision }: StoredSecret, { name, since }: Place): 'newer' | 'older' | 'unknown' => {
    const goneAt = gone.get(id)
    if (goneAt !== undefined) return goneAt > since ? 'unknown' : 'older'
    const seen = sights.get(name)
    if (seen === undefined) return 'newer'
    if (seen.id === id && revision >= seen.revision) return 'newer'
    if (seen.moment > since) return 'unknown'
    return seen.id === id ? 'older' : 'newer'
  }

  return {
    now: () => moment,
    check(record, { dek, since }) {
      const name = refKey(record.ref)
      const encoded = recordEncoding(vaultId, record)
      if (encoded === undefined) return 'broken'
      const proven = sights.get(name)?.proven
      // The seal covers the canonical bytes and nothing else, so the same bytes under the same seal need no second look.
      if (proven && sameBytes(proven.mac, record.mac) && sameBytes(proven.encoded, encoded)) return 'holds'
      if (!recordSealHolds({ dek, encoded, mac: record.mac })) return 'broken'
      const order = orderOf(record, { name, since })
      if (order === 'newer') remember(name, record, encoded)
      return order === 'older' ? 'older' : 'holds'
    },
    wrote(record, { encoded, since }) {
      const name = refKey(record.ref)
      // Another process may have written a newer record already, which was read here first.
      if (orderOf(record, { name, since }) === 'newer') remember(name, record, encoded)
    },
    removed(ref, id) {
      const name = refKey(ref)
      moment += 1
      gone.set(id, moment)
      if (sights.get(name)?.id === id) sights.delete(name)
    },
  }
}

interface Place {
  readonly name: string
  readonly since: number
}

/** An injective name of a ref: names have no control characters. */
export function refKey({ owner, server, name }: SecretRef): string {
  return `${server}\n${owner}\n${name}`
}
