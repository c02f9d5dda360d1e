// Wrapped data keys: one hash a scope, and lists of their ids across scopes.
import type { DataKeyScope, DataKeyStore, StoredDataKey } from '@mcpvault/core'
import type { ChangeMessages } from '@mcpvault/core/adapter'
import type { Engine, Session } from './engine.ts'
import { afterMembers, partsOf } from './keys.ts'
import { listOfDataKeyQuery, readPage } from './lists.ts'
import { editLists, refused, replaceDataKeys } from './replace-data-keys.ts'
import { dataKeyBytes, dataKeyOf } from './rows.ts'
import { scripts } from './scripts.ts'

/** Without `messages` nobody is notified. */
export function redisDataKeys(engine: Engine, messages: ChangeMessages | undefined): DataKeyStore {
  /** What the scripts publish: an empty message is none. */
  const notice = ({ keys }: Session, scope: DataKeyScope): readonly [channel: string, message: string] => [
    keys.channel,
    messages?.encode({ kind: 'dataKey', scope }) ?? '',
  ]

  const replace = replaceDataKeys(engine, messages)

  return {
    find(id, scope, options) {
      return engine.call(options, async (session) => {
        const row = await findById(session, { id, scope })
        if (row === undefined) await session.confirmAbsence()
        return row
      })
    },
    active(scope, options) {
      return engine.call(options, async ({ keys, run, confirmAbsence }) => {
        const stored = await run({ script: scripts.activeDataKey, keys: [keys.dataKeys(scope)] })
        const row = dataKeyOf(stored, scope)
        if (row === undefined) await confirmAbsence()
        return row
      })
    },
    insert(row, options) {
      return engine.call(options, async (session) => {
        const { keys, run } = session
        // A list may name a key that is not there, and must never lack one that is.
        await editLists(session, { command: 'ZADD', row })
        const values = [row.id, dataKeyBytes(row), row.revision]
        const stored = await run({ script: scripts.insertDataKey, keys: [keys.dataKeys(row.scope)], values })
        const active = dataKeyOf(stored, row.scope)
        if (active === undefined) throw refused('A data key with this id exists already.')
        return active
      })
    },
    replace: (row, { ifRevision, ...options }) => replace({ row, ifRevision }, options),
    async remove(id, scope, options) {
      await engine.call(options, async (session) => {
        const { keys, run } = session
        const values = [id, ...notice(session, scope)]
        const row = dataKeyOf(await run({ script: scripts.removeDataKey, keys: [keys.dataKeys(scope)], values }), scope)
        // The key is removed whether or not the lists are edited; a member that stays is ignored.
        if (row !== undefined) await editLists(session, { command: 'ZREM', row }).catch(() => undefined)
      })
    },
    list(query, options) {
      return engine.call(options, (session) =>
        readPage<StoredDataKey>(session, {
          keys: [session.keys.list(listOfDataKeyQuery(query))],
          direction: 'ascending',
          after: query.after === undefined ? undefined : afterMembers(query.after),
          limit: query.limit,
          resolve: (members) =>
            Promise.all(
              members.map(async (member) => {
                const row = await findById(session, placeOf(member))
                return query.owner === undefined || row?.scope.owner === query.owner ? row : undefined
              }),
            ),
        }),
      )
    },
  }
}

type Place = Pick<StoredDataKey, 'id' | 'scope'>

async function findById({ keys, command }: Session, { id, scope }: Place): Promise<StoredDataKey | undefined> {
  const row = dataKeyOf(await command('HGET', keys.dataKeys(scope), `r${id}`), scope)
  return row && { ...row, id }
}

function placeOf(member: Buffer): Place {
  const [id = '', kind = '', owner = '', server = ''] = partsOf(member)
  return { id, scope: { kind: kind === 'audit' ? 'audit' : 'values', owner, server } }
}
