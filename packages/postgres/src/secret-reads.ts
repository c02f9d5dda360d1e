// The reads of secrets, one statement each; concurrent finds are batched into one.
import {
  type CallOptions,
  type Scope,
  type SecretQuery,
  type SecretRef,
  type StoredSecret,
  VaultError,
  type VersionSelection,
} from '@mcpvault/core'
import { allEnvelopes, batchCalls, oneEnvelope } from '@mcpvault/core/adapter'
import { textArray } from './array-parameters.ts'
import type { Connection } from './client.ts'
import type { Engine, Run } from './engine.ts'
import { isRefusal } from './errors.ts'
import { secretPage } from './pages.ts'
import { type BigInteger, type RecordRow, recordOf } from './rows.ts'

type EnvelopeRow = readonly [envelope: Buffer | null, ...RecordRow]
type VersionRow = readonly [version: BigInteger | null, envelope: Buffer | null, ...RecordRow]
type PlacedRow = readonly [place: BigInteger, ...EnvelopeRow]
type PlacedVersionRow = readonly [place: BigInteger, ...VersionRow]
type ScopeRow = readonly [name: string, ...EnvelopeRow]
type ListRow = readonly [owner: string, server: string, name: string, ...RecordRow]

type Found = StoredSecret | undefined

/** The reads of a store of secrets. */
export interface SecretReads {
  find(ref: SecretRef, versions: VersionSelection, options?: CallOptions): Promise<Found>
  findAll(scope: Scope, options: CallOptions & { readonly limit: number }): Promise<readonly StoredSecret[]>
  list(query: SecretQuery, options?: CallOptions): Promise<readonly StoredSecret[]>
}

const maxBatchSize = 64

/** Reads on the primary server; what many callers read at the same time comes in one answer. */
export function primaryReads(engine: Engine): SecretReads {
  const reads = readsBy(engine.read, engine)
  const batched = (versions: 'current' | 'all') =>
    batchCalls<SecretRef, Found>({
      maxBatchSize,
      loadOne: (ref, options) => reads.find(ref, versions, options),
      loadMany: (refs, options) =>
        engine.read(options, (connection) => findSeveral(connection, { engine, refs, versions })),
      canSplit: isRefusal,
    })
  const finds = { current: batched('current'), all: batched('all') }
  return {
    ...reads,
    find: (ref, versions, options) =>
      typeof versions === 'number' || engine.isNarrowed(options)
        ? reads.find(ref, versions, options)
        : finds[versions](ref, options),
  }
}

/** Reads on the replica when it is new enough. */
export function anywhereReads(engine: Engine): SecretReads {
  return readsBy(engine.readAnywhere, engine)
}

function readsBy(read: Run, engine: Engine): SecretReads {
  const { sql } = engine
  return {
    find: (ref, versions, options) => read(options, (connection) => findRecord(connection, { engine, ref, versions })),
    findAll: ({ owner, server }, options) =>
      read(options, async (connection) => {
        const rows = await connection.rows<ScopeRow>(sql.findScope, [owner, server, options.limit])
        return rows.map(([name, ...row]) => withCurrentEnvelope(row, { owner, server, name }))
      }),
    list: (query, options) =>
      read(options, async (connection) => {
        const { text, values } = secretPage(query)
        const rows = await connection.rows<ListRow>({ text: sql.text(text) }, values)
        return rows.map(([owner, server, name, ...record]) => recordOf(record, { ref: { owner, server, name } }))
      }),
  }
}

interface FindSeveral {
  readonly engine: Engine
  readonly refs: readonly SecretRef[]
  readonly versions: 'current' | 'all'
}

async function findSeveral(connection: Connection, { engine, refs, versions }: FindSeveral): Promise<readonly Found[]> {
  const { findSeveral: current, findSeveralWithAllVersions: all } = engine.sql
  const names = [
    textArray(refs.map(({ owner }) => owner)),
    textArray(refs.map(({ server }) => server)),
    textArray(refs.map(({ name }) => name)),
  ]
  if (versions === 'current') {
    const rows = rowsByPlace(refs, await connection.rows<PlacedRow>(current, names))
    return refs.map((ref, index) => {
      const [row] = rows[index] ?? []
      return row && withCurrentEnvelope(row, ref)
    })
  }
  const rows = rowsByPlace(refs, await connection.rows<PlacedVersionRow>(all, names))
  return refs.map((ref, index) => withAllEnvelopes(rows[index] ?? [], ref))
}

/** The rows of each ref, which say its place from 1. */
function rowsByPlace<Row extends readonly unknown[]>(
  refs: readonly SecretRef[],
  placed: readonly (readonly [place: BigInteger, ...Row])[],
): readonly Row[][] {
  const rows = refs.map((): Row[] => [])
  for (const [place, ...row] of placed) {
    const ofRef = rows[Number(place) - 1]
    if (ofRef === undefined)
      throw new VaultError('VAULT_STORE_FAILED', { detail: 'The server returned a row that was not asked for.' })
    ofRef.push(row)
  }
  return rows
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
  const [envelope, ...record] = row
  return recordOf(record, { ref, envelopeOf: oneEnvelope(versions, envelope) })
}

function withCurrentEnvelope([envelope, ...record]: EnvelopeRow, ref: SecretRef): StoredSecret {
  return recordOf(record, { ref, envelopeOf: oneEnvelope('current', envelope) })
}

function withAllEnvelopes(rows: readonly VersionRow[], ref: SecretRef): Found {
  const [first] = rows
  if (first === undefined) return undefined
  const [, , ...record] = first
  const envelopeOf = allEnvelopes(rows.map(([version, envelope]) => [Number(version), envelope]))
  return recordOf(record, { ref, envelopeOf })
}
