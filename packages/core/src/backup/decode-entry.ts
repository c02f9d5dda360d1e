// From the bytes of an entry back to the row that it was made from.
import { utf8Text } from '../bytes/index.ts'
import {
  type AuditColumns,
  type AuditRow,
  auditActions,
  type Checkpoint,
  ownOptions,
  type StoredDataKey,
  type StoredGrant,
  type StoredSecret,
  type StoredVersion,
} from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type ArchiveEnd, type Entry, type EntryCounts, entryKinds } from './entries.ts'
import { type EntryFields, entryFields, malformed } from './entry-fields.ts'

/** An entry, or the end of the archive. */
export type DecodedEntry = Entry | ({ readonly kind: 'end' } & ArchiveEnd)

/**
 * The entry of these bytes, without the length before them. Throws `VAULT_ENVELOPE_UNSUPPORTED` for a kind that this
 * release does not know, and `VAULT_ENVELOPE_INVALID` for one that is not well formed.
 */
export function decodeEntry(bytes: Buffer): DecodedEntry {
  const [first, ...blobs] = partsOf(bytes)
  const kind = entryKinds[bytes.readUInt8(0) - 1]
  if (kind === undefined) throw new VaultError('VAULT_ENVELOPE_UNSUPPORTED')
  const fields = entryFields(parseJson(first))
  switch (kind) {
    case 'meta':
      return { kind, key: fields.text('key'), value: blobAt(blobs, 0) }
    case 'keyAhead':
    case 'dataKey':
      return { kind, row: dataKeyOf(fields, blobs) }
    case 'secret':
      return { kind, record: secretOf(fields, blobs) }
    case 'checkpoint':
      return { kind, checkpoint: checkpointOf(fields) }
    case 'auditRow':
      return { kind, row: auditRowOf(fields, blobs) }
    case 'end':
      return {
        kind,
        keyIds: fields.texts('keyIds'),
        entries: countsOf(fields.object('entries')),
        digest: blobAt(blobs, 0),
      }
  }
}

/** The byte strings after the kind, each behind its length. They are views of the entry's bytes. */
function partsOf(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = []
  let at = 1
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw malformed()
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) throw malformed()
    parts.push(bytes.subarray(at + 4, end))
    at = end
  }
  return parts
}

function parseJson(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(utf8Text(bytes ?? Buffer.alloc(0)) ?? '')
  } catch {
    throw malformed()
  }
}

function blobAt(blobs: readonly Buffer[], index: number): Buffer {
  const blob = blobs[index]
  if (blob === undefined) throw malformed()
  return blob
}

function dataKeyOf(fields: EntryFields, wraps: readonly Buffer[]): StoredDataKey {
  return {
    id: fields.text('id'),
    scope: {
      kind: fields.oneOf('kind', ['values', 'audit']),
      owner: fields.text('owner'),
      server: fields.text('server'),
    },
    state: fields.oneOf('state', ['active', 'retired']),
    wraps,
    revision: fields.integer('revision'),
    createdAt: fields.instant('createdAt'),
  }
}

function secretOf(fields: EntryFields, blobs: readonly Buffer[]): StoredSecret {
  const description = fields.optionalText('description')
  const expiresAt = fields.optionalInstant('expiresAt')
  const lastUsedAt = fields.optionalInstant('lastUsedAt')
  return {
    id: fields.text('id'),
    ref: { owner: fields.text('owner'), server: fields.text('server'), name: fields.text('name') },
    revision: fields.integer('revision'),
    currentVersion: fields.integer('currentVersion'),
    state: fields.oneOf('state', ['active', 'inactive', 'deleted']),
    type: fields.text('type'),
    tier: fields.oneOf('tier', [1, 2, 3]),
    ...(description !== undefined && { description }),
    tags: fields.texts('tags'),
    ...(expiresAt !== undefined && { expiresAt }),
    createdAt: fields.instant('createdAt'),
    updatedAt: fields.instant('updatedAt'),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    useCount: fields.integer('useCount'),
    dekId: fields.text('dekId'),
    mac: blobAt(blobs, 0),
    managed: blobAt(blobs, 1),
    grants: fields.objects('grants').map(grantOf),
    versions: fields.objects('versions').map((version, index) => versionOf(version, blobs, 2 + 2 * index)),
  }
}

function grantOf(fields: EntryFields): StoredGrant {
  const deploymentId = fields.optionalText('deploymentId')
  return {
    principal: fields.text('principal'),
    permission: fields.oneOf('permission', ['read', 'write', 'admin']),
    grantedBy: fields.text('grantedBy'),
    grantedAt: fields.instant('grantedAt'),
    ...(deploymentId !== undefined && { deploymentId }),
  }
}

function versionOf(fields: EntryFields, blobs: readonly Buffer[], at: number): StoredVersion {
  const envelope = blobAt(blobs, at + 1)
  return {
    version: fields.integer('version'),
    encoding: fields.oneOf('encoding', ['text', 'bytes', 'fields']),
    state: fields.oneOf('state', ['active', 'pending', 'retired']),
    commitment: blobAt(blobs, at),
    createdAt: fields.instant('createdAt'),
    createdBy: fields.text('createdBy'),
    // No envelope is empty: that stands for one that the store did not have.
    ...(envelope.length > 0 && { envelope }),
  }
}

function checkpointOf(fields: EntryFields): Checkpoint {
  return { id: fields.text('id'), createdAt: fields.instant('createdAt'), note: fields.text('note') }
}

function auditRowOf(fields: EntryFields, blobs: readonly Buffer[]): AuditRow {
  const redaction = blobs[2]
  return {
    stream: fields.text('stream'),
    sequence: fields.integer('sequence'),
    mac: blobAt(blobs, 0),
    body: blobAt(blobs, 1),
    columns: columnsOf(fields.object('columns')),
    ...(redaction !== undefined && { redaction }),
  }
}

function columnsOf(fields: EntryFields): AuditColumns {
  const columns: { -readonly [K in keyof AuditColumns]: AuditColumns[K] } = {
    at: fields.instant('at'),
    action: fields.oneOf('action', auditActions),
    outcome: fields.oneOf('outcome', ['allowed', 'denied', 'missing', 'failed', 'intent']),
    principal: fields.text('principal'),
  }
  for (const name of ['owner', 'server', 'name', 'secretId', 'correlationId'] as const) {
    const value = fields.optionalText(name)
    if (value !== undefined) columns[name] = value
  }
  return columns
}

function countsOf(fields: EntryFields): EntryCounts {
  return ownOptions({
    meta: fields.integer('meta'),
    keyAhead: fields.integer('keyAhead'),
    secret: fields.integer('secret'),
    dataKey: fields.integer('dataKey'),
    checkpoint: fields.integer('checkpoint'),
    auditRow: fields.integer('auditRow'),
  })
}
