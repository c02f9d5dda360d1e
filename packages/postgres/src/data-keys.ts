// Wrapped data keys: one active row for each scope, held by a unique index.
import { type DataKeyScope, type DataKeyStore, type StoreChange, type StoredDataKey, VaultError } from '@mcpvault/core'
import { encodeBytesList } from '@mcpvault/core/adapter'
import type { Engine } from './engine.ts'
import { dataKeyPage } from './pages.ts'
import { type DataKeyRow, dataKeyOf } from './rows.ts'

/** A scope whose key comes and goes faster than it can be read is none that a vault has. */
const mostTries = 5

export function postgresDataKeys(engine: Engine, payloadOf: (change: StoreChange) => string): DataKeyStore {
  const { sql } = engine
  const told = (scope: DataKeyScope): readonly unknown[] =>
    sql.notifies ? [payloadOf({ kind: 'dataKey', scope })] : []

  const active: DataKeyStore['active'] = ({ kind, owner, server }, options) =>
    engine.read(options, async (connection) => {
      const [row] = await connection.rows<DataKeyRow>(sql.activeDataKey, [kind, owner, server])
      return row && dataKeyOf(row)
    })

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
      for (let tries = 1; tries <= mostTries; tries += 1) {
        const inserted = await engine.write(options, (connection) =>
          connection.rows(sql.insertDataKey, [id, kind, owner, server, ...keyValues(row)]),
        )
        const found = await active(scope, options)
        if (found !== undefined) return found
        if (inserted.length > 0) break
      }
      throw new VaultError('VAULT_STORE_FAILED', { detail: 'A new data key was not stored.' })
    },
    replace(row, { ifRevision, ...options }) {
      const { id, scope } = row
      const { kind, owner, server } = scope
      return engine.write(options, async (connection) => {
        const values = [id, kind, owner, server, ...keyValues(row), ifRevision, ...told(scope)]
        return (await connection.rows(sql.replaceDataKey, values)).length > 0
      })
    },
    async remove(id, scope, options) {
      const { kind, owner, server } = scope
      await engine.write(options, (connection) =>
        connection.rows(sql.deleteDataKey, [id, kind, owner, server, ...told(scope)]),
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
