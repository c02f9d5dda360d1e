// Puts secrets with all that lands with them; puts that meet share one statement and one commit.
import { createHash } from 'node:crypto'
import type { CallOptions, SecretRef, StoredSecret } from '@mcpvault/core'
import { encodeSecretRecord } from '@mcpvault/core/adapter'
import { bigintArray, bytesArray, textArray } from './arrays.ts'
import type { Statement } from './client.ts'
import type { Engine } from './engine.ts'
import { isRefusal } from './errors.ts'
import { parameterCounts } from './routines.ts'
import { putSizes } from './statements.ts'
import { together } from './together.ts'

/** One put, ready to be sent. */
export interface Put {
  readonly ref: SecretRef
  /** What the routine takes, and then what tells the others where they are told. */
  readonly values: readonly unknown[]
}

const mostTogether = Math.max(...putSizes)

/** Puts a secret; true when it found the record as it must be. */
export function putSecrets(engine: Engine): (put: Put, options: CallOptions | undefined) => Promise<boolean> {
  const several = async (puts: readonly Put[], options: CallOptions | undefined): Promise<readonly boolean[]> => {
    // Everyone takes the locks in the same order, so that nobody waits for somebody who waits in turn.
    const ordered = puts
      .map((put, place) => ({ put, place }))
      .sort((a, b) => (placeOf(a.put) < placeOf(b.put) ? -1 : 1))
    const [statement, values] = callOf(
      engine,
      ordered.map(({ put }) => put),
    )
    const done = await engine.write(options, (connection) => connection.rows<readonly [number]>(statement, values))
    const places = new Set(done.map(([index]) => ordered[index]?.place))
    return puts.map((_, place) => places.has(place))
  }
  const alone = async (put: Put, options: CallOptions | undefined): Promise<boolean> =>
    (await several([put], options))[0] === true
  const shared = together<Put, boolean>({ most: mostTogether, alone, several, mayDivide: isRefusal })
  return (put, options) => (engine.isNarrowed(options) ? alone(put, options) : shared(put, options))
}

function placeOf({ ref: { owner, server, name } }: Put): string {
  return `${owner}\n${server}\n${name}`
}

/** The statement of the next larger size, and its values; what is left of it puts nothing. */
function callOf({ sql }: Engine, puts: readonly Put[]): readonly [Statement, readonly unknown[]] {
  const found = sql.putSecrets.find(({ size }) => size >= puts.length)
  if (found === undefined) throw new RangeError('There are too many puts for one statement.')
  const width = parameterCounts.putSecret + (sql.notifies ? 1 : 0)
  const rest = Array.from({ length: (found.size - puts.length) * width }, () => null)
  return [found.statement, [...puts.flatMap(({ values }) => values), ...rest]]
}

/** What the routine takes before the audit rows. */
export function putValues(record: StoredSecret, ifRevision: number): readonly unknown[] {
  const { ref, id, revision, currentVersion, state, type, tier, dekId, createdAt, expiresAt } = record
  const { versions, grants, tags } = record
  const sealed = versions.flatMap(({ version, envelope }) => (envelope === undefined ? [] : [{ version, envelope }]))
  return [
    ref.owner,
    ref.server,
    ref.name,
    id,
    revision,
    currentVersion,
    state,
    type,
    tier,
    dekId,
    createdAt.getTime(),
    expiresAt?.getTime() ?? null,
    Buffer.from(encodeSecretRecord(record)),
    listsDigest(record),
    ifRevision,
    record.lastUsedAt?.getTime() ?? null,
    record.useCount,
    bigintArray(versions.map(({ version }) => version)),
    bigintArray(sealed.map(({ version }) => version)),
    bytesArray(sealed.map(({ envelope }) => envelope)),
    textArray(grants.map(({ principal }) => principal)),
    textArray(grants.map(({ permission }) => permission)),
    textArray(grants.map(({ grantedBy }) => grantedBy)),
    bigintArray(grants.map(({ grantedAt }) => grantedAt.getTime())),
    textArray(tags),
  ]
}

/** Grants and tags are rewritten only when they, or what they carry of the record, changed. */
function listsDigest({ id, createdAt, grants, tags }: StoredSecret): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([id, createdAt, grants, tags]), 'utf8')
    .digest()
    .subarray(0, 16)
}
