// Finds secrets with the envelopes asked for, each read by one statement that calls may share.
import { type CallOptions, type SecretRef, type StoredSecret, VaultError, type VersionSelection } from '@mcpvault/core'
import { textArray } from './arrays.ts'
import { batchCalls } from './batch.ts'
import type { Connection } from './client.ts'
import type { Engine } from './engine.ts'
import { isRefusal } from './errors.ts'
import { type BigInteger, type RecordRow, recordOf } from './rows.ts'

type EnvelopeRow = readonly [...RecordRow, envelope: Buffer | null]
type VersionRow = readonly [...RecordRow, version: string | null, envelope: Buffer | null]
type PlacedRow = readonly [place: BigInteger, ...EnvelopeRow]
type ScopeRow = readonly [...RecordRow, name: string, envelope: Buffer | null]

type Found = StoredSecret | undefined

/** Finds one secret. */
export type FindSecret = (
  ref: SecretRef,
  versions: VersionSelection,
  options: CallOptions | undefined,
) => Promise<Found>

const maxBatchSize = 64

/** Reads on the primary server; what many callers read at the same time comes in one answer. */
export function findOnPrimary(engine: Engine): FindSecret {
  const one: FindSecret = (ref, versions, options) =>
    engine.read(options, (connection) => findRecord(connection, { engine, ref, versions }))
  const shared = batchCalls<SecretRef, Found>({
    maxBatchSize,
    loadOne: (ref, options) => one(ref, 'current', options),
    loadMany: (refs, options) => engine.read(options, (connection) => findSeveral(connection, { engine, refs })),
    canSplit: isRefusal,
  })
  return (ref, versions, options) =>
    versions === 'current' && !engine.isNarrowed(options) ? shared(ref, options) : one(ref, versions, options)
}

/** Reads on the replica when it is new enough. */
export function findAnywhere(engine: Engine): FindSecret {
  return (ref, versions, options) =>
    engine.readAnywhere(options, (connection) => findRecord(connection, { engine, ref, versions }))
}

/** Every secret of a scope with its current envelope. */
export async function findScope(
  connection: Connection,
  find: { readonly engine: Engine; readonly owner: string; readonly server: string; readonly limit: number },
): Promise<readonly StoredSecret[]> {
  const { engine, owner, server, limit } = find
  const rows = await connection.rows<ScopeRow>(engine.sql.findScope, [owner, server, limit])
  return rows.map(([record, lastUsedAt, useCount, name, envelope]) =>
    withCurrentEnvelope([record, lastUsedAt, useCount, envelope], { owner, server, name }),
  )
}

async function findSeveral(
  connection: Connection,
  { engine, refs }: { readonly engine: Engine; readonly refs: readonly SecretRef[] },
): Promise<readonly Found[]> {
  const rows = await connection.rows<PlacedRow>(engine.sql.findSeveral, [
    textArray(refs.map(({ owner }) => owner)),
    textArray(refs.map(({ server }) => server)),
    textArray(refs.map(({ name }) => name)),
  ])
  const found: Found[] = refs.map(() => undefined)
  for (const [place, ...row] of rows) {
    const index = Number(place) - 1
    const ref = refs[index]
    if (ref === undefined) throw new VaultError('VAULT_STORE_FAILED', { detail: 'An answer to no question came.' })
    found[index] = withCurrentEnvelope(row, ref)
  }
  return found
}

interface Find {
  readonly engine: Engine
  readonly ref: SecretRef
  readonly versions: VersionSelection
}

async function findRecord(connection: Connection, { engine, ref, versions }: Find): Promise<Found> {
  const { sql } = engine
  const named = [ref.owner, ref.server, ref.name]
  if (versions === 'all') return withAllEnvelopes(await connection.rows<VersionRow>(sql.findAllVersions, named), ref)
  if (versions === 'current') {
    const [row] = await connection.rows<EnvelopeRow>(sql.findCurrent, named)
    return row && withCurrentEnvelope(row, ref)
  }
  const [row] = await connection.rows<EnvelopeRow>(sql.findVersion, [...named, versions])
  if (row === undefined) return undefined
  const [record, lastUsedAt, useCount, envelope] = row
  return recordOf([record, lastUsedAt, useCount], {
    ref,
    envelopeOf: (version) => (version === versions ? (envelope ?? undefined) : undefined),
  })
}

function withCurrentEnvelope([record, lastUsedAt, useCount, envelope]: EnvelopeRow, ref: SecretRef): StoredSecret {
  return recordOf([record, lastUsedAt, useCount], {
    ref,
    envelopeOf: (version, current) => (version === current ? (envelope ?? undefined) : undefined),
  })
}

function withAllEnvelopes(rows: readonly VersionRow[], ref: SecretRef): Found {
  const [first] = rows
  if (first === undefined) return undefined
  const [record, lastUsedAt, useCount] = first
  const envelopes = new Map(rows.map(([, , , version, envelope]) => [Number(version), envelope ?? undefined]))
  return recordOf([record, lastUsedAt, useCount], { ref, envelopeOf: (version) => envelopes.get(version) })
}
