// Replaces data keys; concurrent replacements are batched into one statement and one commit.
import type { CallOptions, StoredDataKey } from '@mcpvault/core'
import { batchCalls, type ChangeMessages, encodeBytesList } from '@mcpvault/core/adapter'
import { bigintArray, bytesArray, textArray } from './array-parameters.ts'
import type { Engine } from './engine.ts'
import { isRefusal } from './errors.ts'
import type { BigInteger } from './rows.ts'

/** One replacement. */
export interface Replacement {
  readonly row: StoredDataKey
  readonly ifRevision: number
}

/** As many as a rewrap stores at a time. */
const maxBatchSize = 128

/** Replaces a data key; true when it found it at the revision asked for. */
export function replaceDataKeys(
  engine: Engine,
  messages: ChangeMessages,
): (replacement: Replacement, options: CallOptions | undefined) => Promise<boolean> {
  const { sql } = engine
  const loadMany = async (
    replacements: readonly Replacement[],
    options: CallOptions | undefined,
  ): Promise<readonly boolean[]> => {
    const rows = replacements.map(({ row }) => row)
    const notified = sql.notifies
      ? [textArray(rows.map(({ scope }) => messages.encode({ kind: 'dataKey', scope })))]
      : []
    const values = [
      textArray(rows.map(({ id }) => id)),
      textArray(rows.map(({ scope }) => scope.kind)),
      textArray(rows.map(({ scope }) => scope.owner)),
      textArray(rows.map(({ scope }) => scope.server)),
      textArray(rows.map(({ state }) => state)),
      bigintArray(rows.map(({ revision }) => revision)),
      bigintArray(rows.map(({ createdAt }) => createdAt.getTime())),
      bytesArray(rows.map(({ wraps }) => encodeBytesList(wraps))),
      bigintArray(replacements.map(({ ifRevision }) => ifRevision)),
      ...notified,
    ]
    const done = await engine.write(options, (connection) =>
      connection.rows<readonly [place: BigInteger]>(sql.replaceDataKeys, values),
    )
    const places = new Set(done.map(([place]) => Number(place)))
    return replacements.map((_, index) => places.has(index + 1))
  }
  const loadOne = async (replacement: Replacement, options: CallOptions | undefined): Promise<boolean> =>
    (await loadMany([replacement], options))[0] === true
  const batched = batchCalls<Replacement, boolean>({ maxBatchSize, loadOne, loadMany, canSplit: isRefusal })
  return (replacement, options) =>
    engine.isNarrowed(options) ? loadOne(replacement, options) : batched(replacement, options)
}
