// Wrapped data keys: one active row for each scope, held by a unique index.
import { type DataKeyScope, type DataKeyStore, type StoredDataKey, VaultError } from '@mcpvault/core'
import { type ChangeMessages, encodeBytesList } from '@mcpvault/core/adapter'
import type { Engine } from './engine.ts'
import { dataKeyPage } from './pages.ts'
import { replaceDataKeys } from './replace-data-keys.ts'
import { type DataKeyRow, dataKeyOf } from './rows.ts'

/** A vault never creates and removes a scope's key this fast. */
const maxAttempts = 5

export function postgresDataKeys(engine: Engine, messages: ChangeMessages): DataKeyStore {
  const { sql } = engine
  /** The last parameter of a change, where the others are notified. */
  const notified = (scope: DataKeyScope): readonly string[] =>
    sql.notifies ? [messages.encode({ kind: 'dataKey', scope })] : []

  const active: DataKeyStore['active'] = ({ kind, owner, server }, options) =>
    engine.read(options, async (connection) => {
      const [row] = await connection.rows<DataKeyRow>(sql.activeDataKey, [kind, owner, server])
      return row && dataKeyOf(row)
    })

  const replace = replaceDataKeys(engine, messages)

  return {
    active,
    find(id, { kind, owner, server }, options) {
      return engine.read(options, async (connection) => {
        const [row] = await connection.rows<DataKeyRow>(sql.findDataKey, [id, kind, owner, server])
        return row && dataKeyOf(row)
      })
    },
    async insert(row, options) {
      const { id, scope } = row
      const { kind, owner, server } = scope
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const inserted = await engine.write(options, (connection) =>
          connection.rows(sql.insertDataKey, [id, kind, owner, server, ...keyValues(row)]),
        )
        const found = await active(scope, options)
        if (found !== undefined) return found
        if (inserted.length > 0) break
      }
      throw new VaultError('VAULT_STORE_FAILED', { detail: 'A new data key was not stored.' })
    },
    replace: (row, { ifRevision, ...options }) => replace({ row, ifRevision }, options),
    async remove(id, scope, options) {
      const { kind, owner, server } = scope
      await engine.write(options, (connection) =>
        connection.rows(sql.deleteDataKey, [id, kind, owner, server, ...notified(scope)]),
      )
    },
    list(query, options) {
      return engine.read(options, async (connection) => {
        const { text, values } = dataKeyPage(query)
        return (await connection.rows<DataKeyRow>({ text: sql.text(text) }, values)).map(dataKeyOf)
      })
    },
  }
}

function keyValues({ state, revision, createdAt, wraps }: StoredDataKey): readonly unknown[] {
  return [state, revision, createdAt.getTime(), Buffer.from(encodeBytesList(wraps))]
}
