// Replaces data keys; on one server, concurrent replacements are batched into one script.
import { type CallOptions, type StoredDataKey, VaultError } from '@mcpvault/core'
import { batchCalls, type ChangeMessages } from '@mcpvault/core/adapter'
import { type Engine, type Session, textOf } from './engine.ts'
import { memberOf } from './keys.ts'
import { listsOfDataKey } from './lists.ts'
import { misread } from './replies.ts'
import { dataKeyBytes } from './rows.ts'
import { scripts } from './scripts.ts'

/** One replacement. */
export interface Replacement {
  readonly row: StoredDataKey
  readonly ifRevision: number
}

/** As many as a rewrap stores at a time. */
const maxBatchSize = 128

/** What the script answers for a row, but for 1 and 0. */
const anotherIsActive = -1
const failedAmongOthers = -2

/** Replaces a data key; true when it found it at the revision asked for. Without `messages` nobody is notified. */
export function replaceDataKeys(
  engine: Engine,
  messages: ChangeMessages | undefined,
): (replacement: Replacement, options: CallOptions | undefined) => Promise<boolean> {
  const loadMany = (
    replacements: readonly Replacement[],
    options: CallOptions | undefined,
  ): Promise<readonly number[]> =>
    engine.call(options, async (session) => {
      const { keys, run, token, transactions } = session
      // A list may name a key that is not there, and must never lack one that is.
      if (!transactions) for (const { row } of replacements) await editLists(session, { command: 'ZADD', row })
      const parts = replacements.map(({ row, ifRevision }) => {
        const { id, scope, state, revision } = row
        const lists = transactions ? listKeys(session, row) : []
        const message = messages?.encode({ kind: 'dataKey', scope }) ?? ''
        const isActive = state === 'active' ? 1 : 0
        return {
          keys: [keys.dataKeys(scope), ...lists],
          values: [id, dataKeyBytes(row), revision, ifRevision, isActive, message, memberOfKey(row), lists.length],
        }
      })
      const answer = await run({
        script: scripts.replaceDataKeys,
        keys: [...outcomeKey(replacements), ...parts.flatMap((part) => part.keys)],
        values: [parts.length, keys.channel, ...parts.flatMap(({ values }) => values)],
      })
      const outcomes = textOf(answer)?.split(' ').map(Number) ?? []
      if (outcomes.length !== replacements.length) throw misread()
      return outcomes

      function outcomeKey([first]: readonly Replacement[]): readonly string[] {
        return first === undefined ? [] : [keys.outcome(first.row.scope, token())]
      }
    })
  const loadOne = async (replacement: Replacement, options: CallOptions | undefined): Promise<number> =>
    (await loadMany([replacement], options))[0] ?? Number.NaN
  const batched = batchCalls<Replacement, number>({ maxBatchSize, loadOne, loadMany, canSplit: () => false })
  return async (replacement, options) => {
    const load = engine.transactions ? batched : loadOne
    const shared = await load(replacement, options)
    const outcome = shared === failedAmongOthers ? await loadOne(replacement, options) : shared
    if (outcome === anotherIsActive) throw refused('The scope has another active data key.')
    if (outcome !== 1 && outcome !== 0) throw misread()
    return outcome === 1
  }
}

/** Writes the lists that cross scopes, which in a cluster are in another slot than the data key. */
export function editLists(
  session: Session,
  { command, row }: { readonly command: 'ZADD' | 'ZREM'; readonly row: StoredDataKey },
): Promise<unknown> {
  return session.run({
    script: scripts.editLists,
    keys: listKeys(session, row),
    values: [command, memberOfKey(row)],
  })
}

function listKeys({ keys }: Session, row: StoredDataKey): readonly string[] {
  return listsOfDataKey(row).map((list) => keys.list(list))
}

function memberOfKey({ id, scope }: StoredDataKey): string {
  return memberOf(id, scope.kind, scope.owner, scope.server)
}

export function refused(detail: string): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: false })
}
