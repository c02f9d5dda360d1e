// What this process has seen of each secret: its seal is proven once, and an older record put back is noticed.
import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { SecretRef, StoredSecret } from '../../contracts/index.ts'
import { copySealedRecord, isSameSealedRecord, recordSealHolds } from '../../envelope/index.ts'

interface Sight {
  readonly id: string
  readonly revision: number
  readonly createdMs: number
  /** The moment it was seen. */
  readonly moment: number
  /** Absent for records that are large to keep. */
  readonly verified: StoredSecret | undefined
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
  /** A removed secret may be made anew with a lower revision. */
  forget(ref: SecretRef): void
}

/** More versions and grants than most secrets have; a large record is proven by its seal each time. */
const largestKept = 20

/** Begins with nothing seen. */
export function createSeen({
  vaultId,
  entries = 10_000,
}: {
  readonly vaultId: Uint8Array
  readonly entries?: number
}): Seen {
  const sights = new LRUCache<string, Sight>({ max: entries })
  let moment = 0

  const remember = (name: string, record: StoredSecret): void => {
    const isSmall = record.versions.length + record.grants.length + record.tags.length <= largestKept
    moment += 1
    sights.set(name, {
      moment,
      id: record.id,
      revision: record.revision,
      createdMs: record.createdAt.getTime(),
      verified: isSmall ? copySealedRecord(record) : undefined,
    })
  }

  return {
    now: () => moment,
    check(record, { dek, since }) {
      const name = refKey(record.ref)
      const seen = sights.get(name)
      if (seen?.verified !== undefined && isSameSealedRecord(seen.verified, record)) return 'holds'
      if (!recordSealHolds({ dek, vaultId, record })) return 'broken'
      if (seen === undefined || !isOlder(record, seen)) {
        remember(name, record)
        return 'holds'
      }
      return seen.moment > since ? 'holds' : 'older'
    },
    wrote(record) {
      const name = refKey(record.ref)
      const seen = sights.get(name)
      // Another process may have gone on from it already, and its record have been read first.
      if (seen === undefined || !isOlder(record, seen)) remember(name, record)
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
