// The data keys of the memory store: rows by id, the active row of each scope, and lists in order of id.
import { compareUtf8 } from '../../bytes/index.ts'
import type { DataKeyScope, DataKeyStore, StoredDataKey } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { copyDataKey } from './copy.ts'
import { take } from './order.ts'
import { sortedIndex } from './sorted-index.ts'

interface Position {
  readonly id: string
}

/** `onChange` is called with the scope of each row that was replaced or removed. */
export function memoryDataKeys(onChange: (scope: DataKeyScope) => void): DataKeyStore {
  const rows = new Map<string, StoredDataKey>()
  const activeIds = new Map<string, string>()
  const index = sortedIndex<Position, StoredDataKey>((a, b) => compareUtf8(a.id, b.id))
  const inScope = (id: string, scope: DataKeyScope): StoredDataKey | undefined => {
    const row = rows.get(id)
    return row !== undefined && scopeKey(row.scope) === scopeKey(scope) ? row : undefined
  }
  const activeOf = (scope: DataKeyScope): StoredDataKey | undefined => {
    const id = activeIds.get(scopeKey(scope))
    return id === undefined ? undefined : rows.get(id)
  }
  const keep = (row: StoredDataKey): void => {
    const key = scopeKey(row.scope)
    rows.set(row.id, row)
    for (const list of listKeys(row)) index.set(list, row)
    if (row.state === 'active') activeIds.set(key, row.id)
    else if (activeIds.get(key) === row.id) activeIds.delete(key)
  }

  return {
    find(id, scope) {
      const row = inScope(id, scope)
      return row && copyDataKey(row)
    },
    active(scope) {
      const row = activeOf(scope)
      return row && copyDataKey(row)
    },
    insert(row) {
      const winner = activeOf(row.scope)
      if (winner !== undefined) return copyDataKey(winner)
      if (rows.has(row.id)) throw refused('A data key with this id exists already.')
      const kept = copyDataKey(row)
      keep(kept)
      return copyDataKey(kept)
    },
    replace(row, { ifRevision }) {
      const before = inScope(row.id, row.scope)
      if (before?.revision !== ifRevision) return false
      const active = activeOf(row.scope)
      if (row.state === 'active' && active !== undefined && active.id !== row.id)
        throw refused('The scope has another active data key.')
      keep(copyDataKey(row))
      onChange(row.scope)
      return true
    },
    remove(id, scope) {
      const row = inScope(id, scope)
      if (row === undefined) return
      rows.delete(id)
      for (const list of listKeys(row)) index.delete(list, row)
      if (row.state === 'active') activeIds.delete(scopeKey(scope))
      onChange(scope)
    },
    list(query) {
      const list = query.owner === undefined ? '*' : `o${query.owner}`
      const after = query.after === undefined ? undefined : { id: query.after }
      return take(index.ascending(list, after), {
        limit: query.limit,
        map: copyDataKey,
      })
    },
  }
}

/** Names hold no control characters, so NUL keeps the parts apart. */
function scopeKey({ kind, owner, server }: DataKeyScope): string {
  return `${kind}\0${owner}\0${server}`
}

function listKeys(row: StoredDataKey): string[] {
  return ['*', `o${row.scope.owner}`]
}

function refused(detail: string): VaultError {
  return new VaultError('VAULT_STORE_FAILED', { detail, retryable: false })
}
