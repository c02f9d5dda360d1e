// Copies of rows in and out of the store, so that nothing a caller holds is what is stored.
import type {
  AuditColumns,
  AuditRow,
  Checkpoint,
  StoredDataKey,
  StoredGrant,
  StoredSecret,
  StoredVersion,
  VersionSelection,
} from '../../contracts/index.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Copies a record with the envelopes asked for; `none` is for lists. */
export function copySecret(record: StoredSecret, versions: VersionSelection | 'none'): Writable<StoredSecret> {
  const wanted = versions === 'current' ? record.currentVersion : versions
  const { description, expiresAt, lastUsedAt } = record
  const copy: Writable<StoredSecret> = {
    id: record.id,
    ref: { owner: record.ref.owner, server: record.ref.server, name: record.ref.name },
    revision: record.revision,
    currentVersion: record.currentVersion,
    state: record.state,
    type: record.type,
    tier: record.tier,
    tags: record.tags.slice(),
    createdAt: copyDate(record.createdAt),
    updatedAt: copyDate(record.updatedAt),
    useCount: record.useCount,
    dekId: record.dekId,
    mac: copyBytes(record.mac),
    managed: copyBytes(record.managed),
    grants: record.grants.map(copyGrant),
    versions: record.versions.map((version) => {
      const isWanted = wanted === 'all' || wanted === version.version
      return copyVersion(version, isWanted ? version.envelope : undefined)
    }),
  }
  if (description !== undefined) copy.description = description
  if (expiresAt !== undefined) copy.expiresAt = copyDate(expiresAt)
  if (lastUsedAt !== undefined) copy.lastUsedAt = copyDate(lastUsedAt)
  return copy
}

/** Copies a version with a copy of `envelope` in the place of its own. */
export function copyVersion(version: StoredVersion, envelope: Uint8Array | undefined): StoredVersion {
  const copy: Writable<StoredVersion> = {
    version: version.version,
    encoding: version.encoding,
    state: version.state,
    commitment: copyBytes(version.commitment),
    createdAt: copyDate(version.createdAt),
    createdBy: version.createdBy,
  }
  if (envelope !== undefined) copy.envelope = copyBytes(envelope)
  return copy
}

function copyGrant(grant: StoredGrant): StoredGrant {
  return { ...grant, grantedAt: copyDate(grant.grantedAt) }
}

export function copyDataKey(row: StoredDataKey): StoredDataKey {
  return {
    ...row,
    scope: { ...row.scope },
    wraps: row.wraps.map(copyBytes),
    createdAt: copyDate(row.createdAt),
  }
}

export function copyAuditRow(row: AuditRow): AuditRow {
  const columns: AuditColumns = { ...row.columns, at: copyDate(row.columns.at) }
  const copy: Writable<AuditRow> = {
    stream: row.stream,
    sequence: row.sequence,
    mac: copyBytes(row.mac),
    body: copyBytes(row.body),
    columns,
  }
  if (row.redaction !== undefined) copy.redaction = copyBytes(row.redaction)
  return copy
}

export function copyCheckpoint(checkpoint: Checkpoint): Checkpoint {
  return { ...checkpoint, createdAt: copyDate(checkpoint.createdAt) }
}

export function copyBytes(bytes: Uint8Array): Uint8Array {
  // Node keeps up to 64 bytes inside the object; above that its shared pool is ten times faster than fresh memory.
  return bytes.length > 64 ? Buffer.from(bytes) : new Uint8Array(bytes)
}

export function copyDate(date: Date): Date {
  return new Date(date.getTime())
}
