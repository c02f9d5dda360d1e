// Remembers the records that this process has seen: a seal is checked once, and a rollback to an older record shows.
import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { copyBytes, sameBytes } from '../../bytes/index.ts'
import type { SecretRef, StoredSecret } from '../../contracts/index.ts'
import { recordEncoding, recordSealHolds } from '../../envelope/index.ts'

interface Sight {
  readonly id: string
  readonly revision: number
  readonly createdMs: number
  /** The moment it was seen. */
  readonly moment: number
  /** The encoding and the seal that were checked; absent for records that are too large to keep. */
  readonly proven: { readonly encoded: Buffer; readonly mac: Buffer } | undefined
}

/** Remembers the newest record seen of each ref, for the 10,000 refs used last. */
export interface Seen {
  /** The moment that a read begins. */
  now(): number
  /**
   * Whether a record's seal holds under `dek`, and it is at least as new as everything seen before `since`, the moment
   * that its read began: reads at the same time may be answered in any order. What holds is remembered.
   */
  check(record: StoredSecret, seal: { readonly dek: KeyObject; readonly since: number }): 'holds' | 'broken' | 'older'
  /** Remembers a record that this vault has sealed and written itself. */
  wrote(record: StoredSecret): void
  /** A removed secret may be created again with a lower revision. */
  forget(ref: SecretRef): void
}

/** The seal of a record with a longer encoding is checked each time, so that 10,000 of them fit into 20 MiB. */
const maxKeptBytes = 2_048

/** Creates an empty memory. */
export function createSeen({
  vaultId,
  entries = 10_000,
}: {
  readonly vaultId: Uint8Array
  readonly entries?: number
}): Seen {
  const sights = new LRUCache<string, Sight>({ max: entries })
  let moment = 0

  const remember = (name: string, record: StoredSecret, encoded: Buffer | undefined): void => {
    const isKept = encoded !== undefined && encoded.length <= maxKeptBytes
    moment += 1
    sights.set(name, {
      moment,
      id: record.id,
      revision: record.revision,
      createdMs: record.createdAt.getTime(),
      proven: isKept ? { encoded: copyBytes(encoded), mac: copyBytes(record.mac) } : undefined,
    })
  }

  /** The seal covers the canonical bytes and nothing else, so the same bytes under the same seal need no second look. */
  const isProven = (record: StoredSecret, encoded: Buffer, proven: Sight['proven']): boolean =>
    proven !== undefined && sameBytes(proven.mac, record.mac) && sameBytes(proven.encoded, encoded)

  return {
    now: () => moment,
    check(record, { dek, since }) {
      const name = refKey(record.ref)
      const seen = sights.get(name)
      const encoded = recordEncoding(vaultId, record)
      if (encoded === undefined) return 'broken'
      if (isProven(record, encoded, seen?.proven)) return 'holds'
      if (!recordSealHolds({ dek, encoded, mac: record.mac })) return 'broken'
      if (seen === undefined || !isOlder(record, seen)) {
        remember(name, record, encoded)
        return 'holds'
      }
      return seen.moment > since ? 'holds' : 'older'
    },
    wrote(record) {
      const name = refKey(record.ref)
      const seen = sights.get(name)
      // Another process may have written a newer record already, which was read here first.
      if (seen === undefined || !isOlder(record, seen)) remember(name, record, recordEncoding(vaultId, record))
    },
    forget: (ref) => void sights.delete(refKey(ref)),
  }
}

function isOlder({ id, revision, createdAt }: StoredSecret, seen: Sight): boolean {
  return id === seen.id ? revision < seen.revision : createdAt.getTime() < seen.createdMs
}

/** An injective name of a ref: names have no control characters. */
export function refKey({ owner, server, name }: SecretRef): string {
  return `${server}\n${owner}\n${name}`
}
