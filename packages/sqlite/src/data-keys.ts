// Wrapped data keys: one active row for each scope, held by a unique index.
import { type DataKeyScope, type DataKeyStore, type StoredDataKey, VaultError } from '@mcpvault/core'
import { encodeBytesList } from '@mcpvault/core/adapter'
import type { Client } from './client.ts'
import type { Engine } from './engine.ts'
import { dataKeyPage } from './pages.ts'
import { dataKeyOf } from './rows.ts'
import { sql } from './statements.ts'

export function sqliteDataKeys({ read, write }: Engine): DataKeyStore {
  return {
    find(id, { kind, owner, server }, options) {
      return read((client) => {
        const row = client.get(sql.findDataKey, id, kind, owner, server)
        return row && dataKeyOf(row)
      }, options)
    },
    active(scope, options) {
      return read((client) => activeKey(client, scope), options)
    },
    insert(row, options) {
      return write({ run: (client) => insertKey(client, row) }, options)
    },
    replace(row, options) {
      return write({ run: (client) => replaceKey(client, { row, ifRevision: options.ifRevision }) }, options)
    },
    remove(id, { kind, owner, server }, options) {
      return write({ run: (client) => void client.run(sql.deleteDataKey, id, kind, owner, server) }, options)
    },
    list(query, options) {
      return read((client) => {
        const { query: page, values } = dataKeyPage(query)
        return client.all(page, ...values).map(dataKeyOf)
      }, options)
    },
  }
}

function activeKey(client: Client, { kind, owner, server }: DataKeyScope): StoredDataKey | undefined {
  const row = client.get(sql.activeDataKey, kind, owner, server)
  return row && dataKeyOf(row)
}

function insertKey(client: Client, row: StoredDataKey): StoredDataKey {
  const { id, scope, state, revision, createdAt } = row
  const { kind, owner, server } = scope
  const wraps = encodeBytesList(row.wraps)
  client.run(sql.insertDataKey, id, kind, owner, server, state, revision, createdAt.getTime(), wraps)
  const active = activeKey(client, scope)
  if (active !== undefined) return active
  throw new VaultError('VAULT_STORE_FAILED', {
    detail: 'The scope had no active data key after the insert.',
    retryable: false,
  })
}

function replaceKey(client: Client, change: { row: StoredDataKey; ifRevision: number }): boolean {
  const { id, scope, state, revision, createdAt, wraps } = change.row
  const next = [state, revision, createdAt.getTime(), encodeBytesList(wraps)]
  const where = [id, scope.kind, scope.owner, scope.server, change.ifRevision]
  return client.run(sql.replaceDataKey, ...next, ...where) > 0
}
