// The entries of an archive: one for each row of the store, as a line of JSON with the byte strings that belong to it.
import { utf8Bytes } from '../bytes/index.ts'
import type { AuditRow, Checkpoint, StoredDataKey, StoredSecret } from '../contracts/index.ts'

/** How many entries of each kind an archive has. */
export type EntryCounts = Readonly<Record<EntryKind, number>>

/** What an archive says of itself at its end. */
export interface ArchiveEnd {
  /** Every master key that something in the archive is wrapped under. */
  readonly keyIds: readonly string[]
  readonly entries: EntryCounts
  /** Of all entries before, with their lengths: SHA-256. */
  readonly digest: Uint8Array
}

/** One entry. A `keyAhead` is a data key of the secrets that follow; each stands among the `dataKey` entries again. */
export type Entry =
  | { readonly kind: 'meta'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'keyAhead'; readonly row: StoredDataKey }
  | { readonly kind: 'dataKey'; readonly row: StoredDataKey }
  | { readonly kind: 'secret'; readonly record: StoredSecret }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'auditRow'; readonly row: AuditRow }

export type EntryKind = Entry['kind']

/** The first byte of an entry is the place of its kind here, from 1. The last entry of an archive is its `end`. */
export const entryKinds = Object.freeze([
  'meta',
  'keyAhead',
  'secret',
  'dataKey',
  'checkpoint',
  'auditRow',
  'end',
] as const)

/** The bytes that stand before each entry, which say its length. */
export const lengthBytes = 4

/** The largest entry: 100 versions of 1 MiB each and 10,000 permissions are half of it. */
export const maxEntryBytes = 268_435_456

/** The bytes of an entry, with its length before them. Throws for a row that has no encoding. */
export function encodeEntry(entry: Entry): Buffer {
  const { fields, blobs } = partsOf(entry)
  return frame(entry.kind, fields, blobs)
}

/** The bytes of the last entry. */
export function encodeEnd({ keyIds, entries, digest }: ArchiveEnd): Buffer {
  return frame('end', { entries, keyIds }, [digest])
}

interface EntryParts {
  readonly fields: object
  readonly blobs: readonly Uint8Array[]
}

function frame(kind: (typeof entryKinds)[number], fields: object, blobs: readonly Uint8Array[]): Buffer {
  const json = utf8Bytes(JSON.stringify(fields))
  const size = blobs.reduce((sum, { length }) => sum + 4 + length, 5 + json.length)
  if (size > maxEntryBytes) throw new RangeError('The entry is too large')
  const bytes = Buffer.alloc(lengthBytes + size)
  let at = bytes.writeUInt32BE(size, 0)
  at = bytes.writeUInt8(entryKinds.indexOf(kind) + 1, at)
  for (const part of [json, ...blobs]) {
    at = bytes.writeUInt32BE(part.length, at)
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function partsOf(entry: Entry): EntryParts {
  switch (entry.kind) {
    case 'meta':
      return { fields: { key: entry.key }, blobs: [entry.value] }
    case 'keyAhead':
    case 'dataKey':
      return keyParts(entry.row)
    case 'secret':
      return secretParts(entry.record)
    case 'checkpoint':
      return { fields: { ...entry.checkpoint, createdAt: instant(entry.checkpoint.createdAt) }, blobs: [] }
    case 'auditRow':
      return auditParts(entry.row)
  }
}

function keyParts({ id, scope, state, wraps, revision, createdAt }: StoredDataKey): EntryParts {
  const { kind, owner, server } = scope
  return { fields: { id, kind, owner, server, state, revision, createdAt: instant(createdAt) }, blobs: wraps }
}

function secretParts(record: StoredSecret): EntryParts {
  const { ref, mac, managed, versions, grants, createdAt, updatedAt, expiresAt, lastUsedAt, ...rest } = record
  const { owner, server, name } = ref
  return {
    fields: {
      ...rest,
      owner,
      server,
      name,
      createdAt: instant(createdAt),
      updatedAt: instant(updatedAt),
      expiresAt: expiresAt && instant(expiresAt),
      lastUsedAt: lastUsedAt && instant(lastUsedAt),
      grants: grants.map((grant) => ({ ...grant, grantedAt: instant(grant.grantedAt) })),
      versions: versions.map(({ commitment: _, envelope: __, createdAt: at, ...version }) => ({
        ...version,
        createdAt: instant(at),
      })),
    },
    blobs: [mac, managed, ...versions.flatMap(({ commitment, envelope }) => [commitment, envelope ?? none])],
  }
}

function auditParts({ stream, sequence, mac, body, columns, redaction }: AuditRow): EntryParts {
  const fields = { stream, sequence, columns: { ...columns, at: instant(columns.at) } }
  return { fields, blobs: [mac, body, ...(redaction === undefined ? [] : [redaction])] }
}

/** Throws RangeError for a Date that holds no instant. */
function instant(at: Date): string {
  return at.toISOString()
}

const none = new Uint8Array()
