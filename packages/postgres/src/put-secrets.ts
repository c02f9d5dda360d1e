// Puts secrets with their audit rows; concurrent puts are batched into one statement and one commit.
import { createHash } from 'node:crypto'
import type { AuditRow, CallOptions, StoredSecret } from '@mcpvault/core'
import { batchCalls, encodeSecretRecord } from '@mcpvault/core/adapter'
import { bytesArray } from './array-parameters.ts'
import type { Engine } from './engine.ts'
import { isRefusal } from './errors.ts'
import { auditBytes, auditObject } from './rows.ts'

/** One put. */
export interface Put {
  readonly record: StoredSecret
  readonly ifRevision: number
  readonly rows: readonly AuditRow[]
}

const maxBatchSize = 16

/** Puts a secret; true when it found the record as it must be. */
export function putSecrets(engine: Engine): (put: Put, options: CallOptions | undefined) => Promise<boolean> {
  const { sql } = engine
  const loadMany = async (puts: readonly Put[], options: CallOptions | undefined): Promise<readonly boolean[]> => {
    const done = await engine.write(options, (connection) =>
      connection.rows<readonly [place: number]>(sql.putSecrets, putParameters(puts)),
    )
    const places = new Set(done.map(([place]) => place))
    return puts.map((_, place) => places.has(place))
  }
  const loadOne = async (put: Put, options: CallOptions | undefined): Promise<boolean> =>
    (await loadMany([put], options))[0] === true
  const batched = batchCalls<Put, boolean>({ maxBatchSize, loadOne, loadMany, canSplit: isRefusal })
  return (put, options) => (engine.isNarrowed(options) ? loadOne(put, options) : batched(put, options))
}

/** The puts as JSON objects by column name, and their bytes as arrays beside them. */
function putParameters(puts: readonly Put[]): readonly unknown[] {
  const versions = partsOf(puts, ({ record }) => record.versions.filter(({ envelope }) => envelope !== undefined))
  const grants = partsOf(puts, ({ record }) => record.grants)
  const tags = partsOf(puts, ({ record }) => record.tags)
  const audit = partsOf(puts, ({ rows }) => rows)
  const batch = {
    secrets: puts.map(secretObject),
    versions: versions.map(({ place, part: { version } }) => ({ place, version })),
    grants: grants.map(({ place, part: { principal, permission, grantedBy, grantedAt } }) => ({
      place,
      principal,
      permission,
      granted_by: grantedBy,
      granted_at: grantedAt.getTime(),
    })),
    tags: tags.map(({ place, part }) => ({ place, tag: part })),
    audit: audit.map(({ place, part }) => ({ place, ...auditObject(part) })),
  }
  return [
    JSON.stringify(batch),
    bytesArray(puts.map(({ record }) => encodeSecretRecord(record))),
    bytesArray(versions.map(({ part }) => part.envelope)),
    ...auditBytes(audit.map(({ part }) => part)),
  ]
}

function secretObject({ record, ifRevision }: Put, place: number): object {
  return {
    place,
    if_revision: ifRevision,
    owner: record.ref.owner,
    server: record.ref.server,
    name: record.ref.name,
    id: record.id,
    revision: record.revision,
    current_version: record.currentVersion,
    state: record.state,
    type: record.type,
    tier: record.tier,
    dek_id: record.dekId,
    created_at: record.createdAt.getTime(),
    expires_at: record.expiresAt?.getTime(),
    last_used_at: record.lastUsedAt?.getTime(),
    use_count: record.useCount,
    lists: listsDigest(record),
    versions: record.versions.map(({ version }) => version),
  }
}

/** The parts of all puts, each with the place of its put. */
function partsOf<Part>(puts: readonly Put[], partsIn: (put: Put) => readonly Part[]) {
  return puts.flatMap((put, place) => partsIn(put).map((part) => ({ place, part })))
}

/** Grants and tags are rewritten only when they, or what they carry of the record, changed. */
function listsDigest({ id, createdAt, grants, tags }: StoredSecret): string {
  const lists = JSON.stringify([id, createdAt, grants, tags])
  return createHash('sha256').update(lists, 'utf8').digest('base64url').slice(0, 22)
}
