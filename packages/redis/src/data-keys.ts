// Wrapped data keys: one hash a scope, and lists of their ids across scopes.
import { type DataKeyQuery, type DataKeyScope, type DataKeyStore, type StoredDataKey, VaultError } from '@mcpvault/core'
import { decodeBytesList, encodeBytesList } from '@mcpvault/core/adapter'
import { bytesOf, type Engine, type Session } from './engine.ts'
import { walk } from './lists.ts'
import { memberOf, partsOf } from './members.ts'
import { scripts } from './scripts.ts'

export function redisDataKeys(engine: Engine): DataKeyStore {
  const { keys } = engine

  const edit = (session: Session, { command, row }: { readonly command: string; readonly row: StoredDataKey }) =>
    session.run({
      script: scripts.editLists,
      keys: listNamesOf(row).map((name) => keys.list(name)),
      values: [command, memberOfKey(row)],
    })

  async function findById(session: Session, { id, scope }: Pick<StoredDataKey, 'id' | 'scope'>) {
    return rowOf(await session.command('HGET', keys.dataKeys(scope), `r${id}`), scope)
  }

  return {
    find: (id, scope, options) => engine.call(options, (session) => findById(session, { id, scope })),
    active(scope, options) {
      return engine.call(options, async (session) =>
        rowOf(await session.run({ script: scripts.activeDataKey, keys: [keys.dataKeys(scope)] }), scope),
      )
    },
    insert(row, options) {
      return engine.call(options, async (session) => {
        // A list may name a key that is not there, and must never lack one that is.
        await edit(session, { command: 'ZADD', row })
        const values = [row.id, bytesOfRow(row), row.revision]
        const stored = await session.run({ script: scripts.insertDataKey, keys: [keys.dataKeys(row.scope)], values })
        const active = rowOf(stored, row.scope)
        if (active === undefined) throw refused('A data key with this id exists already.')
        return active
      })
    },
    replace(row, { ifRevision, ...options }) {
      return engine.call(options, async (session) => {
        await edit(session, { command: 'ZADD', row })
        const { scope, id, revision, state } = row
        const told = [keys.channel, engine.payloadOf({ kind: 'dataKey', scope })]
        const outcome = await session.run({
          script: scripts.replaceDataKey,
          keys: [keys.dataKeys(scope), keys.outcome(scope, engine.token())],
          values: [id, bytesOfRow(row), revision, ifRevision, state === 'active' ? 1 : 0, ...told],
        })
        if (outcome === -1) throw refused('The scope has another active data key.')
        return outcome === 1
      })
    },
    async remove(id, scope, options) {
      await engine.call(options, async (session) => {
        const values = [id, keys.channel, engine.payloadOf({ kind: 'dataKey', scope })]
        const removed = await session.run({ script: scripts.removeDataKey, keys: [keys.dataKeys(scope)], values })
        const row = rowOf(removed, scope)
        // The key is gone whether or not the lists know; a member that stays stands for nothing.
        if (row !== undefined) await edit(session, { command: 'ZREM', row }).catch(() => undefined)
      })
    },
    list(query, options) {
      return engine.call(options, (session) =>
        walk<StoredDataKey>(session, {
          keys: [keys.list(listFor(query))],
          direction: 'ascending',
          // The scope follows the id after a line break; the next sign is beyond it.
          beyond: query.after === undefined ? undefined : `${query.after}\u000b`,
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

function listNamesOf({ scope }: StoredDataKey): readonly string[] {
  return ['keys', `keys-of\u0001${scope.owner}`]
}

function listFor({ owner }: DataKeyQuery): string {
  return owner === undefined ? 'keys' : `keys-of\u0001${owner}`
}

function memberOfKey({ id, scope }: StoredDataKey): string {
  return memberOf(id, scope.kind, scope.owner, scope.server)
}

function placeOf(member: Buffer): { readonly id: string; readonly scope: DataKeyScope } {
  const [id = '', kind = '', owner = '', server = ''] = partsOf(member)
  return { id, scope: { kind: kind === 'audit' ? 'audit' : 'values', owner, server } }
}

/** All of a row but its scope, which its key names. */
function bytesOfRow({ id, state, revision, createdAt, wraps }: StoredDataKey): Buffer {
  const text = Buffer.from(JSON.stringify({ id, state, revision, createdAt: createdAt.getTime() }), 'utf8')
  return Buffer.from(encodeBytesList([text, ...wraps]))
}

type RowText = Pick<StoredDataKey, 'id' | 'state' | 'revision'> & { readonly createdAt: number }

function rowOf(reply: unknown, scope: DataKeyScope): StoredDataKey | undefined {
  const bytes = bytesOf(reply)
  if (bytes === undefined) return undefined
  const [text, ...wraps] = decodeBytesList(bytes)
  const { kind, owner, server } = scope
  const row: RowText = JSON.parse(Buffer.from(text ?? []).toString('utf8'))
  return { ...row, createdAt: new Date(row.createdAt), wraps, scope: { kind, owner, server } }
}

function refused(detail: string): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: false })
}
