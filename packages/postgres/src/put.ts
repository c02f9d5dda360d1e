// Puts secrets with all that lands with them; puts that meet share one statement and one commit.
import { createHash } from 'node:crypto'
import type { AuditRow, CallOptions, StoredSecret } from '@mcpvault/core'
import { encodeSecretRecord } from '@mcpvault/core/adapter'
import { bigintArray, bytesArray, textArray } from './arrays.ts'
import type { Engine } from './engine.ts'
import { isRefusal } from './errors.ts'
import { auditArrays, type BigInteger } from './rows.ts'
import { together } from './together.ts'

/** One put. */
export interface Put {
  readonly record: StoredSecret
  readonly ifRevision: number
  readonly rows: readonly AuditRow[]
}

const mostTogether = 16

/** Puts a secret; true when it found the record as it must be. */
export function putSecrets(engine: Engine): (put: Put, options: CallOptions | undefined) => Promise<boolean> {
  const { sql } = engine
  const several = async (puts: readonly Put[], options: CallOptions | undefined): Promise<readonly boolean[]> => {
    // Everyone takes the locks in the same order, so that nobody waits for somebody who waits in turn.
    const ordered = sortedBy(puts, nameOf)
    const done = await engine.write(options, (connection) =>
      connection.rows<readonly [BigInteger]>(sql.putSecrets, putValues(ordered)),
    )
    const written = new Set(done.map(([place]) => ordered[Number(place) - 1]))
    return puts.map((put) => written.has(put))
  }
  const alone = async (put: Put, options: CallOptions | undefined): Promise<boolean> =>
    (await several([put], options))[0] === true
  const shared = together<Put, boolean>({ most: mostTogether, alone, several, mayDivide: isRefusal })
  return (put, options) => (engine.isNarrowed(options) ? alone(put, options) : shared(put, options))
}

function sortedBy<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  const named = items.map((item) => ({ item, text: textOf(item) }))
  return named.sort((a, b) => Number(a.text > b.text) - Number(a.text < b.text)).map(({ item }) => item)
}

function nameOf({ record }: Put): string {
  const { owner, server, name } = record.ref
  return `${owner}\n${server}\n${name}`
}

/** The parameters of the routine, each an array: one element for each put, or for each part of a put with its place. */
function putValues(puts: readonly Put[]): readonly unknown[] {
  const records = puts.map(({ record }) => record)
  const versions = partsOf(records, (record) => record.versions.filter(({ envelope }) => envelope !== undefined))
  const grants = partsOf(records, (record) => record.grants)
  const tags = partsOf(records, (record) => record.tags)
  const rows = partsOf(puts, (put) => put.rows)
  return [
    textArray(records.map(({ ref }) => ref.owner)),
    textArray(records.map(({ ref }) => ref.server)),
    textArray(records.map(({ ref }) => ref.name)),
    textArray(records.map(({ id }) => id)),
    bigintArray(records.map(({ revision }) => revision)),
    bigintArray(records.map(({ currentVersion }) => currentVersion)),
    textArray(records.map(({ state }) => state)),
    textArray(records.map(({ type }) => type)),
    bigintArray(records.map(({ tier }) => tier)),
    textArray(records.map(({ dekId }) => dekId)),
    bigintArray(records.map(({ createdAt }) => createdAt.getTime())),
    bigintArray(records.map(({ expiresAt }) => expiresAt?.getTime())),
    bytesArray(records.map(encodeSecretRecord)),
    bytesArray(records.map(listsDigest)),
    bigintArray(puts.map(({ ifRevision }) => ifRevision)),
    bigintArray(records.map(({ lastUsedAt }) => lastUsedAt?.getTime())),
    bigintArray(records.map(({ useCount }) => useCount)),
    // Arrays of arrays must be of one length, so each of these is the text of one.
    textArray(records.map((record) => `{${record.versions.map(({ version }) => version).join(',')}}`)),
    bigintArray(versions.places),
    bigintArray(versions.parts.map(({ version }) => version)),
    bytesArray(versions.parts.map(({ envelope }) => envelope)),
    bigintArray(grants.places),
    textArray(grants.parts.map(({ principal }) => principal)),
    textArray(grants.parts.map(({ permission }) => permission)),
    textArray(grants.parts.map(({ grantedBy }) => grantedBy)),
    bigintArray(grants.parts.map(({ grantedAt }) => grantedAt.getTime())),
    bigintArray(tags.places),
    textArray(tags.parts),
    bigintArray(rows.places),
    ...auditArrays(rows.parts),
  ]
}

/** The parts of several things as one list, and for each of them the place of what it is part of, from 1. */
function partsOf<Whole, Part>(wholes: readonly Whole[], partsIn: (whole: Whole) => readonly Part[]) {
  const places: number[] = []
  const parts: Part[] = []
  for (const [index, whole] of wholes.entries()) {
    for (const part of partsIn(whole)) {
      places.push(index + 1)
      parts.push(part)
    }
  }
  return { places, parts }
}

/** Grants and tags are rewritten only when they, or what they carry of the record, changed. */
function listsDigest({ id, createdAt, grants, tags }: StoredSecret): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([id, createdAt, grants, tags]), 'utf8')
    .digest()
    .subarray(0, 16)
}
